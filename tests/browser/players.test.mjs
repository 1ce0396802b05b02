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
let people = 0;

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

/**
 * Opens the page, in the gateway's origin for cookies and elsewhere for the rest, and starts `player` in it: with the
 * DASH manifest if `dash`, as if that was all there is if `only`, and not yet if `held`.
 */
async function start(test, player, { delivery, episode, dash = false, only = false, held = false, at = demo }) {
  const user = await at.grant(`${player}-${delivery}-${episode}-${people++}`);
  const { context, record } = await openDevice(browser);
  const origin = delivery === "cookies" ? at.gateway : site.origin;
  if (delivery === "cookies") await placeSite(context, origin);
  const page = await context.newPage();
  test.after(() => context.close());
  await page.goto(`${origin}/`);
  await page.evaluate(
    async ([player, asked, token, dash, only, held]) => {
      const { Playback } = await import("/players/playback.mjs");
      window.play = (await import(`/players/${player}.mjs`)).play;
      window.video = document.getElementById("video");
      window.renewals = 0;
      window.ended = null;
      window.playback = await Playback.start({ ...asked, token: () => token });
      playback.addEventListener("renewed", () => (renewals += 1));
      playback.addEventListener("ended", ({ detail }) => (window.ended = { status: detail.status, type: detail.problem.type }));
      // No episode of the demo has a manifest only. This is what its grant would be.
      if (only) Object.assign(playback.grant, { isHls: false, videoUrl: playback.grant.dashUrl });
      window.first = playback.grant;
      if (held) return;
      window.player = await play(video, playback, dash ? first.dashUrl : undefined);
      // Nothing shall be loaded so early that its signature is the first one.
      if (player === "shaka") window.player.configure("streaming.bufferingGoal", 3);
      video.play();
    },
    [player, { gateway: at.gateway, user, series: "series-1", episode, delivery }, at.tokens[user], dash, only, held],
  );
  return { context, record, page, user };
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
  test("shaka, DASH, delivery url", async (test) => {
    const started = await start(test, "shaka", { delivery: "url", episode: "ep3", dash: true });
    const fresh = await playPastExpiry(started, SWITCH.shaka);
    assert.ok(fresh.length > 0, "no request had a new signature");
    assert.ok(started.record.responses.some(({ path, status }) => path.endsWith("manifest.mpd") && status === 200));
  });
  const FIRST_SECONDS = [
    ["shaka", { delivery: "cookies", dash: true }],
    ["shaka", { delivery: "playlist", dash: true }],
    ["shaka", { delivery: "url", only: true }],
    ["videojs", { delivery: "url", only: true }],
  ];
  for (const [player, asked] of FIRST_SECONDS) {
    test(`${player}, ${asked.only ? "nothing but DASH" : "DASH"}, delivery ${asked.delivery}: its first seconds`, async (test) => {
      const { page, record } = await start(test, player, { episode: "ep3", ...asked });
      await until(page, "some seconds", () => video.currentTime > 3);
      assert.ok(record.responses.some(({ path, status }) => path.endsWith("manifest.mpd") && status === 200));
      assert.ok(record.responses.every(({ path }) => !path.endsWith(".m3u8")));
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

describe("a plain <video>, in films", { concurrency: 3 }, () => {
  // Refusals are part of this, and so it has an edge of its own.
  let cinema;
  before(async () => (cinema = await startDemo({ ...SHORT, ...HOSTS })));
  after(() => cinema?.stop());

  /** Plays until the first signature has long expired, and never touches the video. */
  async function throughExpiry(test, delivery) {
    const { page } = await start(test, "native", { delivery, episode: "ep3", at: cinema });
    await page.evaluate(() => {
      window.furthest = 0;
      window.jumps = [];
      video.addEventListener("timeupdate", () => {
        // Put where it was it may show a little of it again, but nothing is left out.
        if (video.currentTime > furthest + 2) jumps.push([furthest, video.currentTime]);
        furthest = Math.max(furthest, video.currentTime);
      });
    });
    const expired = (at) => Date.now() / 1000 > at + 1;
    await until(page, "the first signature to expire", expired, await page.evaluate(() => first.expiresAt), 100_000);
    await until(page, "half a minute of the film", () => furthest > 30, undefined, 100_000);
    assert.deepEqual(await page.evaluate(() => jumps), []);
    assert.equal(await page.evaluate(() => ended), null);
    await page.evaluate(() => playback.end());
    return page.evaluate(() => video.src !== first.videoUrl);
  }
  test("delivery cookies: it plays through the first signature's end", async (test) => {
    await throughExpiry(test, "cookies");
  });
  test("delivery playlist: refused segments are asked for again with a new signature", async (test) => {
    const before = await cinema.denied();
    assert.ok(await throughExpiry(test, "playlist"), "the link that it began with would do");
    assert.ok((await cinema.denied()) > before, "nothing was refused, so nothing was tried");
  });
  test("raw video, delivery url: a refused signature is replaced where it stopped", async (test) => {
    const { page, record } = await start(test, "native", { delivery: "url", episode: "ep2", held: true, at: cinema });
    const old = await page.evaluate(() => first);
    await until(page, "the first signature to expire", (at) => Date.now() / 1000 > at + 1 && renewals > 0, old.expiresAt, 100_000);
    await page.evaluate(() => {
      // As if the rest of the file had to be fetched only now.
      playback.grant = first;
      play(video, playback);
      video.currentTime = 4;
      video.play().catch(() => {});
    });
    const replaced = (url) => video.src !== url && video.readyState > 1;
    await until(page, "the signature to be replaced", replaced, old.videoUrl);
    assert.ok((await page.evaluate(() => video.currentTime)) >= 4);
    await until(page, "it to go on", () => video.currentTime > 5);
    assert.ok(record.of(cinema.edge).every(({ status }) => status < 300));
  });
});

describe("the place of a device", { concurrency: 4 }, () => {
  const WAYS = [
    ["hls", { delivery: "url", episode: "ep1" }],
    ["shaka", { delivery: "url", episode: "ep1" }],
    ["videojs", { delivery: "url", episode: "ep1" }],
    ["native", { delivery: "playlist", episode: "ep3" }],
  ];
  for (const [player, asked] of WAYS) {
    test(`${player}: once it was freed elsewhere the player stops`, async (test) => {
      const { page, record, user } = await start(test, player, asked);
      await until(page, "the first second", () => video.currentTime > 1);
      const { sessionId } = await page.evaluate(() => playback.grant);
      const freed = await demo.ask("DELETE", `/users/${user}/sessions/${sessionId}`, { user });
      assert.equal(freed.status, 204);
      await page.evaluate(() => playback.renew());
      assert.deepEqual(await page.evaluate(() => ended), { status: 403, type: "session-ended" });
      // At once, and not only when what it has is played out.
      await until(page, "the player to let go", () => video.readyState === 0 || !video.isConnected, undefined, 5_000);
      const [since, at] = [Date.now(), await page.evaluate(() => video.currentTime)];
      await page.waitForTimeout(2000);
      assert.ok((await page.evaluate(() => video.currentTime)) <= at, "it plays on");
      assert.deepEqual(record.of(demo.edge, since), []);
      const { json } = await demo.ask("GET", `/users/${user}/sessions`, { user });
      assert.deepEqual(json.sessions, []);
    });
  }

  for (const [player, asked] of [WAYS[0], WAYS[3]]) {
    test(`${player}, delivery ${asked.delivery}: a device that became another takes its place along, and plays on`, async (test) => {
      const { context, page, user } = await start(test, player, asked);
      const become = async (agent) => {
        await context.setExtraHTTPHeaders({ "user-agent": agent });
        await page.evaluate(() => playback.renew());
      };
      await until(page, "some seconds", () => video.currentTime > 3);
      await become("after a change of networks");
      assert.equal(await page.evaluate(() => ended), null);
      const [before, now] = await page.evaluate(() => [first.sessionId, playback.grant.sessionId]);
      assert.notEqual(before, now);
      const { json } = await demo.ask("GET", `/users/${user}/sessions`, { user });
      assert.deepEqual(json.sessions.map(({ sessionId }) => sessionId), [now]);
      await until(page, "it to go on where it was", () => video.currentTime > 4 && video.currentTime < 12);
      await page.evaluate(() => playback.renew());
      await become("and of another one");
      assert.equal(await page.evaluate(() => ended), null, "one heartbeat was answered in between");
      await become("and yet another at once");
      assert.deepEqual(await page.evaluate(() => ended), { status: 403, type: "session-ended" });
    });
  }
});

test("the edge refused nothing else", async () => assert.equal(await demo.denied(), 0));
