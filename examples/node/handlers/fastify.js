// Fastify: hands out signed URLs, and lets only signed requests through to what lies behind.
import { hasDotSegments, requestUrl, strip } from "@tollgate/signer";
import { episodeDirectory } from "./episode.js";

/** GET /watch/:series/:episode, behind your own authentication: a URL that opens the episode's directory for a while. */
export function watch(signer, { origin, seconds = 900, now = () => Math.floor(Date.now() / 1000) }) {
  return async (request, reply) => {
    const directory = episodeDirectory(origin, request.params);
    if (directory === null) return reply.code(400).send({ code: "InvalidName" });
    const terms = { expiresAt: now() + seconds, resource: `${directory}/*`, now: now() };
    reply.header("cache-control", "no-store");
    return { videoUrl: signer.signUrl(`${directory}/video.m3u8`, terms), expiresAt: terms.expiresAt };
  };
}

/**
 * A hook for `onRequest` that answers as CloudFront does. What is allowed finds its URL without signature in
 * `request.strippedUrl`, which the application decorates requests with.
 *
 * The signature is over the URL as viewers see it. Behind a proxy set `trustProxy` to that proxy and nothing more,
 * or anybody may claim to come over https, or from another address.
 */
export function verifySigned(verifier, { now } = {}) {
  return async (request, reply) => {
    const url = requestUrl(request.protocol, request.headers.host, request.originalUrl);
    if (url === null) return reply.code(400).send({ code: "InvalidURI" });
    const verdict = verifier.verify({
      url,
      cookies: request.raw.headersDistinct.cookie,
      clientIp: request.ip,
      now: now?.(request),
    });
    if (verdict.allowed) {
      // What resolves paths would find another file than the one that was signed.
      if (hasDotSegments(request.originalUrl)) return reply.code(400).send({ code: "InvalidURI" });
      request.strippedUrl = strip(request.originalUrl);
      return;
    }
    reply.header("cache-control", "no-store");
    return reply.code(403).send({ code: verdict.code, reason: verdict.reason });
  };
}
