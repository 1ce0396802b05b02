// One device too many: what its page says, and what the others' pages say once a place was given away.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SHORT, startDemo } from "./harness/demo.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { openPlayer } from "./harness/player.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser?.close());

/** A demo, and as many devices of alice in it as asked, which play one after the other. */
async function party(test, flags, count) {
  const demo = await startDemo({ ...SHORT, ...flags });
  test.after(() => demo.stop());
  const players = [];
  for (let number = 1; number <= count; number += 1) players.push(await openPlayer(test, browser, demo, { agent: `device ${number}` }));
  for (const player of players.slice(0, 3)) {
    await player.play({ user: "alice", episode: "ep1", engine: "hls.js" });
    await player.playsOn(0.5);
  }
  return { demo, players };
}

test("block-new: the fourth device frees a place and plays; the freed one is told why it stopped", async (test) => {
  const { demo, players } = await party(test, { "on-limit": "block-new" }, 4);
  const [first, second, , fourth] = players;
  await fourth.play({ user: "alice", episode: "ep1", engine: "hls.js" });
  await fourth.says(/^All 3 places are taken .*You can free one in the list of devices\.$/);
  const places = await fourth.devices();
  assert.equal(places.length, 3);
  assert.equal(await fourth.text("path"), "–");
  const victim = await first.text("session");
  assert.ok(places.includes(victim));

  await fourth.page.locator(`[data-free="${victim}"]`).click();
  await fourth.until("the list without it", (id) => !document.querySelector(`[data-free="${id}"]`), victim);
  await fourth.play();
  await fourth.playsOn(1);
  assert.equal(await fourth.text("path"), "hls.js, url");

  await first.says(/^Playback ended here: this device has lost its place\..*All places are taken now/, 30_000);
  assert.equal(await first.text("path"), "–");
  assert.ok(await first.page.locator("#again").isVisible());
  const refused = await demo.ask("POST", `/users/alice/sessions/${victim}/heartbeat`, { agent: "device 1" });
  assert.equal(refused.status, 403);
  assert.equal(refused.json.type, "session-ended");

  // Once somebody stops, the one that was freed can come back.
  await second.page.locator("#stop").click();
  await second.says(/^Stopped\./);
  await first.page.locator("#again").click();
  await first.playsOn(1);
  for (const player of players) player.isClean({ refused: [403, 429] });
  assert.equal(await demo.denied(), 0);
});

test("evict-oldest: the fourth device plays, and the oldest is told", async (test) => {
  const { demo, players } = await party(test, { "on-limit": "evict-oldest" }, 4);
  const [, , , fourth] = players;
  await fourth.play({ user: "alice", episode: "ep1", engine: "hls.js" });
  await fourth.playsOn(1);
  const told = /^Playback ended here: this device has lost its place\. It was freed, taken by another device, or not renewed in time\./;
  const ended = await Promise.any(players.slice(0, 3).map((player) => player.says(told, 40_000).then(() => player)));
  // The others go on.
  const others = players.filter((player) => player !== ended);
  for (const player of others) assert.notEqual(await player.text("path"), "–");
  assert.equal((await demo.ask("GET", "/users/alice/sessions", { agent: "device 4" })).json.sessions.length, 3);
  for (const player of players) player.isClean({ refused: [403] });
});

test("a device freed on its own page stops at once", async (test) => {
  const { players } = await party(test, {}, 1);
  const [only] = players;
  const session = await only.text("session");
  await only.page.locator(`[data-free="${session}"]`).click();
  await only.says(/^Playback ended here/);
  assert.equal(await only.page.evaluate(() => document.getElementById("video").paused || !document.getElementById("video").currentSrc), true);
  only.isClean({ refused: [403] });
});

describe("a device whose address or player changes takes a new place for its old one, once", { concurrency: 4 }, () => {
  for (const [engine, delivery] of [["hls.js", "url"], ["hls.js", "cookies"], ["hls.js", "playlist"], ["native", "playlist"]]) {
    test(`${engine}, ${delivery}`, async (test) => {
      const demo = await startDemo({ ...SHORT, host: "app.tollgate.localhost", "edge-host": "media.tollgate.localhost" });
      test.after(() => demo.stop());
      const player = await openPlayer(test, browser, demo, { agent: "first" });
      await player.play({ user: "alice", episode: "ep1", delivery, engine });
      await player.playsOn(2);
      const [place, session] = [await player.time(), await player.text("session")];
      const machine = await player.context.newCDPSession(player.page);
      const become = (userAgent) => machine.send("Network.setUserAgentOverride", { userAgent });
      await become("second");
      await player.says(/^Your address or player changed, so this device took a new place\. Playing on\.$/);
      const next = await player.text("session");
      assert.notEqual(next, session);
      await player.playsOn(0.5);
      assert.ok((await player.time()) > place, "it goes on where it was");
      // The old place is not lost to anybody.
      await player.until("one place", (id) => document.querySelector(`[data-free="${id}"]`) && document.querySelectorAll("[data-free]").length === 1, next);
      // A renewal in the new place makes a change later on as good as the first.
      await player.says(/^Playing\.$/);
      await become("third");
      await player.says(/^Your address or player changed, so/);
      await become("fourth");
      await player.says(/^Playback ended here: your address or player changed again, right after it had changed\.$/);
      assert.equal(await player.text("path"), "–");
      player.isClean({ refused: [403] });
    });
  }
});
