// The gate with functions of JavaScript behind it. Where the runtime has no JSPI, only that it says so.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Verifier } from "@tollgate/signer";
import { createGate, DeniedError, PortError, SigningKey } from "../gate/gate.js";
import { memoryPorts } from "../gate/memory.js";
import { pem, trustedKeys, vectors } from "../../vectors/vectors.js";

// Only what never had it may go without: a newer runtime that lost it must not pass by skipping.
assert.ok("Suspending" in WebAssembly || Number.parseInt(process.versions.node) < 25);
const skip = !("Suspending" in WebAssembly) && "no JSPI";
const { id } = vectors.keys.rsa;
const playlist = "content/series/series-1/video/ep1/video.m3u8";
const shop = {
  policy: { domain: "media.example.com", "max-devices": 2 },
  key: { keyPairId: id, pem: pem("rsa", "private") },
  entitlements: { "alice/series-1": { status: "Active" } },
  episodes: { "series-1/ep1": {} },
  objects: [playlist],
};
const viewer = (user, userAgent = "a player") => ({ subject: user, user, roles: ["standard"], sourceIp: "192.0.2.10", userAgent });
const request = (user, userAgent) => ({ viewer: viewer(user, userAgent), series: "series-1", episode: "ep1" });
const denied = (tag) => (error) => error instanceof DeniedError && error.denial.tag === tag;

class HeldKey extends SigningKey {
  keyPairId() {
    return id;
  }
  algorithm() {
    return "rsa-2048";
  }
  publicKey() {
    return pem("rsa", "public");
  }
  async sign(message, hash) {
    return new Uint8Array(sign(hash, message, createPrivateKey(pem("rsa", "private"))));
  }
}

function assertOpens(grant, file) {
  const query = grant.query.map(([name, value]) => `${name}=${value}`).join("&");
  const url = `https://media.example.com/content/series/series-1/video/ep1/${file}?${query}`;
  assert.deepEqual(new Verifier(trustedKeys).verify({ url }), { allowed: true });
}

test("a grant opens the episode's directory", { skip }, async () => {
  const gate = await createGate(memoryPorts(shop));
  await gate.ready();
  const grant = await gate.authorize(request("alice"));
  assert.equal(grant.isHls, true);
  assert.ok(grant.videoUrl.startsWith(`https://media.example.com/${playlist}?Policy=`));
  assertOpens(grant, "720p/segment-7.ts");
});

test("a denial names its rule", { skip }, async () => {
  const gate = await createGate(memoryPorts(shop));
  await assert.rejects(gate.authorize(request("bob")), denied("not-entitled"));
  await assert.rejects(gate.authorize({ ...request("alice"), episode: "ep2" }), denied("episode-not-found"));
  await assert.rejects(gate.authorize({ ...request("alice"), series: "../x" }), denied("invalid-request"));
});

test("requests overlap, and no third device watches", { skip, timeout: 20_000 }, async () => {
  const gate = await createGate(memoryPorts(shop), { instances: 4 });
  const asked = Array.from({ length: 12 }, (_, index) => gate.authorize(request("alice", `device ${index % 3}`)));
  const settled = await Promise.allSettled(asked);
  const refused = settled.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 4);
  assert.ok(refused.every(({ reason }) => denied("device-limit-exceeded")(reason)));
  const devices = await gate.devices(viewer("alice"));
  assert.equal(devices.length, 2);
  assert.equal(await gate.release(viewer("alice"), devices[0].sessionId), true);
  await assert.rejects(gate.renew(viewer("alice"), devices[0].sessionId), denied("session-ended"));
});

test("a lease is renewed for the device that holds it", { skip }, async () => {
  const gate = await createGate(memoryPorts(shop));
  const grant = await gate.authorize(request("alice"));
  const renewed = await gate.renew(viewer("alice"), grant.sessionId);
  assert.equal(renewed.sessionId, grant.sessionId);
  await assert.rejects(gate.renew(viewer("alice", "another"), grant.sessionId), denied("session-ended"));
});

test("no answer of a port is no grant, and the next request works", { skip }, async () => {
  for (const [failure, timedOut] of [
    [new PortError({ tag: "unavailable" }), false],
    [new PortError({ tag: "timeout" }), true],
    [new Error("a secret"), false],
  ]) {
    const ports = memoryPorts(shop);
    const { lookup } = ports.entitlements;
    ports.entitlements.lookup = () => Promise.reject(failure);
    const gate = await createGate({ ...ports, entitlements: { lookup: (...asked) => ports.entitlements.lookup(...asked) } });
    await assert.rejects(gate.authorize(request("alice")), (error) => {
      assert.equal(error.denial?.tag, "dependency-unavailable");
      assert.equal(error.denial.val.port, "entitlements");
      assert.equal(error.denial.val.timedOut, timedOut);
      assert.ok(!JSON.stringify(error.denial).includes("secret"));
      return true;
    });
    ports.entitlements.lookup = lookup;
    await gate.authorize(request("alice"));
  }
});

test("a port that never answers is no grant, and keeps no instance", { skip, timeout: 20_000 }, async () => {
  const hung = () => new Promise(() => {});
  class HungKey extends HeldKey {
    sign() {
      return hung();
    }
  }
  const late = async (port, change) => {
    const ports = memoryPorts(shop);
    const gate = await createGate({ ...ports, ...change(ports) }, { instances: 1, portTimeout: 50 });
    // The second one would wait for the only instance for ever.
    for (const user of ["alice", "alice"]) {
      await assert.rejects(gate.authorize(request(user)), (error) => {
        assert.equal(error.denial?.tag, "dependency-unavailable", port);
        assert.deepEqual([error.denial.val.port, error.denial.val.timedOut], [port, true]);
        return true;
      });
    }
  };
  await late("settings", () => ({ settings: { policy: hung } }));
  await late("entitlements", () => ({ entitlements: { lookup: hung } }));
  await late("catalog", ({ catalog }) => ({ catalog: { ...catalog, exists: hung } }));
  await late("sessions", ({ sessions }) => ({ sessions: { ...sessions, claim: hung } }));
  await late("signing-keys", ({ signingKeys }) => ({ signingKeys: { ...signingKeys, current: hung } }));
  const held = async () => ({ tag: "held", val: new HungKey() });
  await late("signing-keys", ({ signingKeys }) => ({ signingKeys: { ...signingKeys, current: held } }));
});

test("a key that stays with the host signs", { skip }, async () => {
  const signingKeys = { current: async () => ({ tag: "held", val: new HeldKey() }), byId: async () => undefined };
  const gate = await createGate({ ...memoryPorts(shop), signingKeys });
  assertOpens(await gate.authorize(request("alice")), "video.m3u8");
});

const directory = "content/series/series-1/video/ep1";
const linkShop = {
  ...shop,
  policy: { domain: "media.example.com", "max-devices": 1, "gateway-url": "https://api.example.com" },
  playlists: {
    [playlist]: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n360p/index.m3u8\n",
    [`${directory}/360p/index.m3u8`]: "#EXTM3U\n#EXTINF:4,\n1.ts\n#EXTINF:4,\nhttps://ads.example.net/1.ts\n",
  },
};
const byPlaylist = { ...request("alice"), delivery: "playlist" };

/** What a program makes of a request for `url`: who it says it is for, and the query that proves it. */
function linked(url, change = {}) {
  const { pathname, search } = new URL(url);
  const [, , user, , series, , episode, , sessionId] = pathname.split("/");
  return { user, series, episode, sessionId, query: search.slice(1), sourceIp: "198.51.100.4", ...change };
}

test("a player that can send nothing plays by a link", { skip }, async () => {
  const held = { current: async () => ({ tag: "held", val: new HeldKey() }), byId: async () => undefined };
  const ports = memoryPorts(linkShop);
  for (const signingKeys of [ports.signingKeys, held]) {
    const gate = await createGate({ ...ports, signingKeys });
    const grant = await gate.authorize(byPlaylist);
    const sessionUrl = `https://api.example.com/users/alice/series/series-1/episodes/ep1/sessions/${grant.sessionId}`;
    assert.ok(grant.videoUrl.startsWith(`${sessionUrl}/playlist.m3u8?Policy=`), grant.videoUrl);
    assert.deepEqual([grant.delivery, grant.query], ["playlist", []]);

    const master = await gate.linkedPlaylist(linked(grant.videoUrl), { tag: "hls" });
    const nested = master.text.split("\n")[2];
    const key = `${directory}/360p/index.m3u8`;
    assert.ok(master.isHls && nested.startsWith(`${sessionUrl}/media/${key}?Policy=`), nested);
    const media = await gate.linkedPlaylist(linked(nested), { tag: "nested", val: key });
    const [, , segment, , foreign] = media.text.split("\n");
    assert.ok(segment.startsWith(`https://media.example.com/${directory}/360p/1.ts?Policy=`), segment);
    assert.deepEqual(new Verifier(trustedKeys).verify({ url: segment }), { allowed: true });
    assert.equal(foreign, "https://ads.example.net/1.ts");

    const altered = linked(grant.videoUrl.replace("Signature=", "Signature=A"));
    await assert.rejects(gate.linkedPlaylist(altered, { tag: "hls" }), denied("invalid-link"));
    const none = { tag: "nested", val: `${directory}/none.m3u8` };
    await assert.rejects(gate.linkedPlaylist(linked(nested), none), denied("playlist-not-found"));
    await assert.rejects(gate.authorize({ ...byPlaylist, viewer: viewer("alice", "other") }), denied("device-limit-exceeded"));

    await gate.release(viewer("alice"), grant.sessionId);
    await assert.rejects(gate.linkedPlaylist(linked(grant.videoUrl), { tag: "hls" }), (error) => {
      assert.deepEqual(error.denial, { tag: "session-ended", val: { maxDevices: 1, allTaken: false, otherDevice: false } });
      return true;
    });
  }
});

test("a playlist and cookies come without a second device", { skip }, async () => {
  const gate = await createGate(memoryPorts(linkShop));
  const { text } = await gate.authorizePlaylist(request("alice"), { tag: "hls" });
  const { sessionId } = linked(text.split("\n")[2]);
  const grant = await gate.renew(viewer("alice"), sessionId, undefined, "cookies");
  const { location, cookies } = await gate.linkedCookies(linked(grant.bootstrapUrl));
  assert.equal(location, `https://media.example.com/${playlist}`);
  const sent = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
  assert.deepEqual(new Verifier(trustedKeys).verify({ url: location, cookies: [sent] }), { allowed: true });
  const devices = await gate.devices(viewer("alice"));
  assert.deepEqual(devices.map((device) => device.sessionId), [sessionId]);
});

test("a program that reads no playlists needs no function for it", { skip }, async () => {
  const ports = memoryPorts(linkShop);
  const { read, ...catalog } = ports.catalog;
  const gate = await createGate({ ...ports, catalog });
  await gate.authorize(request("alice"));
  await assert.rejects(gate.authorizePlaylist(request("alice"), { tag: "hls" }), (error) => {
    assert.deepEqual([error.denial?.tag, error.denial?.val.port], ["dependency-unavailable", "catalog"]);
    return true;
  });
});

test("the sample says what it needs, or plays", async () => {
  const sample = fileURLToPath(new URL("../gate/play.js", import.meta.url));
  const key = fileURLToPath(new URL("../../vectors/rsa.private.pem", import.meta.url));
  const run = await promisify(execFile)(process.execPath, [sample, id, key]).catch((error) => error);
  if (skip) {
    assert.equal(run.code, 3);
    assert.match(run.stderr, /has no JSPI \(WebAssembly\.Suspending\)/);
  } else {
    assert.match(run.stdout, /^alice: granted https:.*\nbob: not-entitled: /);
  }
});
