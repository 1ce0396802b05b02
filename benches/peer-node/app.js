// One route: may this viewer watch this, now, on this device? And if so, with which signed URLs?
import { createHash, createPrivateKey } from "node:crypto";
import { getSignedUrl } from "@aws-sdk/cloudfront-signer";
import Fastify from "fastify";
import { importSPKI, jwtVerify } from "jose";
import { Store } from "./store.js";

const PATH = "/users/:userId/series/:seriesId/episodes/:episodeId/signed-urls";
const ROLES = ["Standard", "Admin", "ContentCreator"];
const STATUSES = ["active", "completed"];

export async function buildServer(settings) {
  const store = new Store(settings);
  const issuerKey = await importSPKI(settings.issuerPublicKey, "RS256");
  const accepted = { issuer: settings.issuer, audience: settings.audience, algorithms: ["RS256"] };
  // The signer hands it to node:crypto as it is, so it is parsed once and not for each signature.
  const privateKey = createPrivateKey(settings.privateKey);
  const { keyPairId } = settings;

  const server = Fastify({ trustProxy: "127.0.0.1" });

  server.get(PATH, async (request, reply) => {
    const { userId, seriesId, episodeId } = request.params;
    const claims = await verified(request.headers.authorization);
    if (!claims) return problem(reply, 401, "unauthenticated");
    const roles = Array.isArray(claims.roles) ? claims.roles : [];
    if (!roles.some((role) => ROLES.includes(role))) return problem(reply, 403, "forbidden-role");
    if (claims.sub !== userId && !roles.includes("Admin")) return problem(reply, 403, "forbidden-role");

    const folder = `content/series/${seriesId}/video/${episodeId}`;
    const [entitlement, media, isHls] = await Promise.all([
      store.entitlement(userId, seriesId),
      store.episode(seriesId, episodeId),
      store.exists(`${folder}/video.m3u8`),
    ]);
    const now = Math.floor(Date.now() / 1000);
    if (!entitlement || !STATUSES.includes(entitlement.status.toLowerCase())) return problem(reply, 403, "not-entitled");
    if (entitlement.validUntil && entitlement.validUntil <= now) return problem(reply, 403, "not-entitled");
    if (!media) return problem(reply, 404, "episode-not-found");
    if (!isHls && !media.video) return problem(reply, 403, "no-video");

    const lease = store.claim(userId, deviceOf(userId, request), now);
    if (!lease) return problem(reply, 429, "device-limit-exceeded");

    const expiresAt = now + settings.ttl;
    const origin = `https://${settings.domain}/`;
    // Players fetch everything beside the playlist, so a playlist needs a policy with a wildcard.
    const videoUrl = isHls
      ? getSignedUrl({
          url: `${origin}${folder}/video.m3u8`,
          keyPairId,
          privateKey,
          policy: policy(`${origin}${folder}/*`, expiresAt, request.ip),
        })
      : signed(`${origin}${media.video}`, expiresAt, request.ip);
    const posterUrl = media.poster ? signed(`${origin}${media.poster}`, expiresAt, request.ip) : undefined;
    return {
      videoUrl,
      posterUrl,
      expiresAt,
      expiresIn: settings.ttl,
      isHls,
      sessionId: lease.id,
      sessionExpiresAt: lease.expiresAt,
      refreshAt: now + Math.min(settings.lease / 2, (settings.ttl * 4) / 5),
      delivery: "url",
    };
  });

  async function verified(authorization) {
    if (!authorization?.startsWith("Bearer ")) return null;
    try {
      return (await jwtVerify(authorization.slice("Bearer ".length), issuerKey, accepted)).payload;
    } catch {
      return null;
    }
  }

  function signed(url, expiresAt, ip) {
    return getSignedUrl({
      url,
      keyPairId,
      privateKey,
      dateLessThan: new Date(expiresAt * 1000).toISOString(),
      ipAddress: settings.bindIp ? ip : undefined,
    });
  }

  function policy(resource, expiresAt, ip) {
    const condition = { DateLessThan: { "AWS:EpochTime": expiresAt } };
    if (settings.bindIp) condition.IpAddress = { "AWS:SourceIp": `${ip}/32` };
    return JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
  }

  return server;
}

function deviceOf(user, request) {
  return createHash("sha256").update(`${user}:${request.ip}:${request.headers["user-agent"] ?? ""}`).digest("hex");
}

function problem(reply, status, type) {
  return reply.code(status).type("application/problem+json").send({ type, status });
}
