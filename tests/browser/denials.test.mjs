// Each denial in a sentence, and the form for tokens of one's own that `tollgate serve` shows.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startDemo, startServe } from "./harness/demo.mjs";
import { openBrowser, openDevice } from "./harness/browser.mjs";
import { openPlayer } from "./harness/player.mjs";
import { token } from "./harness/token.mjs";

let demo, serve, browser;
before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
  serve = await startServe(demo);
});
after(async () => {
  await browser?.close();
  await serve?.stop();
  await demo?.stop();
});

/** Plays as `user` and reads the sentence. `prepare` may change the page before. */
async function denied(test, user, prepare) {
  const player = await openPlayer(test, browser, demo);
  await prepare?.(player.page);
  await player.play({ user });
  await player.says(/\.$/);
  await player.until("an end", () => !document.getElementById("again").hidden);
  const said = await player.text("message");
  assert.equal(await player.text("path"), "–");
  player.isClean({ refused: [401, 403, 404] });
  return said;
}

test("an entitlement that has expired", async (test) => {
  assert.match(await denied(test, "erin"), /^This viewer may not watch this series: .*\.$/);
});

test("no entitlement", async (test) => {
  assert.match(await denied(test, "nobody"), /^This viewer may not watch this series: .*\.$/);
});

test("an episode that is not there", async (test) => {
  const prepare = (page) => page.evaluate(() => document.getElementById("episode").replaceChildren(new Option("ep99", "ep99")));
  assert.equal(await denied(test, "alice", prepare), "The series has no such episode.");
});

test("an episode that is DASH only", async (test) => {
  const videos = join(dirname(demo.config), "objects/content/series/series-1/video");
  await cp(join(videos, "ep3/manifest.mpd"), join(videos, "ep8/manifest.mpd"), { recursive: true });
  await promisify(execFile)(process.env.TOLLGATE, ["episode", "put", "--config", demo.config, "--series", "series-1", "--episode", "ep8"]);
  const prepare = (page) => page.evaluate(() => document.getElementById("episode").replaceChildren(new Option("ep8", "ep8")));
  assert.equal(await denied(test, "alice", prepare), "This episode is DASH only, and this page plays HLS.");
  assert.deepEqual((await demo.ask("GET", "/users/alice/sessions")).json.sessions, [], "the place is given back");
});

/** Fills the form of a gateway that is no demo. */
async function own(test, fields, press = "play") {
  const { context, record } = await openDevice(browser);
  test.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${serve.gateway}/player`);
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
  await page.locator(`#${press}`).click();
  const says = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById("message").textContent), pattern.source);
  return { page, record, says };
}

test("a token that has expired", async (test) => {
  const expired = await token(demo, "alice", { seconds: -120 });
  const { page, says, record } = await own(test, { token: expired, series: "series-1", episode: "ep1" });
  await says(/^The token is missing, has expired or is not accepted here\. Sign in again, or use another token\.$/);
  assert.equal(record.of(serve.gateway).at(-1).status, 401);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length), 0);
  assert.equal(page.url(), `${serve.gateway}/player`);
});

test("a token of one's own plays, and is good for its own viewer only", async (test) => {
  const fine = await token(demo, "alice", { seconds: 600 });
  const { page, says, record } = await own(test, { token: fine, series: "series-1", episode: "ep1" });
  await page.waitForFunction(() => document.getElementById("video").currentTime > 1);
  await page.locator("#stop").click();
  await says(/^Stopped\./);
  await page.locator("#user").fill("carol");
  await page.locator("#play").click();
  await says(/^The token does not allow this: .*\.$/);
  assert.deepEqual(record.complaints.filter((complaint) => !complaint.includes("status of 403")), []);
});

test("neither a token nor a viewer: nothing is asked", async (test) => {
  for (const token of ["", "garbage", "no.token.ü"]) {
    const { record, says } = await own(test, { token }, "refresh");
    await says(/^Paste a token, or name the viewer\.$/);
    assert.deepEqual(record.responses.filter(({ path }) => path.startsWith("/users")), []);
  }
  const { record, says } = await own(test, { user: "alice", token: "no token ü" }, "refresh");
  await says(/^The token is missing, has expired or is not accepted here\./);
  assert.deepEqual(record.responses.filter(({ path }) => path.startsWith("/users")), []);
});

test("what was said and listed goes once it holds no more", async (test) => {
  const fine = await token(demo, "alice", { seconds: 600 });
  assert.equal((await demo.ask("GET", "/users/alice/series/series-1/episodes/ep1/signed-urls", { agent: "other device" })).status, 200);
  const { page, says } = await own(test, { token: await token(demo, "alice", { seconds: -120 }) }, "refresh");
  await says(/^The token is missing/);
  assert.equal(await page.locator("#no-devices").innerText(), "Not known.");
  await page.locator("#token").fill(fine);
  await page.locator("#refresh").click();
  await says(/^Choose what to play\.$/);
  const listed = (count) => page.waitForFunction((count) => document.querySelectorAll("[data-free]").length === count, count);
  await listed(1);
  // A refused list, of a token that has run out and of another viewer, leaves none.
  await page.locator("#user").fill("carol");
  await page.locator("#refresh").click();
  await says(/^The token does not allow this: /);
  await listed(0);
  await page.locator("#user").fill("");
  await page.locator("#refresh").click();
  await says(/^Choose what to play\.$/);
  await listed(1);
  await page.locator("#token").fill("");
  await page.locator("#token").blur();
  await listed(0);
  assert.equal(await page.locator("#no-devices").innerText(), "Not known.");
});
