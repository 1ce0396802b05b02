// The player page plays in every delivery, with hls.js and with the browser's own player, for longer than a signature.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SHORT, startDemo } from "./harness/demo.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { openPlayer } from "./harness/player.mjs";

const HOSTS = { host: "app.tollgate.localhost", "edge-host": "media.tollgate.localhost" };
let demo, browser;

before(async () => {
  demo = await startDemo({ ...SHORT, ...HOSTS });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Plays past renewals, pauses until nothing signed before is of use, goes on, and seeks. */
async function playThrough(test, choice, path) {
  const player = await openPlayer(test, browser, demo, { agent: `page ${path} ${choice.episode}` });
  await player.play(choice);
  await player.playsOn(1);
  assert.equal(await player.text("path"), path);
  assert.match(await player.text("session"), /^[0-9a-f]{16,}$/);
  assert.match(await player.text("time-left"), /^signature \d+ s, place \d+/);
  const before = await player.time();
  await player.renewals(1);
  await player.playsOn(0.5);
  assert.ok((await player.time()) > before);
  const video = (action) => player.page.evaluate(action);
  await video(() => document.getElementById("video").pause());
  const renewed = Number(await player.text("renewals"));
  // Three times half a lease: every signature from before the pause has expired.
  await player.renewals(renewed + 3);
  await video(() => void document.getElementById("video").play());
  await player.playsOn(1.5);
  // Where nothing has been loaded, or has been dropped.
  await video(() => (document.getElementById("video").currentTime = Math.min(16, document.getElementById("video").duration - 3)));
  await player.playsOn(1);
  await video(() => (document.getElementById("video").currentTime = 0.5));
  await player.playsOn(1);
  player.isClean();
  await player.page.locator("#stop").click();
  await player.says(/^Stopped\./);
}

/** Follows the live stream for several renewals. */
async function playLive(test, choice, path) {
  const player = await openPlayer(test, browser, demo, { agent: `page ${path} live` });
  await player.play({ ...choice, episode: "live" });
  await player.playsOn(1);
  assert.equal(await player.text("path"), path);
  const start = await player.time();
  await player.renewals(4);
  await player.playsOn(5);
  assert.ok((await player.time()) - start > 15, `only from ${start} to ${await player.time()}`);
  player.isClean();
  return player;
}

/** Takes the smaller quality once the network gets slow. */
async function becomesSmaller(player) {
  const asked = (rendition, since) => player.record.of(demo.edge, since).some(({ path }) => path.includes(`/${rendition}/`) && path.endsWith(".ts"));
  assert.ok(asked("360p", 0), "it began with the better one");
  const since = Date.now();
  const network = await player.context.newCDPSession(player.page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 22_000, uploadThroughput: 50_000 });
  for (let waited = 0; !asked("180p", since); waited += 1) {
    assert.ok(waited < 40, "it never took the smaller one");
    await player.playsOn(1);
  }
}

describe("plays, pauses past the signature's end, and seeks", { concurrency: 6 }, () => {
  for (const delivery of ["url", "cookies", "playlist"]) {
    test(`hls.js, ${delivery}`, (test) => playThrough(test, { user: "alice", episode: "ep1", delivery, engine: "hls.js" }, `hls.js, ${delivery}`));
  }
  for (const delivery of ["cookies", "playlist"]) {
    test(`native, ${delivery}`, (test) => playThrough(test, { user: "carol", episode: "ep1", delivery, engine: "native" }, `native, ${delivery}`));
  }
  test("native, url, a raw video", (test) => playThrough(test, { user: "carol", episode: "ep2", delivery: "url", engine: "auto" }, "native, url"));
});

describe("follows the live stream", { concurrency: 6 }, () => {
  for (const delivery of ["cookies", "playlist"]) {
    test(`hls.js, ${delivery}`, (test) => playLive(test, { user: "alice", delivery, engine: "hls.js" }, `hls.js, ${delivery}`));
    test(`native, ${delivery}`, (test) => playLive(test, { user: "carol", delivery, engine: "native" }, `native, ${delivery}`));
  }
  test("hls.js, url, fragmented MP4", async (test) => {
    const player = await openPlayer(test, browser, demo, { agent: "page fmp4" });
    await player.play({ user: "carol", episode: "ep3", delivery: "url", engine: "hls.js" });
    await player.playsOn(4);
    assert.equal(await player.text("path"), "hls.js, url");
    player.isClean();
  });
});

// After the others, which have all places of a viewer.
describe("takes another quality once the network gets slow, and renews on", { concurrency: 2 }, () => {
  for (const delivery of ["url", "playlist"]) {
    test(`hls.js, ${delivery}`, async (test) => {
      const player = await playLive(test, { user: "alice", delivery, engine: "auto" }, `hls.js, ${delivery}`);
      await becomesSmaller(player);
      const renewed = Number(await player.text("renewals"));
      await player.renewals(renewed + 2);
      await player.playsOn(1);
      player.isClean();
    });
  }
});

test("native with delivery by url is refused in a sentence that says what to do", async (test) => {
  const player = await openPlayer(test, browser, demo, { agent: "page refused" });
  await player.play({ user: "alice", episode: "ep1", delivery: "url", engine: "native" });
  await player.says(/without the signature.*Choose cookies or playlist, or the engine hls\.js/);
  player.isClean();
});

test("the edge refused nothing", async () => assert.equal(await demo.denied(), 0));
