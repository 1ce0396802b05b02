// Never run: tsc --strict reads it, and each line after an @ts-expect-error must be an error.
import { InvalidFieldError, Signer, Verifier, hasDotSegments, requestUrl, strip } from "@tollgate/signer";
import type { Report, Terms, TrustedKey, Verdict } from "@tollgate/signer";
import { instantiate } from "@tollgate/signer/component";

const terms: Terms = { expiresAt: 1893456000, notBefore: null, hash: "sha1", now: null };
const signer = new Signer("K2JCJMDEHXQW5F", "pem");
const signed: string = signer.signUrl("https://media.example.com/a.mp4", terms);
const headers: string[] = signer.signCookies(signed, terms, { sameSite: "Lax" }).map((cookie) => cookie.header);
const keys: TrustedKey[] = [{ keyPairId: "K2JCJMDEHXQW5F", publicKey: "pem" }];
const verdict: Verdict = new Verifier(keys, { strict: true }).verify({ url: signed, cookies: headers });
const reason: string | null = verdict.allowed ? null : verdict.reason;
const report: Report = new Verifier(keys).explain({ url: strip(signed), clientIp: "192.0.2.10", now: 1 });
const algorithm: "rsa-2048" | "ecdsa-p256" = signer.algorithm;
const raw = instantiate(() => new WebAssembly.Module(new Uint8Array()), {}).signing.Signer.parse("K1", "pem");
const asked: string | null = requestUrl("https", undefined, "/a.mp4");
const dots: boolean = hasDotSegments(signed);

try {
  signer.dispose();
} catch (error) {
  if (error instanceof InvalidFieldError) console.log(error.field, error.rule);
}

// @ts-expect-error a Date is no count of seconds
signer.signUrl(signed, { expiresAt: new Date() });
// @ts-expect-error the end is not optional
signer.signUrl(signed, {});
// @ts-expect-error there is no such hash
signer.signUrl(signed, { expiresAt: 1, hash: "md5" });
// @ts-expect-error an allowed request has no reason
verdict.reason;
// @ts-expect-error there may be no such URL
new Verifier(keys).verify({ url: asked });
// @ts-expect-error the algorithm is the key's
signer.algorithm = "rsa-2048";

export { algorithm, asked, dots, raw, reason, report };
