"""Signs with botocore and the aws CLI, and verifies with cryptography, what stdin asks for as one JSON document."""

import base64
import contextlib
import datetime
import io
import json
import sys
import unittest.mock

import botocore.session
from awscli.clidriver import create_clidriver
from botocore.config import Config
from botocore.signers import CloudFrontSigner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

SESSION = botocore.session.Session()
HASHES = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}


def moment(seconds):
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def botocore_signs(case):
    with open(case["privateKey"], "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)

    def sign(message):
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, padding.PKCS1v15(), hashes.SHA1())
        return key.sign(message, ec.ECDSA(hashes.SHA1()))

    signer = CloudFrontSigner(case["keyPairId"], sign)
    if case.get("notBefore") is None and case.get("ip") is None and case.get("resource") is None:
        return signer.generate_presigned_url(case["url"], date_less_than=moment(case["expires"]))
    policy = signer.build_policy(
        case.get("resource") or case["url"],
        moment(case["expires"]),
        date_greater_than=moment(case.get("notBefore")),
        ip_address=case.get("ip"),
    )
    return signer.generate_presigned_url(case["url"], policy=policy)


def aws_cli(case):
    arguments = ["cloudfront", "sign", "--url", case["url"], "--key-pair-id", case["keyPairId"]]
    arguments += ["--private-key", "file://" + case["privateKey"], "--date-less-than", str(case["expires"])]
    if case.get("notBefore") is not None:
        arguments += ["--date-greater-than", str(case["notBefore"])]
    if case.get("ip") is not None:
        arguments += ["--ip-address", case["ip"]]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = create_clidriver().main(arguments)
    if status != 0:
        raise RuntimeError(f"aws cloudfront sign: exit {status}")
    return out.getvalue().strip()


def verifies(case):
    with open(case["publicKey"], "rb") as file:
        key = serialization.load_pem_public_key(file.read())
    signature, message = base64.b64decode(case["signature"]), base64.b64decode(case["message"])
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), HASHES[case["hash"]]())
        else:
            key.verify(signature, message, ec.ECDSA(HASHES[case["hash"]]()))
        return True
    except InvalidSignature:
        return False


class Sent(Exception):
    """Instead of sending a request to AWS."""


def s3(case):
    sent = []

    def take(request, **_):
        sent.append(request)
        raise Sent

    config = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required")
    # One session for all, which reads what it knows of S3 only once.
    client = SESSION.create_client(
        "s3",
        region_name=case["region"],
        config=config,
        aws_access_key_id=case["id"],
        aws_secret_access_key=case["secret"],
        aws_session_token=case.get("token"),
    )
    client.meta.events.register("before-send.s3", take)
    call = client.get_object if case["method"] == "GET" else client.head_object
    now = moment(case["at"]).replace(tzinfo=None)
    with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: now), contextlib.suppress(Sent):
        call(Bucket=case["bucket"], Key=case["key"])
    headers = {name.lower(): value for name, value in sent[0].headers.items()}
    names = ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]
    headers = {name: headers[name] for name in names if name in headers}
    text = {name: value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
    return {"url": sent[0].url, "headers": text}


TASKS = {"botocore": botocore_signs, "s3": s3, "aws-cli": aws_cli, "verify": verifies}
request = json.load(sys.stdin)
json.dump([TASKS[request["task"]](case) for case in request["cases"]], sys.stdout)
