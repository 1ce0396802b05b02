// Reads the vectors for the examples in JavaScript.
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The whole of vectors.json, which README.md describes. */
export const vectors = JSON.parse(read("vectors.json"));

/** The PEM of a key, `private` or `public`. */
export const pem = (key, half) => read(vectors.keys[key][half]);

/** Both public keys, as the verify rows trust them. */
export const trustedKeys = Object.keys(vectors.keys).map((key) => ({
  keyPairId: vectors.keys[key].id,
  publicKey: pem(key, "public"),
}));
