"""The wrapper against the vectors: what openssl signed, byte for byte, and what an edge must answer."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tollgate_signer import CookieAttributes, EdgeRequest, InvalidFieldError, Terms, Tollgate, TrustedKey  # noqa: E402

VECTORS = HERE.parents[1] / "vectors"
ROWS = json.loads((VECTORS / "vectors.json").read_text())
TOLLGATE = Tollgate.load(os.environ["TOLLGATE_SIGNER"])


def pem(key, half):
    return (VECTORS / ROWS["keys"][key][half]).read_text()


TRUSTED = [TrustedKey(key["id"], pem(name, "public")) for name, key in ROWS["keys"].items()]
SIGNERS = {name: TOLLGATE.signer(key["id"], pem(name, "private")) for name, key in ROWS["keys"].items()}


def terms(row):
    return Terms(
        expires_at=row["expiresAt"],
        not_before=row["notBefore"],
        ip_address=row["ipAddress"],
        resource=row["resource"],
        hash=row["hash"],
        now=None,
    )


def parameter(url, name):
    found = [part for part in url.partition("?")[2].split("&") if part.startswith(f"{name}=")]
    return found[0].partition("=")[2] if found else None


def decoded(text):
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)


def openssl_verifies(row, signature):
    with tempfile.NamedTemporaryFile() as file:
        file.write(decoded(signature))
        file.flush()
        public = VECTORS / ROWS["keys"][row["key"]]["public"]
        command = ["openssl", "dgst", f"-{row['hash']}", "-verify", public, "-signature", file.name]
        return subprocess.run(command, input=row["message"].encode(), capture_output=True).returncode == 0


class Vectors(unittest.TestCase):
    def test_signs_what_openssl_signs(self):
        verifier = TOLLGATE.verifier(TRUSTED)
        for row in ROWS["sign"]:
            with self.subTest(row["name"]):
                signed = SIGNERS[row["key"]].sign_url(row["url"], terms(row))
                policy, signature = parameter(signed, "Policy"), parameter(signed, "Signature")
                if policy is not None:
                    self.assertEqual(decoded(policy).decode(), row["message"])
                if row["signed"] is None:
                    self.assertTrue(openssl_verifies(row, signature))
                else:
                    self.assertEqual(signature, row["signature"])
                    self.assertEqual(signed, row["signed"])
                address = (row["ipAddress"] or "192.0.2.1").replace("0/24", "7")
                self.assertIsNone(verifier.verify(EdgeRequest(signed, client_ip=address, now=row["expiresAt"] - 1)))
                self.assertEqual(TOLLGATE.strip(signed), row["url"].removesuffix("?"))

    def test_answers_as_an_edge(self):
        for row in ROWS["verify"]:
            with self.subTest(row["name"]), TOLLGATE.verifier(TRUSTED, row["strict"]) as verifier:
                request = EdgeRequest(row["url"], row["cookies"], row["clientIp"], row["now"])
                denied = verifier.verify(request)
                found = (None, None) if denied is None else (denied.code, denied.reason)
                self.assertEqual((denied is None, found), (row["allow"], (row["code"], row["reason"])))
                report = verifier.explain(request)
                self.assertEqual(report.denied and report.denied.reason, row["reason"])
                self.assertTrue(report.checks)

    def test_cookies_carry_what_urls_carry(self):
        row = next(row for row in ROWS["sign"] if row["name"] == "custom, a directory")
        cookies = SIGNERS["rsa"].sign_cookies(row["url"], terms(row), CookieAttributes(path="/", same_site="Lax"))
        self.assertIn(row["signature"], [cookie.value for cookie in cookies])
        self.assertTrue(all(cookie.header.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax") for cookie in cookies))
        header = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
        request = EdgeRequest(row["url"], [header], now=row["expiresAt"] - 1)
        report = TOLLGATE.verifier(TRUSTED).explain(request)
        self.assertIsNone(report.denied)
        self.assertEqual((report.carrier, report.expires_at, report.policy), ("cookies", row["expiresAt"], row["message"]))

    def test_one_signature_serves_many_urls(self):
        row = next(row for row in ROWS["sign"] if row["name"] == "custom, a directory")
        urls = [row["url"].replace("video.m3u8", f"segment-{number}.ts") for number in (1, 2)]
        signed = SIGNERS["rsa"].sign_urls(urls, terms(row))
        self.assertEqual([parameter(url, "Signature") for url in signed], [row["signature"]] * 2)

    def test_what_is_refused_names_field_and_rule_and_no_secret(self):
        url, end = "https://media.example.com/a.mp4", int(time.time()) + 60
        sign = SIGNERS["rsa"].sign_url
        refused = {
            "expires-at": [lambda: sign(url, Terms(1)), lambda: sign(url, Terms(-1)), lambda: sign(url, Terms(end * 10**6))],
            "url": [lambda: sign(url + "#t=5", Terms(end)), lambda: sign(url + "?Policy=x", Terms(end))],
            "resource": [lambda: sign(url, Terms(end, resource="https://other.example.com/*"))],
            "ip-address": [lambda: sign(url, Terms(end, ip_address="2001:db8::1"))],
            "key-pair-id": [lambda: TOLLGATE.signer("not an id", pem("rsa", "private"))],
            "keys[0].public-key": [lambda: TOLLGATE.verifier([TrustedKey("K1", "nonsense")])],
        }
        for field, calls in refused.items():
            for call in calls:
                with self.subTest(field), self.assertRaises(InvalidFieldError) as caught:
                    call()
                self.assertEqual(caught.exception.field, field)
                self.assertTrue(caught.exception.rule)
        with self.assertRaises(InvalidFieldError) as caught:
            TOLLGATE.signer("K1", pem("rsa", "private").replace("-----END", "SECRET-----END"))
        self.assertNotIn("SECRET", str(caught.exception))

    def test_a_closed_signer_signs_nothing(self):
        with TOLLGATE.signer("K1", pem("p256", "private")) as signer:
            self.assertEqual(signer.algorithm, "ecdsa-p256")
        with self.assertRaises(ValueError):
            signer.sign_url("https://media.example.com/a.mp4", Terms(int(time.time()) + 60))

    def test_threads_take_turns(self):
        row = ROWS["sign"][0]
        signed = []
        sign = lambda: signed.extend(SIGNERS["rsa"].sign_url(row["url"], terms(row)) for _ in range(10))  # noqa: E731
        threads = [threading.Thread(target=sign) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(signed, [row["signed"]] * 80)


if __name__ == "__main__":
    unittest.main()
