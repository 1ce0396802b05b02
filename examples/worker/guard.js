// Lets only signed requests through to an origin, and answers the others as CloudFront does.
import { Verifier, hasDotSegments, requestUrl, strip } from "@tollgate/signer";

const message = {
  MissingKey: "Missing Key-Pair-Id query parameter or cookie value",
  InvalidKey: "Unknown Key",
  MalformedSignature: "Could not unencode Signature",
  MalformedPolicy: "Malformed Policy",
  AccessDenied: "Access denied",
};

function denied(code, reason, explain) {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message[code]}</Message></Error>`;
  const headers = { "content-type": "text/xml", "cache-control": "no-store" };
  if (explain) headers["x-tollgate-reason"] = reason;
  return new Response(body, { status: 403, headers });
}

/** Whether the URL is that of one place: what the server made of the Host, and the Host itself where there is one. */
function isPlain(request) {
  const [, scheme, authority, target] = request.url.match(/^(\w+):\/\/([^/?#]*)(.*)$/) ?? [];
  return requestUrl(scheme, request.headers.get("host") ?? authority, target ?? "") !== null && requestUrl(scheme, authority, target) !== null;
}

/** The request without its signature: not in the URL, not in a cookie, and not in the page that it came from. */
function unsigned(request, cookies) {
  const onward = new Request(strip(request.url), request);
  onward.headers.delete("referer");
  onward.headers.delete("cookie");
  const kept = cookies.flatMap((value) => value.split(";")).map((pair) => pair.trim());
  const rest = kept.filter((pair) => pair !== "" && !/^cloudfront-/i.test(pair));
  if (rest.length > 0) onward.headers.set("cookie", rest.join("; "));
  return onward;
}

/**
 * Makes the worker. `env` has `TRUSTED_KEYS` (a list of `keyPairId` and `publicKey`), `ORIGIN` (a service to fetch from)
 * and optionally `STRICT` and `EXPLAIN`. Without keys it denies everything.
 */
export function guard({ now = () => Math.floor(Date.now() / 1000) } = {}) {
  const verifiers = new WeakMap();
  const verifierOf = (env) => {
    if (!Array.isArray(env.TRUSTED_KEYS)) throw new Error("must be a list of keyPairId and publicKey");
    if (!verifiers.has(env.TRUSTED_KEYS)) {
      verifiers.set(env.TRUSTED_KEYS, new Verifier(env.TRUSTED_KEYS, { strict: env.STRICT ?? false }));
    }
    return verifiers.get(env.TRUSTED_KEYS);
  };
  return {
    async fetch(request, env) {
      // A signature is a right to read.
      if (request.method !== "GET" && request.method !== "HEAD") {
        return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
      }
      if (!isPlain(request)) return new Response(null, { status: 400 });
      let verifier;
      try {
        verifier = verifierOf(env);
      } catch (error) {
        console.error(`TRUSTED_KEYS: ${error.message}`);
        return denied("AccessDenied", "not-configured", env.EXPLAIN);
      }
      // Several Cookie headers arrive as one, joined by a comma, where the verifier splits at semicolons only.
      const cookies = (request.headers.get("cookie") ?? "").split(/, (?=[^;=\s]+=)/);
      const verdict = verifier.verify({
        url: request.url,
        cookies,
        clientIp: request.headers.get("cf-connecting-ip"),
        now: now(request),
      });
      if (!verdict.allowed) return denied(verdict.code, verdict.reason, env.EXPLAIN);
      // Making a Request resolves them, to another object than the one that was signed.
      if (hasDotSegments(request.url)) return new Response(null, { status: 400 });
      return env.ORIGIN.fetch(unsigned(request, cookies));
    },
  };
}
