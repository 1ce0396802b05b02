"""Signs and verifies CloudFront URLs and cookies with Tollgate's component `signer.wasm`, through wasmtime.

    tollgate = Tollgate.load("signer.wasm")
    signer = tollgate.signer("K2JCJMDEHXQW5F", pem)
    url = signer.sign_url("https://media.example.com/a.mp4", Terms(expires_at=int(time.time()) + 900))

The component imports nothing: it can reach neither files nor network. URLs are wire-exact: judged, never changed.
Times are whole seconds since 1970.
"""

from ._tollgate import Signer, Tollgate, Verifier
from ._values import (
    Check,
    CookieAttributes,
    Denied,
    EdgeRequest,
    InvalidFieldError,
    Report,
    SignedCookie,
    Terms,
    TrustedKey,
)

__all__ = [
    "Check",
    "CookieAttributes",
    "Denied",
    "EdgeRequest",
    "InvalidFieldError",
    "Report",
    "SignedCookie",
    "Signer",
    "Terms",
    "Tollgate",
    "TrustedKey",
    "Verifier",
]
