// What the environment says, checked at the start.
import { readFileSync } from "node:fs";

export function readSettings(environment) {
  const required = (name) => {
    const value = environment[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  };
  const number = (name, usual) => {
    const value = Number(environment[name] ?? usual);
    if (!Number.isInteger(value) || value < 0) throw new Error(`${name} must be a whole number`);
    return value;
  };
  return {
    port: number("PORT", 8080),
    workers: number("WORKERS", 2),
    domain: required("DOMAIN"),
    keyPairId: required("KEY_PAIR_ID"),
    privateKey: readFileSync(required("PRIVATE_KEY"), "utf8"),
    issuer: required("ISSUER"),
    audience: required("AUDIENCE"),
    issuerPublicKey: readFileSync(required("ISSUER_PUBLIC_KEY"), "utf8"),
    // Who and what there is: user-0 …, all entitled to series-1, with episodes ep0 …
    users: number("USERS", 1000),
    episodes: number("EPISODES", 1),
    // How long each lookup takes, in milliseconds; 0 answers at once.
    lookupMs: number("LOOKUP_MS", 0),
    // Whether a signature is good for the viewer's address only.
    bindIp: environment.BIND_IP === "true",
    ttl: number("TTL", 900),
    lease: number("DEVICE_LEASE", 600),
    maxDevices: number("MAX_DEVICES", 3),
  };
}
