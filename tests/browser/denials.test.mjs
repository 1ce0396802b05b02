// Each denial in a sentence, and the form for tokens of one's own that `tollgate serve` shows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
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

/** Fills the form of a gateway that is no demo. */
async function own(test, fields) {
  const { context, record } = await openDevice(browser);
  test.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${serve.gateway}/player`);
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
  await page.locator("#play").click();
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
