"""Checks the manifests beside this file: Kubernetes' own schemas, strictly, and the pod security standard "restricted".

Then it breaks each of them in every way it knows, and fails if that goes unnoticed.
"""

import copy
import pathlib
import sys

import kubernetes_validate
import yaml

# The oldest version that has native sidecars switched on, and the newest whose schemas there are.
VERSIONS = ("1.29", "1.37")
ALLOWED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
FOLDER = pathlib.Path(__file__).parent


def schema(document):
    """What the schema of each version says against a document."""
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{version}: {'.'.join(map(str, error.path))}: {error.message}"


def restricted(spec):
    """What the standard says against a pod: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    pod = spec.get("securityContext", {})
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield f"{key} must not be set"
    for volume in spec.get("volumes", []):
        if not ALLOWED_VOLUMES & volume.keys():
            yield f"volume {volume['name']} is of a kind that is not allowed"
    for container in spec.get("initContainers", []) + spec["containers"]:
        own, name = container.get("securityContext", {}), container["name"]
        inherited = lambda key: own.get(key, pod.get(key))
        if own.get("privileged") or own.get("procMount", "Default") != "Default":
            yield f"{name} must not be privileged"
        if own.get("allowPrivilegeEscalation") is not False:
            yield f"{name} must not be able to escalate privileges"
        if inherited("runAsNonRoot") is not True or inherited("runAsUser") == 0:
            yield f"{name} must not run as root"
        if (inherited("seccompProfile") or {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield f"{name} must have a seccomp profile"
        capabilities = own.get("capabilities", {})
        if "ALL" not in capabilities.get("drop", []) or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
            yield f"{name} must drop all capabilities"
        if any(port.get("hostPort") for port in container.get("ports", [])):
            yield f"{name} must not take a port of the host"


def ours(spec):
    """What a sidecar without a disk is, beyond the standard."""
    sidecars = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always"]
    if [one["name"] for one in sidecars] != ["tollgate"]:
        yield "tollgate must be a native sidecar"
    for container in spec.get("initContainers", []) + spec["containers"]:
        if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
            yield f"{container['name']} must have a read-only root"
        if not container.get("resources", {}).get("limits", {}).get("memory"):
            yield f"{container['name']} must have a limit of memory"
    for volume in spec["volumes"]:
        if "emptyDir" in volume and volume["emptyDir"].get("medium") != "Memory":
            yield f"volume {volume['name']} must be in memory"
    for sidecar in sidecars:
        for probe, path in {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}.items():
            if sidecar.get(probe, {}).get("httpGet", {}).get("path") != path:
                yield f"{probe} must ask for {path}"


def breaches(document):
    """Everything that is wrong with a document."""
    yield from schema(document)
    if document.get("kind") == "Deployment":
        spec = document["spec"]["template"]["spec"]
        yield from restricted(spec)
        yield from ours(spec)


def broken(document):
    """Copies of a deployment, each with one mistake, and what the mistake is."""

    def copies(name, change):
        wrong = copy.deepcopy(document)
        change(wrong["spec"]["template"]["spec"])
        return name, wrong

    first = lambda spec: spec["initContainers"][0]
    context = lambda spec: first(spec)["securityContext"]
    yield copies("a misspelt key", lambda spec: first(spec).update(readynessProbe={}))
    yield copies("a number for a text", lambda spec: first(spec).update(image=1))
    yield copies("a container without a name", lambda spec: first(spec).pop("name"))
    yield copies("a probe of no kind", lambda spec: first(spec)["readinessProbe"].update(httpGet=[]))
    yield copies("root", lambda spec: context(spec).update(runAsUser=0))
    yield copies("perhaps root", lambda spec: spec["securityContext"].pop("runAsNonRoot"))
    yield copies("escalation", lambda spec: context(spec).pop("allowPrivilegeEscalation"))
    yield copies("capabilities", lambda spec: context(spec).pop("capabilities"))
    yield copies("one more capability", lambda spec: context(spec)["capabilities"].update(add=["SYS_ADMIN"]))
    yield copies("no seccomp", lambda spec: spec["securityContext"].pop("seccompProfile"))
    yield copies("the host's network", lambda spec: spec.update(hostNetwork=True))
    yield copies("a folder of the host", lambda spec: spec["volumes"].append({"name": "h", "hostPath": {"path": "/"}}))
    yield copies("a port of the host", lambda spec: first(spec)["ports"][0].update(hostPort=1))
    yield copies("privileged", lambda spec: context(spec).update(privileged=True))
    yield copies("a root that is written to", lambda spec: context(spec).pop("readOnlyRootFilesystem"))
    yield copies("a socket on a disk", lambda spec: spec["volumes"][0].update(emptyDir={}))
    yield copies("readiness by health", lambda spec: first(spec)["readinessProbe"]["httpGet"].update(path="/healthz"))
    yield copies("an init container that ends", lambda spec: first(spec).pop("restartPolicy"))


def main():
    paths = sorted(FOLDER.glob("*.yaml"))
    documents = [(path.name, one) for path in paths for one in yaml.safe_load_all(path.read_text())]
    found = [f"{name}: {one['kind']}: {breach}" for name, one in documents for breach in breaches(one)]
    deployments = [one for _, one in documents if one["kind"] == "Deployment"]
    if not deployments:
        found.append("there is no deployment to check")
    tried = [pair for deployment in deployments for pair in broken(deployment)]
    for mistake, wrong in tried:
        try:
            noticed = any(True for _ in breaches(wrong))
        except (KeyError, TypeError, AttributeError):
            noticed = True
        if not noticed:
            found.append(f"{mistake} goes unnoticed")
    print("\n".join(found) or f"kubernetes: {len(documents)} documents hold, {len(tried)} broken ones do not")
    return 1 if found else 0


sys.exit(main())
