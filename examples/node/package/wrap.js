// From what jco generates to what index.d.ts promises: numbers for times, defaults, CloudFront's names, real errors.

/** A value that breaks a rule. */
export class InvalidFieldError extends Error {
  constructor(field, rule) {
    super(`${field} ${rule}`);
    this.name = "InvalidFieldError";
    this.field = field;
    this.rule = rule;
  }
}

const CODES = {
  "missing-key": "MissingKey",
  "invalid-key": "InvalidKey",
  "malformed-signature": "MalformedSignature",
  "malformed-policy": "MalformedPolicy",
  "access-denied": "AccessDenied",
};

const dispose = Symbol.dispose ?? Symbol.for("dispose");
const now = () => Math.floor(Date.now() / 1000);

function seconds(field, value) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidFieldError(field, "must be whole seconds since 1970");
  }
  return BigInt(value);
}

const optionalSeconds = (field, value) => (value == null ? undefined : seconds(field, value));

/** Calls into the component. What it refuses is a field and a rule; anything else is a fault of the component. */
function call(run) {
  try {
    return run();
  } catch (error) {
    const refused = error?.payload;
    if (typeof refused?.field !== "string" || typeof refused?.rule !== "string") throw error;
    throw new InvalidFieldError(refused.field, refused.rule);
  }
}

function componentTerms(terms) {
  return {
    expiresAt: seconds("expires-at", terms.expiresAt),
    notBefore: optionalSeconds("not-before", terms.notBefore),
    ipAddress: terms.ipAddress ?? undefined,
    resource: terms.resource ?? undefined,
    allowWildcardDomain: terms.allowWildcardDomain ?? false,
    hash: terms.hash ?? "sha256",
    // Only an explicit null signs the past: who leaves it out wants a signature that works.
    now: terms.now === null ? undefined : seconds("now", terms.now ?? now()),
  };
}

function componentRequest(request) {
  return {
    url: request.url,
    cookies: [...(request.cookies ?? [])],
    clientIp: request.clientIp ?? undefined,
    now: seconds("now", request.now ?? now()),
  };
}

function publicVerdict(verdict) {
  if (verdict.tag === "allow") return { allowed: true };
  const { code, reason, detail } = verdict.val;
  return { allowed: false, code: CODES[code], reason, detail };
}

const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\]|%2f|%5c|$)/i;

/** Whether an origin might resolve the path to another object than the one that was signed. */
export function hasDotSegments(url) {
  return DOT_SEGMENT.test(url.split("?", 1)[0]);
}

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/**
 * Puts together the URL of a request from what came on the wire, or answers null if that names no single place. A Host
 * with a slash in it would have another path judged than the one that is served, and so would a target with a host.
 */
export function requestUrl(scheme, host, target) {
  if (scheme !== "http" && scheme !== "https") return null;
  if (typeof host !== "string" || !HOST.test(host)) return null;
  if (!/^\/(?![/\\])/.test(target)) return null;
  return `${scheme}://${host}${target}`;
}

/** Makes the classes of this package over one instance of the component. */
export function wrap({ signing, verification }) {
  class Signer {
    #signer;

    constructor(keyPairId, pem) {
      this.#signer = call(() => signing.Signer.parse(keyPairId, pem));
    }

    get algorithm() {
      return this.#signer.algorithm();
    }

    signUrl(url, terms) {
      return call(() => this.#signer.signUrl(url, componentTerms(terms)));
    }

    signUrls(urls, terms) {
      return call(() => this.#signer.signUrls([...urls], componentTerms(terms)));
    }

    signCookies(url, terms, attributes = {}) {
      const { domain, path, secure = true, httpOnly = true, sameSite } = attributes;
      return call(() => this.#signer.signCookies(url, componentTerms(terms), { domain, path, secure, httpOnly, sameSite }));
    }

    [dispose]() {
      this.#signer[dispose]();
    }

    dispose() {
      this[dispose]();
    }
  }

  class Verifier {
    #verifier;

    constructor(keys, { strict = false } = {}) {
      const trusted = Array.from(keys, ({ keyPairId, publicKey }) => ({ keyPairId, publicKey }));
      this.#verifier = call(() => verification.Verifier.create(trusted, strict));
    }

    verify(request) {
      return publicVerdict(this.#verifier.verify(componentRequest(request)));
    }

    explain(request) {
      const { verdict, carrier, policy, expiresAt, checks } = this.#verifier.explain(componentRequest(request));
      return {
        verdict: publicVerdict(verdict),
        carrier: carrier ?? null,
        policy: policy ?? null,
        expiresAt: expiresAt === undefined ? null : Number(expiresAt),
        checks: checks.map(({ name, passed, detail }) => ({ name, passed: passed ?? null, detail })),
      };
    }

    [dispose]() {
      this.#verifier[dispose]();
    }

    dispose() {
      this[dispose]();
    }
  }

  return { Signer, Verifier, strip: (url) => verification.strip(url) };
}
