// Express and Fastify over real sockets: every request of the vectors through both, and the way from signing to playing.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Signer, Verifier } from "@tollgate/signer";
import { expressApp, fastifyApp } from "../handlers/app.js";
import { pem, trustedKeys, vectors } from "../../vectors/vectors.js";
import { ask, requestOf } from "../../vectors/ask.js";

const origin = "https://media.example.com";
const signer = new Signer(vectors.keys.rsa.id, pem("rsa", "private"));
const running = [];

async function start(name, strict, now) {
  const parts = { signer, verifier: new Verifier(trustedKeys, { strict }), origin, now };
  if (name === "Express") {
    const server = expressApp(parts).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    running.push(() => server.close());
    return server.address().port;
  }
  const app = fastifyApp(parts);
  await app.listen({ port: 0, host: "127.0.0.1" });
  running.push(() => app.close());
  return app.server.address().port;
}
after(() => Promise.all(running.map((stop) => stop())));

for (const name of ["Express", "Fastify"]) {
  test(`${name} answers every request of the vectors`, async () => {
    const clock = (request) => Number(request.headers["x-test-clock"]);
    const ports = { false: await start(name, false, clock), true: await start(name, true, clock) };
    for (const row of vectors.verify) {
      const answer = await ask(ports[row.strict], requestOf(row));
      assert.equal(answer.status, row.allow ? 200 : 403, row.name);
      const { code = null, reason = null, seen } = JSON.parse(answer.body);
      assert.deepEqual({ code, reason }, { code: row.code, reason: row.reason }, row.name);
      if (row.allow) assert.doesNotMatch(seen, /Signature=|Policy=|Expires=|Key-Pair-Id=|Hash-Algorithm=/, row.name);
    }
  });

  test(`${name} hands out a URL that ${name} lets through`, async () => {
    const port = await start(name, true);
    const answer = await ask(port, { path: "/watch/series-1/ep1", host: "media.example.com" });
    const { videoUrl } = JSON.parse(answer.body);
    const signed = new URL(videoUrl);
    const played = { path: signed.pathname + signed.search, host: signed.host, headers: { "x-forwarded-proto": "https" } };
    const allowed = await ask(port, played);
    assert.equal(allowed.status, 200);
    assert.equal(JSON.parse(allowed.body).seen, "/content/series/series-1/video/ep1/video.m3u8");
    for (const dots of ["../ep2/", "%2e%2e/ep2/", "..%2Fep2/", "x/../../ep2/"]) {
      const elsewhere = await ask(port, { ...played, path: played.path.replace("/ep1/", `/ep1/${dots}`) });
      assert.equal(elsewhere.status, 400, dots);
    }
    // What is judged is what is served: a host takes no path with it, and a target no host.
    for (const forged of [
      { host: `${signed.host}${signed.pathname}`, path: `/premium/m.m3u8${signed.search}` },
      { host: `${signed.host}${signed.pathname}?x=`, path: `/premium/m.m3u8${signed.search}` },
      { host: `viewer@${signed.host}` },
      { path: `//${signed.host}${played.path}` },
      { path: `https://${signed.host}${played.path}` },
    ]) {
      const refused = await ask(port, { ...played, ...forged });
      assert.equal(refused.status, 400, JSON.stringify(forged));
      assert.equal(JSON.parse(refused.body).code, "InvalidURI");
    }
    const denied = await ask(port, { ...played, path: played.path.replace("/ep1/", "/ep2/") });
    assert.equal(denied.status, 403);
    assert.equal(JSON.parse(denied.body).reason, "resource-mismatch");
  });

  test(`${name} signs no name that means more than one episode`, async () => {
    const port = await start(name, true);
    for (const path of ["*/ep1", "series-1/*", "%2A/ep1", "../ep1", "series-1/..", "series-1/%2e%2e", "./ep1", "a%2F../ep1", "series-1/ep%3F", "series-1/e%0A"]) {
      const answer = await ask(port, { path: `/watch/${path}`, host: "media.example.com" });
      assert.equal(answer.status, 400, path);
      assert.doesNotMatch(answer.body, /Signature/, path);
    }
  });
}
