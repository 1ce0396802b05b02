"""The component behind the dataclasses. Everything that wasmtime leaves untyped stays in this file."""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType
from typing import Any, Iterable, cast

from wasmtime import Engine, Store
from wasmtime.component import Component, Func, Linker, Record, ResourceAny

from ._values import (
    Algorithm,
    Check,
    CookieAttributes,
    DenialCode,
    Denied,
    EdgeRequest,
    InvalidFieldError,
    Report,
    SignedCookie,
    Terms,
    TrustedKey,
)

_SIGNING = "tollgate:gate/signing@0.1.0"
_VERIFICATION = "tollgate:gate/verification@0.1.0"
_CODES: dict[str, DenialCode] = {
    "missing-key": "MissingKey",
    "invalid-key": "InvalidKey",
    "malformed-signature": "MalformedSignature",
    "malformed-policy": "MalformedPolicy",
    "access-denied": "AccessDenied",
}


class Tollgate:
    """One instance of the component. May be shared between threads, which take turns."""

    def __init__(self, wasm: bytes) -> None:
        engine = Engine()
        component = Component(engine, wasm)
        self._store = Store(engine)
        # The linker is empty: a component that imported anything would not be instantiated.
        self._instance = Linker(engine).instantiate(self._store, component)
        self._lock = threading.RLock()
        self._functions: dict[tuple[str, str], Func] = {}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Tollgate:
        """Reads and compiles `signer.wasm`; do it once per process."""
        with open(path, "rb") as file:
            return cls(file.read())

    def signer(self, key_pair_id: str, pem: str) -> Signer:
        """Takes a PKCS#1, PKCS#8 or SEC1 PEM of an RSA-2048 or P-256 key."""
        return Signer(self, self._fallible(_SIGNING, "[static]signer.parse", key_pair_id, pem))

    def verifier(self, keys: Iterable[TrustedKey], strict: bool = False) -> Verifier:
        """Takes the keys of the trusted groups. `strict` denies what CloudFront's documents leave open."""
        records = [_record(key_pair_id=key.key_pair_id, public_key=key.public_key) for key in keys]
        return Verifier(self, self._fallible(_VERIFICATION, "[static]verifier.create", records, strict))

    def strip(self, url: str) -> str:
        """Removes the signing parameters of a URL, so that an origin and a cache key never see them."""
        return cast(str, self._call(_VERIFICATION, "strip", url))

    def _call(self, interface: str, name: str, *parameters: Any) -> Any:
        with self._lock:
            function = self._functions.get((interface, name))
            if function is None:
                place = self._instance.get_export_index(self._store, interface)
                index = self._instance.get_export_index(self._store, name, place)
                function = self._instance.get_func(self._store, index) if index else None
                if function is None:
                    raise LookupError(f"the component has no {interface} {name}")
                self._functions[interface, name] = function
            return function(self._store, *parameters)

    def _fallible(self, interface: str, name: str, *parameters: Any) -> Any:
        """Calls a function whose error is an `invalid-field`, which no other result is a record of."""
        result = self._call(interface, name, *parameters)
        if isinstance(result, Record):
            raise InvalidFieldError(_field(result, "field"), _field(result, "rule"))
        return result

    def _drop(self, resource: ResourceAny) -> None:
        with self._lock:
            resource.drop(self._store)


class _Resource:
    def __init__(self, tollgate: Tollgate, resource: ResourceAny) -> None:
        self._tollgate = tollgate
        self._held: ResourceAny | None = resource

    @property
    def _resource(self) -> ResourceAny:
        if self._held is None:
            raise ValueError("it was closed")
        return self._held

    def close(self) -> None:
        """Takes the keys out of the component's memory."""
        if self._held is not None:
            self._tollgate._drop(self._held)
            self._held = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Signer(_Resource):
    """A private key, parsed and checked once. Raises InvalidFieldError for what it refuses."""

    def __enter__(self) -> Signer:
        return self

    @property
    def algorithm(self) -> Algorithm:
        return cast(Algorithm, self._tollgate._call(_SIGNING, "[method]signer.algorithm", self._resource))

    def sign_url(self, url: str, terms: Terms) -> str:
        """Signs one URL, with a canned policy where the terms allow it."""
        return cast(str, self._sign("sign-url", url, terms))

    def sign_urls(self, urls: Iterable[str], terms: Terms) -> list[str]:
        """Signs many URLs with one signature. Needs a `resource` in the terms that every URL matches."""
        return cast("list[str]", self._sign("sign-urls", list(urls), terms))

    def sign_cookies(self, url: str, terms: Terms, attributes: CookieAttributes = CookieAttributes()) -> list[SignedCookie]:
        """Makes the cookies that allow a URL, or the resource of the terms."""
        wanted = _record(
            domain=attributes.domain,
            path=attributes.path,
            secure=attributes.secure,
            http_only=attributes.http_only,
            same_site=attributes.same_site,
        )
        cookies = self._sign("sign-cookies", url, terms, wanted)
        return [SignedCookie(cookie.name, cookie.value, cookie.header) for cookie in cookies]

    def _sign(self, name: str, what: str | list[str], terms: Terms, *more: Record) -> Any:
        now = int(time.time()) if terms.now == "machine" else terms.now
        record = _record(
            expires_at=_seconds("expires-at", terms.expires_at),
            not_before=None if terms.not_before is None else _seconds("not-before", terms.not_before),
            ip_address=terms.ip_address,
            resource=terms.resource,
            allow_wildcard_domain=terms.allow_wildcard_domain,
            hash=terms.hash,
            now=None if now is None else _seconds("now", now),
        )
        return self._tollgate._fallible(_SIGNING, f"[method]signer.{name}", self._resource, what, record, *more)


class Verifier(_Resource):
    """A set of trusted keys, parsed and checked once."""

    def __enter__(self) -> Verifier:
        return self

    def verify(self, request: EdgeRequest) -> Denied | None:
        """Answers `None` if the request is allowed, or why it is denied."""
        return _denied(self._ask("verify", request))

    def explain(self, request: EdgeRequest) -> Report:
        """The same, with every check spelled out."""
        report = self._ask("explain", request)
        return Report(
            denied=_denied(report.verdict),
            carrier=report.carrier,
            policy=report.policy,
            expires_at=_field(report, "expires_at"),
            checks=tuple(Check(check.name, check.passed, check.detail) for check in report.checks),
        )

    def _ask(self, name: str, request: EdgeRequest) -> Any:
        record = _record(
            url=request.url,
            cookies=list(request.cookies),
            client_ip=request.client_ip,
            now=_seconds("now", int(time.time()) if request.now is None else request.now),
        )
        return self._tollgate._call(_VERIFICATION, f"[method]verifier.{name}", self._resource, record)


def _record(**fields: Any) -> Record:
    """wasmtime reads a record's fields as attributes, under the contract's names with their hyphens."""
    record = Record()
    for name, value in fields.items():
        setattr(record, name.replace("_", "-"), value)
    return record


def _field(record: Any, name: str) -> Any:
    return getattr(record, name.replace("_", "-"))


def _denied(verdict: Any) -> Denied | None:
    """wasmtime gives a case without a payload as `None`, and the other one as its payload."""
    return None if verdict is None else Denied(_CODES[verdict.code], verdict.reason, verdict.detail)


def _seconds(field: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise InvalidFieldError(field, "must be whole seconds since 1970")
    return value
