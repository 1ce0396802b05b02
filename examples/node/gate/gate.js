// Tollgate's whole gate in Node: entitlements, catalogue, sessions, keys and policy are functions of yours.
//
// The gate's functions are asynchronous on both sides, which on JavaScript needs JSPI (WebAssembly.Suspending).
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Says that the runtime lacks what the gate needs. */
export class NoJspiError extends Error {
  constructor() {
    super(
      "this runtime has no JSPI (WebAssembly.Suspending): the gate needs Node 25 or newer, or 24.21, and this is " +
        `${process.version}; @tollgate/signer runs without it`,
    );
    this.name = "NoJspiError";
  }
}

/** What the gate denied: `denial.tag` names the rule, as in wit/playback.wit. */
export class DeniedError extends Error {
  constructor(denial) {
    super(denial.tag);
    this.name = "DeniedError";
    this.denial = denial;
  }
}

/** A port throws this, as in wit/types.wit: `{ tag: "unavailable" }`, `{ tag: "timeout" }`, `{ tag: "other", val }`. */
export class PortError extends Error {
  constructor(payload) {
    super(payload.tag);
    this.name = "PortError";
    this.payload = payload;
  }
}

// The gate takes an error of its contract for an answer and any other exception for the end of the instance. So what a
// port throws by accident becomes an answer, and its text, which may hold anything, goes no further. A port that never
// answers would keep its call, and soon all instances: after `limit` milliseconds that is an answer, too.
const guarded = (run, limit) => async (...parameters) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new PortError({ tag: "timeout" })), limit);
  });
  try {
    return await Promise.race([run(...parameters), late]);
  } catch (error) {
    throw error instanceof PortError ? error : new PortError({ tag: "other", val: "the port threw" });
  } finally {
    clearTimeout(timer);
  }
};

function port(functions, limit) {
  return Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, guarded(run, limit)]));
}

/** A key the host keeps: the gate asks for signatures and never sees it. Extend this, or hand out `revealed` keys. */
export class SigningKey {
  keyPairId() {
    throw new PortError({ tag: "other", val: "no id" });
  }
  /** SubjectPublicKeyInfo PEM, by which the gate knows its own links again. Without it none works. */
  publicKey() {
    return "";
  }
  async sign(_message, _hash) {
    throw new PortError({ tag: "other", val: "no signature" });
  }
}

/** A key of the host's whose signatures are waited for as long as for any port. */
class GuardedKey extends SigningKey {
  #key;
  constructor(key, limit) {
    super();
    this.#key = key;
    this.sign = guarded((message, hash) => key.sign(message, hash), limit);
  }
  keyPairId() {
    return this.#key.keyPairId();
  }
  algorithm() {
    return this.#key.algorithm();
  }
  publicKey() {
    return this.#key.publicKey();
  }
}

function signingKeyPort(functions, limit) {
  const held = (run) => async (...parameters) => {
    const key = await run(...parameters);
    return key?.tag === "held" ? { tag: "held", val: new GuardedKey(key.val, limit) } : key;
  };
  const { current, byId } = port(functions, limit);
  return { current: held(current), byId: held(byId), SigningKey };
}

/** Whoever delivers nothing by playlist need not read any. */
const noPlaylists = {
  async read() {
    throw new PortError({ tag: "other", val: "this program reads no playlists" });
  },
};

// As jco 1.35 stands, a second call into an instance while the first one waits for a port never ends. So each call has
// an instance of its own while it lasts; they share the compiled modules, and one that trapped is not used again.
function pool(make, most) {
  const idle = [];
  const queue = [];
  let running = 0;
  return async (use) => {
    if (running < most) running += 1;
    else await new Promise((resolve) => queue.push(resolve));
    try {
      const instance = idle.pop() ?? (await make());
      try {
        return await use(instance);
      } finally {
        if (!instance.trapped) idle.push(instance);
      }
    } finally {
      // The place goes to whoever waits longest.
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/**
 * Makes a gate out of ports: `entitlements.lookup`, `catalog.episode`, `.exists` and `.read`, `sessions.claim`, `.renew`,
 * `.release` and `.active`, `signingKeys.current` and `.byId`, `settings.policy`. At most `instances` calls run at once.
 * A port has `portTimeout` milliseconds to answer.
 */
export async function createGate(ports, { clock = Date.now, instances = 16, portTimeout = 3000 } = {}) {
  if (!("Suspending" in WebAssembly)) throw new NoJspiError();
  const generated = new URL("./generated/", import.meta.url);
  const { instantiate } = await import(new URL("gate.js", generated).href);
  const modules = new Map();
  for (const name of ["gate.core.wasm", "gate.core2.wasm", "gate.core3.wasm"]) {
    modules.set(name, await WebAssembly.compile(await readFile(new URL(name, generated))));
  }
  const imports = {
    "tollgate:gate/entitlements": port(ports.entitlements, portTimeout),
    "tollgate:gate/catalog": port({ ...noPlaylists, ...ports.catalog }, portTimeout),
    "tollgate:gate/sessions": port(ports.sessions, portTimeout),
    "tollgate:gate/signing-keys": signingKeyPort(ports.signingKeys, portTimeout),
    "tollgate:gate/settings": port(ports.settings, portTimeout),
    "wasi:clocks/wall-clock": {
      now() {
        const now = clock();
        return { seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * 1_000_000 };
      },
    },
    "wasi:random/random": { getRandomBytes: (length) => new Uint8Array(randomBytes(Number(length))) },
  };
  const make = async () => {
    const { playback } = await instantiate((name) => modules.get(name), imports);
    return { playback, trapped: false };
  };
  const withInstance = pool(make, instances);
  const exported = (name) => (...parameters) =>
    withInstance(async (instance) => {
      try {
        return await instance.playback[name](...parameters);
      } catch (error) {
        if (typeof error?.payload?.tag === "string") throw new DeniedError(error.payload);
        instance.trapped = true;
        throw error;
      }
    });
  const names = ["authorize", "authorizePlaylist", "linkedPlaylist", "linkedCookies", "renew", "release", "devices", "ready"];
  return Object.fromEntries(names.map((name) => [name, exported(name)]));
}
