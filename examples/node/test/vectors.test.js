// The installed package against the vectors: what openssl signed, byte for byte, and what an edge must answer.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { InvalidFieldError, Signer, Verifier, hasDotSegments, strip } from "@tollgate/signer";
import { pem, trustedKeys, vectors } from "../../vectors/vectors.js";

const signers = Object.fromEntries(
  Object.entries(vectors.keys).map(([name, { id }]) => [name, new Signer(id, pem(name, "private"))]),
);
const parameter = (url, name) => url.match(new RegExp(`[?&]${name}=([^&]*)`))?.[1];
const bytes = (text) => Buffer.from(text.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"), "base64");

function opensslVerifies({ key, hash, message }, signature) {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
  try {
    const file = join(folder, "signature");
    writeFileSync(file, bytes(signature));
    const half = fileURLToPath(new URL(`../../vectors/${vectors.keys[key].public}`, import.meta.url));
    execFileSync("openssl", ["dgst", `-${hash}`, "-verify", half, "-signature", file], { input: message });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const row of vectors.sign) {
  test(`signs: ${row.name}`, () => {
    const signed = signers[row.key].signUrl(row.url, { ...row, now: null });
    const signature = parameter(signed, "Signature");
    const policy = parameter(signed, "Policy");
    if (policy) assert.equal(bytes(policy).toString(), row.message);
    if (row.signed === null) {
      assert.ok(opensslVerifies(row, signature));
    } else {
      assert.equal(signature, row.signature);
      assert.equal(signed, row.signed);
    }
    const request = { url: signed, clientIp: row.ipAddress?.replace("0/24", "7"), now: row.expiresAt - 1 };
    assert.deepEqual(new Verifier(trustedKeys).verify(request), { allowed: true });
    assert.equal(strip(signed), row.url.replace(/\?$/, ""));
  });
}

for (const row of vectors.verify) {
  test(`verifies: ${row.name}`, () => {
    const verifier = new Verifier(trustedKeys, { strict: row.strict });
    const { allowed, code = null, reason = null } = verifier.verify(row);
    assert.deepEqual({ allow: allowed, code, reason }, { allow: row.allow, code: row.code, reason: row.reason });
    const report = verifier.explain(row);
    assert.equal(report.verdict.allowed, row.allow);
    assert.ok(report.checks.length > 0);
    verifier.dispose();
  });
}

test("cookies carry what URLs carry", () => {
  const row = vectors.sign.find(({ name }) => name === "custom, a directory");
  const cookies = signers.rsa.signCookies(row.url, { ...row, now: null }, { domain: "media.example.com", path: "/" });
  const value = Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
  assert.equal(value["CloudFront-Signature"], row.signature);
  assert.match(cookies[0].header, /; Domain=media\.example\.com; Path=\/; Secure; HttpOnly$/);
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const verdict = new Verifier(trustedKeys).verify({ url: row.url, cookies: [header], now: row.expiresAt - 1 });
  assert.deepEqual(verdict, { allowed: true });
});

test("one signature serves many URLs", () => {
  const row = vectors.sign.find(({ name }) => name === "custom, a directory");
  const urls = [1, 2].map((number) => row.url.replace("video.m3u8", `segment-${number}.ts`));
  const signed = signers.rsa.signUrls(urls, { ...row, now: null });
  assert.deepEqual(signed.map((url) => parameter(url, "Signature")), [row.signature, row.signature]);
});

test("what is refused names field and rule, and no secret", () => {
  const end = Math.floor(Date.now() / 1000) + 60;
  const url = "https://media.example.com/a.mp4";
  const refused = [
    ["expires-at", () => signers.rsa.signUrl(url, { expiresAt: 1 })],
    ["expires-at", () => signers.rsa.signUrl(url, { expiresAt: end * 1000 * 1000 })],
    ["expires-at", () => signers.rsa.signUrl(url, { expiresAt: end + 0.5 })],
    ["url", () => signers.rsa.signUrl(`${url}#t=5`, { expiresAt: end })],
    ["url", () => signers.rsa.signUrl(`${url}?Policy=x`, { expiresAt: end })],
    ["resource", () => signers.rsa.signUrl(url, { expiresAt: end, resource: "https://other.example.com/*" })],
    ["ip-address", () => signers.rsa.signUrl(url, { expiresAt: end, ipAddress: "2001:db8::1" })],
    ["same-site", () => signers.rsa.signCookies(url, { expiresAt: end }, { sameSite: "None", secure: false })],
    ["key-pair-id", () => new Signer("not an id", pem("rsa", "private"))],
    ["keys[0].public-key", () => new Verifier([{ keyPairId: "K1", publicKey: "nonsense" }])],
  ];
  for (const [field, run] of refused) {
    assert.throws(run, (error) => {
      assert.ok(error instanceof InvalidFieldError, `${field}: ${error}`);
      assert.equal(error.field, field);
      assert.ok(error.rule.length > 0);
      return true;
    });
  }
  assert.throws(
    () => new Signer("K1", pem("rsa", "private").replace("-----END", "SECRET-----END")),
    (error) => error instanceof InvalidFieldError && !error.message.includes("SECRET"),
  );
  signers.p256.dispose();
  assert.throws(() => signers.p256.signUrl(url, { expiresAt: end }));
});

test("dot segments are told, and nothing else", () => {
  for (const path of ["/a/../b", "/a/..", "/a/./b", "/a/%2e%2E/b", "/a/..%2fb", "/a/.%2e\\b", "/a%5c../b"]) {
    assert.equal(hasDotSegments(`https://media.example.com${path}?x=1`), true, path);
  }
  for (const path of ["/a/...", "/a/.b", "/a/b.", "/a..b/c", "/a?x=/../b", "/%2e%2e%2e/a"]) {
    assert.equal(hasDotSegments(`https://media.example.com${path}`), false, path);
  }
});
