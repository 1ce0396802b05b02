// The snippets of docs/players.md, played by the players they are for, across renewals of the signature.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SHORT, startDemo } from "./harness/demo.mjs";
import { openBrowser, openDevice, until } from "./harness/browser.mjs";
import { placeSite, startSite } from "./harness/site.mjs";

const HOSTS = { host: "app.tollgate.localhost", "edge-host": "media.tollgate.localhost" };
// A page that the harness puts into a context came from no address at all. To Chromium that is the Internet, which
// may not ask for what is on this machine.
const LOCAL = ["--disable-features=LocalNetworkAccessChecks"];
let demo, site, browser;

before(async () => {
  demo = await startDemo({ ...SHORT, ...HOSTS });
  site = await startSite();
  browser = await openBrowser(LOCAL);
});
after(async () => {
  await browser?.close();
  site?.stop();
  await demo?.stop();
});

/** Opens the page, in the gateway's origin for cookies and elsewhere for the rest, and starts `player` in it. */
async function start(test, player, { delivery, episode, dash = false, held = false }) {
  const user = await demo.grant(`${player}-${delivery}-${episode}-${dash}`);
  const { context, record } = await openDevice(browser);
  const origin = delivery === "cookies" ? demo.gateway : site.origin;
  if (delivery === "cookies") await placeSite(context, origin);
  const page = await context.newPage();
  test.after(() => context.close());
  await page.goto(`${origin}/`);
  await page.evaluate(
    async ([player, asked, token, dash, held]) => {
      const { Playback } = await import("/players/playback.mjs");
      window.play = (await import(`/players/${player}.mjs`)).play;
      const video = document.getElementById("video");
      window.renewals = 0;
      window.ended = null;
      window.playback = await Playback.start({ ...asked, token: () => token });
      playback.addEventListener("renewed", () => (renewals += 1));
      playback.addEventListener("ended", ({ detail }) => (window.ended = { status: detail.status, type: detail.problem.type }));
      window.first = playback.grant;
      if (held) return;
      window.player = await play(video, playback, dash ? first.dashUrl : undefined);
      // Nothing shall be loaded so early that its signature is the first one.
      if (player === "shaka") window.player.configure("streaming.bufferingGoal", 3);
      video.play();
    },
    [player, { gateway: demo.gateway, user, series: "series-1", episode, delivery }, demo.tokens[user], dash, held],
  );
  return { context, record, page };
}

const nothing = () => {};

/** Plays until the first signature has expired at the edge, has `force` ask for more, and plays that. */
async function playPastExpiry({ page, record }, force, { asleep = false } = {}) {
  await until(page, "the first second", () => document.querySelector("video").currentTime > 1);
  const { expiresAt } = await page.evaluate(() => first);
  const live = force === nothing;
  const expired = ([at, live, asleep]) => {
    const video = document.querySelector("video");
    // The sample is 20 s long, and a slow machine needs time to start.
    if (!live && video.currentTime > 11) video.pause();
    return Date.now() / 1000 > at + 1 && (asleep || renewals > 0);
  };
  await until(page, "the first signature to expire", expired, [expiresAt, live, asleep], 100_000);
  const since = Date.now();
  const before = await page.evaluate(() => document.querySelector("video").currentTime);
  await page.evaluate(force);
  await page.evaluate(() => void document.querySelector("video").play());
  // A live stream has a new segment every four seconds.
  const more = before + (live ? 9 : 1.5);
  await until(page, "more of the video", (time) => document.querySelector("video").currentTime > time, more);
  for (let waited = 0; waited < 100 && record.of(demo.edge, since).length === 0; waited += 1) await page.waitForTimeout(100);
  const edge = record.of(demo.edge);
  assert.deepEqual(edge.filter(({ status }) => ![200, 206, 304].includes(status)), []);
  assert.deepEqual(record.complaints, []);
  assert.equal(await page.evaluate(() => ended), null);
  const late = edge.filter(({ at }) => at >= since);
  assert.ok(late.length > 0, "nothing was asked of the edge after the first signature had expired");
  await page.evaluate(() => playback.end());
  return late.filter(({ signature }) => signature !== edge[0].signature);
}

// Each player is made to ask for more once the first signature is of no use any more: by another rendition.
const SWITCH = {
  hls: () => (player.currentLevel = player.currentLevel === 0 ? 1 : 0),
  shaka: () => {
    const other = player.getVariantTracks().find(({ active }) => !active);
    player.configure("abr.enabled", false);
    // On a machine that is slow enough Shaka puts a rendition aside. It then has the rest of the one it plays to load.
    if (other) player.selectVariantTrack(other, true);
  },
  videojs: () => {
    const { vhs } = player.tech(true);
    const other = vhs.representations().find(({ id }) => id !== vhs.playlists.media().id);
    // Only a rendition that becomes enabled is switched to at once.
    for (const rendition of vhs.representations()) rendition.enabled(false);
    other.enabled(true);
  },
};
describe("past the first signature", { concurrency: 6 }, () => {
  for (const [player, force] of Object.entries(SWITCH)) {
    test(`${player}, delivery url`, async (test) => {
      const fresh = await playPastExpiry(await start(test, player, { delivery: "url", episode: "ep1" }), force);
      assert.ok(fresh.length > 0, "no request had a new signature");
    });
    test(`${player}, delivery cookies`, async (test) => {
      await playPastExpiry(await start(test, player, { delivery: "cookies", episode: "ep1" }), force);
    });
    // The playlists that the gateway answered are read once. Live ones come again, with new signatures.
    test(`${player}, delivery playlist, live`, async (test) => {
      const fresh = await playPastExpiry(await start(test, player, { delivery: "playlist", episode: "live" }), nothing);
      assert.ok(fresh.length > 0, "no request had a new signature");
    });
  }
  test("hls, delivery url, live", async (test) => {
    const fresh = await playPastExpiry(await start(test, "hls", { delivery: "url", episode: "live" }), nothing);
    assert.ok(fresh.length > 0, "no request had a new signature");
  });
  for (const player of ["hls", "shaka"]) {
    test(`${player}, delivery url, after a sleep longer than signature and lease: renewed before anything is asked for`, async (test) => {
      const { page, record } = await start(test, player, { delivery: "url", episode: "ep1" });
      await until(page, "the first second", () => document.querySelector("video").currentTime > 1);
      // Timers stand still in a machine that sleeps, and so do videos.
      await page.evaluate(() => {
        clearTimeout(playback.timer);
        document.querySelector("video").pause();
      });
      await playPastExpiry({ page, record }, SWITCH[player], { asleep: true });
      assert.ok((await page.evaluate(() => renewals)) > 0);
    });
  }
  for (const delivery of ["url", "cookies", "playlist"]) {
    test(`shaka, DASH, delivery ${delivery}`, async (test) => {
      const { page, record } = await start(test, "shaka", { delivery, episode: "ep3", dash: true });
      await until(page, "some seconds", () => document.querySelector("video").currentTime > 3);
      assert.ok(record.responses.some(({ path, status }) => path.endsWith("manifest.mpd") && status === 200));
      assert.deepEqual(record.complaints, []);
      await page.evaluate(() => playback.end());
    });
  }
  for (const delivery of ["playlist", "cookies"]) {
    test(`a plain <video>, HLS, delivery ${delivery}, live`, async (test) => {
      const { page, record } = await start(test, "native", { delivery, episode: "live" });
      await playPastExpiry({ page, record }, nothing);
    });
  }
});

test("a plain <video>, raw video, delivery url: a refused signature is replaced where it stopped", async (test) => {
  const { page, record } = await start(test, "native", { delivery: "url", episode: "ep2", held: true });
  const old = await page.evaluate(() => first);
  const before = await demo.denied();
  await until(page, "the first signature to expire", (at) => Date.now() / 1000 > at + 1 && renewals > 0, old.expiresAt, 100_000);
  await page.evaluate(() => {
    const video = document.getElementById("video");
    // As if the rest of the file had to be fetched only now.
    playback.grant = first;
    play(video, playback);
    video.currentTime = 4;
  });
  const replaced = (url) => document.getElementById("video").src !== url && document.getElementById("video").readyState > 1;
  await until(page, "the signature to be replaced", replaced, old.videoUrl);
  await page.evaluate(() => document.getElementById("video").play());
  await until(page, "it to go on", () => document.getElementById("video").currentTime > 5);
  // A refusal that a page of another origin may not read is no answer to a browser, so the edge is asked what it saw.
  assert.equal(await demo.denied(), before + 1, "the old signature");
  assert.ok(record.of(demo.edge).every(({ status }) => status < 300));
});

test("the edge refused nothing else", async () => assert.equal(await demo.denied(), 1));
