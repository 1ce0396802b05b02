// Express: hands out signed URLs, and lets only signed requests through to what lies behind.
import { hasDotSegments, requestUrl, strip } from "@tollgate/signer";
import { episodeDirectory } from "./episode.js";

/** GET /watch/:series/:episode, behind your own authentication: a URL that opens the episode's directory for a while. */
export function watch(signer, { origin, seconds = 900, now = () => Math.floor(Date.now() / 1000) }) {
  return (request, response) => {
    const directory = episodeDirectory(origin, request.params);
    if (directory === null) return response.status(400).json({ code: "InvalidName" });
    const terms = { expiresAt: now() + seconds, resource: `${directory}/*`, now: now() };
    response.set("cache-control", "no-store");
    response.json({ videoUrl: signer.signUrl(`${directory}/video.m3u8`, terms), expiresAt: terms.expiresAt });
  };
}

/**
 * Middleware that answers as CloudFront does, and passes on what is allowed without its signature.
 *
 * The signature is over the URL as viewers see it. Behind a proxy set `trust proxy` to that proxy and nothing more,
 * or anybody may claim to come over https, or from another address.
 */
export function verifySigned(verifier, { now } = {}) {
  return (request, response, next) => {
    const url = requestUrl(request.protocol, request.get("host"), request.originalUrl);
    if (url === null) return response.status(400).json({ code: "InvalidURI" });
    const verdict = verifier.verify({
      url,
      cookies: request.headersDistinct.cookie,
      clientIp: request.ip,
      now: now?.(request),
    });
    if (verdict.allowed) {
      // What resolves paths would find another file than the one that was signed.
      if (hasDotSegments(request.url)) return response.status(400).json({ code: "InvalidURI" });
      request.url = strip(request.url);
      return next();
    }
    response.set("cache-control", "no-store");
    response.status(403).json({ code: verdict.code, reason: verdict.reason });
  };
}
