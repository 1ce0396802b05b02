"""The values of the contract as dataclasses. What they mean is in wit/signing.wit and wit/verification.wit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Sequence

Hash = Literal["sha1", "sha256"]
Algorithm = Literal["rsa-2048", "ecdsa-p256"]
SameSite = Literal["Strict", "Lax", "None"]
DenialCode = Literal["MissingKey", "InvalidKey", "MalformedSignature", "MalformedPolicy", "AccessDenied"]


class InvalidFieldError(ValueError):
    """A value that breaks a rule, named so that a person can mend it. Holds no secret."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True)
class Terms:
    """What a signature allows."""

    expires_at: int
    """First second in which it no longer holds."""
    not_before: int | None = None
    """Last second in which it does not hold yet. Makes the policy a custom one."""
    ip_address: str | None = None
    """IPv4 address or CIDR range that may use it. Makes the policy a custom one."""
    resource: str | None = None
    """Resource pattern to sign instead of the URL, which must match it."""
    allow_wildcard_domain: bool = False
    """Accept a wildcard in the domain of the resource."""
    hash: Hash = "sha256"
    """CloudFront assumes SHA-1 unless `Hash-Algorithm` says otherwise; `sha256` adds it."""
    now: int | Literal["machine"] | None = "machine"
    """The clock by which what has expired is refused; `None` signs the past on purpose."""


@dataclass(frozen=True)
class CookieAttributes:
    """Attributes of the cookies."""

    domain: str | None = None
    path: str | None = None
    secure: bool = True
    http_only: bool = True
    same_site: SameSite | None = None


@dataclass(frozen=True)
class SignedCookie:
    """One `Set-Cookie`."""

    name: str
    value: str
    """In CloudFront's alphabet."""
    header: str
    """The complete header value with its attributes."""


@dataclass(frozen=True)
class TrustedKey:
    """A public key the behaviour trusts."""

    key_pair_id: str
    public_key: str
    """SubjectPublicKeyInfo PEM of an RSA-2048 or P-256 key."""


@dataclass(frozen=True)
class EdgeRequest:
    """A request as it came in. Nothing is decoded or normalised."""

    url: str
    """`scheme://host/path?query`, the path and query as on the wire."""
    cookies: Sequence[str] = ()
    """Values of the `Cookie` headers, in order."""
    client_ip: str | None = None
    """Peer address in text. Without it, nothing that is bound to an address is allowed."""
    now: int | None = None
    """The edge's clock; `None` is the machine's."""


@dataclass(frozen=True)
class Denied:
    """Why a request is denied."""

    code: DenialCode
    """What CloudFront answers, always with status 403."""
    reason: str
    """Stable, finer slug, for example `expired`."""
    detail: str
    """A sentence a person can act on."""


@dataclass(frozen=True)
class Check:
    """One step of the verification, for people."""

    name: str
    passed: bool | None
    """`None` if it was not reached or does not apply."""
    detail: str


@dataclass(frozen=True)
class Report:
    """The verdict with everything that led to it."""

    denied: Denied | None
    """`None` if the request is allowed."""
    carrier: str | None
    """`url`, `cookies`, or `None` for an unsigned request."""
    policy: str | None
    expires_at: int | None
    checks: tuple[Check, ...]
