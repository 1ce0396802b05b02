"""What is signed and verified: the rows without their policies and signatures, which `make` adds."""

DISTRIBUTION = "https://d111111abcdef8.cloudfront.net"
MEDIA = "https://media.example.com"
EPISODE = f"{MEDIA}/content/series/series-1/video/ep1"
END = 1893456000  # 2030-01-01T00:00:00Z
START = END - 3600
# Every character a path and a query may hold unescaped, apart from the wildcard, and escapes in both cases.
UNUSUAL = f"{MEDIA}/a%20b/it's!(1)~$@:+,;=_-./%C3%A9%2f/%7e?q=a+b&list=1,2;3&who='me'&empty=&flag&u=/@:?$!()"


def sign(name, key, url, digest, expires_at=END, not_before=None, ip_address=None, resource=None):
    return {
        "name": name,
        "key": key,
        "hash": digest,
        "expiresAt": expires_at,
        "notBefore": not_before,
        "ipAddress": ip_address,
        "url": url,
        "resource": resource,
    }


SIGN = [
    sign("canned, SHA-1", "rsa", f"{DISTRIBUTION}/a.mp4", "sha1"),
    sign("canned, SHA-256", "rsa", f"{DISTRIBUTION}/a.mp4", "sha256"),
    sign("canned, ECDSA with SHA-1", "p256", f"{DISTRIBUTION}/a.mp4", "sha1"),
    sign("canned, ECDSA with SHA-256", "p256", f"{DISTRIBUTION}/a.mp4", "sha256"),
    sign("canned, a query of its own", "rsa", f"{MEDIA}/a.jpg?size=large&license=yes", "sha256"),
    sign("canned, an empty query", "rsa", f"{MEDIA}/a.mp4?", "sha256"),
    sign("canned, http and a port", "rsa", "http://localhost:8443/a.mp4", "sha1"),
    sign("canned, beyond 32 bits", "rsa", f"{MEDIA}/a.mp4", "sha256", expires_at=4102444800),
    sign("canned, unusual characters", "rsa", UNUSUAL, "sha256"),
    sign("canned, the resource is the URL", "rsa", f"{MEDIA}/a.mp4", "sha256", resource=f"{MEDIA}/a.mp4"),
    sign("custom, not before", "rsa", f"{MEDIA}/a.mp4", "sha256", not_before=START),
    sign("custom, one address", "rsa", f"{MEDIA}/a.mp4", "sha1", ip_address="192.0.2.10"),
    sign("custom, a directory", "rsa", f"{EPISODE}/video.m3u8", "sha256", resource=f"{EPISODE}/*"),
    sign("custom, either protocol", "rsa", f"{MEDIA}/training/1.pdf?page=2", "sha256", resource="*://media.example.com/training/*"),
    sign("custom, any query", "rsa", f"{MEDIA}/a.jpg?size=large", "sha1", resource=f"{MEDIA}/a.jpg?size=*"),
    sign(
        "custom, everything at once", "rsa", f"{EPISODE}/720p/segment-7.ts?x=1", "sha256",
        not_before=START, ip_address="198.51.100.0/24", resource=f"{EPISODE}/*",
    ),
    sign(
        "custom, everything at once with ECDSA", "p256", f"{EPISODE}/720p/segment-7.ts?x=1", "sha256",
        not_before=START, ip_address="198.51.100.0/24", resource=f"{EPISODE}/*",
    ),
]


def verify(name, verdict, signed=None, url=None, cookies=(), client_ip="192.0.2.10", now=END - 60, strict=False, edit=None):
    """`signed` names the row of SIGN whose parameters travel, in the query or, where `cookies` has a place for them, there.

    `edit` changes the parameters, a dict in CloudFront's order. `verdict` is None for allowed, else code and reason.
    """
    return {
        "name": name,
        "verdict": verdict,
        "signed": signed,
        "url": url,
        "cookies": list(cookies),
        "clientIp": client_ip,
        "now": now,
        "strict": strict,
        "edit": edit or (lambda parameters: parameters),
    }


def with_(**changes):
    """Sets parameters, or removes those that are None. An underscore stands for the hyphen in a name."""

    def edit(parameters):
        changed = {**parameters, **{name.replace("_", "-"): value for name, value in changes.items()}}
        return {name: value for name, value in changed.items() if value is not None}

    return edit


DENIED, MALFORMED = "AccessDenied", "MalformedPolicy"
VERIFY = [
    verify("allowed: canned, in the query", None, "canned, SHA-1"),
    verify("allowed: SHA-256, declared", None, "canned, SHA-256"),
    verify("allowed: ECDSA", None, "canned, ECDSA with SHA-256"),
    verify("allowed: unusual characters", None, "canned, unusual characters"),
    verify("allowed: a directory, another file, a query added later", None, "custom, a directory", url=f"{EPISODE}/720p/segment-8.ts?x=1"),
    verify("allowed: canned, in cookies", None, "canned, SHA-1", cookies=["{signed}"]),
    verify(
        "allowed: custom, in the second of two cookie headers", None, "custom, everything at once with ECDSA",
        cookies=["theme=dark; lang=en", "a=b; {signed}; c=d"], client_ip="198.51.100.7",
    ),
    verify("allowed: in the last second", None, "canned, SHA-256", now=END - 1),
    verify("allowed: Expires beside Policy", None, "custom, a directory", edit=lambda p: {"Expires": "1", **p}),
    verify("denied: Expires beside Policy, strict", (DENIED, "expires-and-policy"), "custom, a directory", strict=True, edit=lambda p: {"Expires": "1", **p}),
    verify("denied: expired", (DENIED, "expired"), "canned, SHA-256", now=END),
    verify("denied: not yet valid", (DENIED, "not-yet-valid"), "custom, not before", now=START),
    verify("denied: another path", (DENIED, "signature-mismatch"), "canned, SHA-256", url=f"{DISTRIBUTION}/b.mp4"),
    verify("denied: a later end", (DENIED, "signature-mismatch"), "canned, SHA-256", edit=with_(Expires=str(END + 1))),
    verify("denied: the hash not declared", (DENIED, "signature-mismatch"), "canned, SHA-256", edit=with_(Hash_Algorithm=None)),
    verify("denied: made by the other key", (DENIED, "signature-mismatch"), "canned, SHA-256", edit=with_(Key_Pair_Id="KEXAMPLEP256A1")),
    verify("denied: unknown key", ("InvalidKey", "unknown-key"), "canned, SHA-256", edit=with_(Key_Pair_Id="K0NOBODYKNOWS0")),
    verify("denied: no key named", ("MissingKey", "no-key-pair-id"), "canned, SHA-256", edit=with_(Key_Pair_Id=None)),
    verify("denied: unsigned", ("MissingKey", "no-key-pair-id"), url=f"{DISTRIBUTION}/a.mp4", cookies=["theme=dark"]),
    verify("denied: signature not decodable", ("MalformedSignature", "signature-not-decodable"), "canned, SHA-256", edit=with_(Signature="a!b")),
    verify("denied: milliseconds", (MALFORMED, "expires-out-of-range"), "canned, SHA-256", edit=with_(Expires=f"{END}000")),
    verify("denied: a policy that is no JSON", (MALFORMED, "policy-not-json"), "custom, a directory", edit=with_(Policy="bm8ganNvbg__")),
    verify("denied: neither Expires nor Policy", (MALFORMED, "no-expires-or-policy"), "canned, SHA-256", edit=with_(Expires=None)),
    verify("denied: another address", (DENIED, "ip-mismatch"), "custom, one address", client_ip="192.0.2.11"),
    verify("denied: no address", (DENIED, "ip-mismatch"), "custom, one address", client_ip=None),
    verify("denied: IPv6", (DENIED, "ip-mismatch"), "custom, one address", client_ip="2001:db8::1"),
    verify("denied: outside the directory", (DENIED, "resource-mismatch"), "custom, a directory", url=f"{MEDIA}/content/series/series-1/video/ep2/video.m3u8"),
    verify("denied: one bad parameter and good cookies", ("MissingKey", "no-key-pair-id"), "canned, SHA-1", url=f"{DISTRIBUTION}/a.mp4?Expires=1", cookies=["{signed}"]),
]
