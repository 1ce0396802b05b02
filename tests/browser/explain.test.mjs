// The explain page says what the edge would, and keeps what is pasted to itself.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { fetchLocally, startDemo } from "./harness/demo.mjs";
import { openBrowser, openDevice } from "./harness/browser.mjs";

const run = promisify(execFile);
let demo, browser, context, record, page, grant;

before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
  ({ context, record } = await openDevice(browser));
  page = await context.newPage();
  await page.goto(`${demo.gateway}/explain`);
  grant = (await demo.ask("GET", "/users/alice/series/series-1/episodes/ep1/signed-urls?delivery=url")).json;
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function explain(fields) {
  await page.locator("#clear").click();
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(String(value));
  await page.locator("#check").click();
  await page.waitForFunction(() => /CloudFront would|cannot|more than|link to the gateway|not a URL/.test(document.getElementById("verdict").textContent));
  return {
    verdict: await page.locator("#verdict").innerText(),
    policy: await page.locator("#policy").textContent(),
    checks: await page.locator("#checks > li").evaluateAll((rows) => rows.map(({ dataset }) => ({ name: dataset.check, passed: dataset.passed }))),
  };
}

/** The same from the terminal. */
async function verify(url, at) {
  const key = `KDEMO1=${join(dirname(demo.config), "cloudfront.public.pem")}`;
  const flags = ["verify", "--url", url, "--public-key", key, "--explain", "--json", ...(at ? ["--at", String(at)] : [])];
  // A denial is exit code 1 with the answer on standard output.
  const { stdout } = await run(process.env.TOLLGATE, flags).catch((error) => error);
  const found = JSON.parse(stdout);
  const state = { true: "yes", false: "no" };
  return found.checks.map(({ name, passed }) => ({ name, passed: state[passed] ?? "none" }));
}

test("a good URL", async () => {
  const { verdict, policy, checks } = await explain({ url: grant.videoUrl });
  assert.match(verdict, /CloudFront would allow it \(200\)/);
  assert.match(verdict, /Signed by its query\./);
  assert.match(verdict, /left, until /);
  assert.match(policy, /\/content\/series\/series-1\/video\/ep1\/\*/);
  assert.ok(checks.length > 3 && checks.every(({ passed }) => passed !== "no"), JSON.stringify(checks));
  assert.deepEqual(checks, await verify(grant.videoUrl));
});

test("an expired one", async () => {
  const late = grant.expiresAt + 90;
  const { verdict, checks } = await explain({ url: grant.videoUrl, at: late });
  assert.match(verdict, /CloudFront would answer 403 AccessDenied/);
  assert.match(verdict, /expired/);
  assert.match(verdict, /It ran out 1 min 30 s ago/);
  assert.equal(checks.filter(({ passed }) => passed === "no").length, 1);
  assert.deepEqual(checks, await verify(grant.videoUrl, late));
});

test("an altered one", async () => {
  for (const altered of [grant.videoUrl.replace(/Signature=./, (text) => (text.endsWith("A") ? "Signature=B" : "Signature=A")), grant.videoUrl.replace("/ep1/", "/ep2/")]) {
    const { verdict, checks } = await explain({ url: altered });
    assert.match(verdict, /CloudFront would answer 403 AccessDenied/);
    assert.ok(checks.some(({ passed }) => passed === "no"));
    assert.deepEqual(checks, await verify(altered));
    assert.equal((await fetchLocally(altered)).status, 403, "the edge says the same");
  }
});

test("one without a signature", async () => {
  const { verdict } = await explain({ url: grant.videoUrl.split("?")[0] });
  assert.match(verdict, /CloudFront would answer 403 MissingKey/);
});

test("cookies, as a gateway set them and as a browser sends them", async () => {
  const headers = { authorization: `Bearer ${demo.tokens.alice}` };
  const address = `${demo.gateway}/users/alice/series/series-1/episodes/ep1/signed-urls?delivery=cookies`;
  const set = (await fetchLocally(address, { headers })).headers["set-cookie"];
  const url = grant.videoUrl.split("?")[0];
  const sent = set.map((line) => line.split(";")[0]).join("; ");
  for (const cookies of [set.map((line) => `Set-Cookie: ${line}`).join("\n"), sent, `Cookie: ${sent}`]) {
    const { verdict } = await explain({ url, cookies });
    assert.match(verdict, /CloudFront would allow it \(200\)/);
    assert.match(verdict, /Signed by cookies\./);
  }
  const other = await explain({ url: url.replace("/ep1/", "/ep3/"), cookies: sent });
  assert.match(other.verdict, /CloudFront would answer 403/);
});

test("quotes and blanks that a URL was copied with are not asked about", async () => {
  for (const copied of [`"${grant.videoUrl}"`, ` '${grant.videoUrl}'\n`, `<${grant.videoUrl}>`]) {
    assert.match((await explain({ url: copied })).verdict, /^CloudFront would allow it \(200\)/);
  }
});

test("what is no URL of a request is said to be none", async () => {
  for (const text of [`curl '${grant.videoUrl}'`, new URL(grant.videoUrl).pathname, "no URL at all"]) {
    const { verdict, checks } = await explain({ url: text });
    assert.match(verdict, /^This is not a URL of a request\n/, text);
    assert.doesNotMatch(verdict, /CloudFront would/);
    assert.deepEqual(checks.filter(({ passed }) => passed !== "none"), [{ name: "request", passed: "no" }]);
  }
});

test("links to the gateway, of sessions that live and that do not", async () => {
  const ask = (delivery) => demo.ask("GET", `/users/alice/series/series-1/episodes/ep1/signed-urls?delivery=${delivery}`, { agent: "link" });
  const { json } = await ask("playlist");
  const { json: byCookies } = await ask("cookies");
  const said = /^This is a link to the gateway, not to CloudFront: ask it, its answer says why\n/;
  const links = [json.videoUrl, byCookies.bootstrapUrl];
  assert.equal((await fetchLocally(links[0])).status, 200);
  assert.equal((await demo.ask("DELETE", `/users/alice/sessions/${json.sessionId}`)).status, 204);
  assert.equal((await fetchLocally(links[0])).status, 403, "it ended with its session");
  for (const link of links) {
    const { verdict, policy, checks } = await explain({ url: link });
    assert.match(verdict, said);
    assert.doesNotMatch(verdict, /CloudFront would/);
    assert.match(policy, new RegExp(`/sessions/${json.sessionId}/`));
    assert.ok(checks.every(({ passed }) => passed !== "no") && checks.some(({ passed }) => passed === "yes"));
  }
  const late = await explain({ url: links[0], at: json.expiresAt + 1_000_000 });
  assert.match(late.verdict, said);
  assert.match(late.verdict, /It ran out /);
});

test("what cannot be read is said at its field", async () => {
  const { verdict } = await explain({ url: "no URL at all", at: "tomorrow" });
  assert.match(verdict, /cannot be read/);
  assert.equal(await page.locator("#at").getAttribute("aria-invalid"), "true");
});

test("with keys only", async () => {
  await page.locator("#clear").click();
  await page.locator("#url").focus();
  await page.keyboard.insertText(grant.videoUrl);
  for (let presses = 0; presses < 10 && (await page.evaluate(() => document.activeElement.id)) !== "check"; presses += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("verdict").textContent.includes("would allow"));
});

test("nothing pasted is kept or logged, or goes to anybody else", async () => {
  assert.equal(page.url(), `${demo.gateway}/explain`);
  const kept = await page.evaluate(async () => ({
    storage: localStorage.length + sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    cookies: document.cookie,
  }));
  assert.deepEqual(kept, { storage: 0, databases: 0, caches: 0, cookies: "" });
  assert.deepEqual(await context.cookies(), []);
  const { Policy, Signature } = grant.query;
  for (const secret of [Policy, Signature, Signature.slice(2, 40), demo.tokens.alice]) {
    assert.ok(!demo.log.includes(secret), "the log of the gateway has something that was pasted");
    assert.ok(!record.requests.some((url) => url.includes(secret)), "an address has something that was pasted");
  }
  assert.ok(demo.log.includes("/explain"), "the requests were logged, so there was something to look through");
  assert.ok(record.requests.every((url) => url.startsWith(`${demo.gateway}/`)));
  assert.deepEqual(record.complaints.filter((complaint) => !complaint.includes("status of 400")), []);
});
