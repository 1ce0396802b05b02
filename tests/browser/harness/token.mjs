// Tokens as the demo's issuer mints them, also such as it would not.
import { createPrivateKey, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of `user` that holds for so many seconds from now on, which may be negative. */
export async function token(demo, user, { seconds }) {
  const key = createPrivateKey(await readFile(join(dirname(demo.config), "issuer.private.pem")));
  // Whom it is from and for stands in those that the demo made itself.
  const { iss, aud, roles } = JSON.parse(Buffer.from(demo.tokens.alice.split(".")[1], "base64url").toString());
  const now = Math.floor(Date.now() / 1000);
  const issued = now + Math.min(0, seconds) - 60;
  const text = `${encoded({ typ: "JWT", alg: "ES256" })}.${encoded({ iss, aud, sub: user, roles, iat: issued, nbf: issued, exp: now + seconds })}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
