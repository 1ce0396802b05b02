// Delivery by cookies on two hosts of one site: what a browser accepts, and where it sends it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startDemo } from "./harness/demo.mjs";
import { openBrowser, openDevice } from "./harness/browser.mjs";

const HOSTS = { host: "app.tollgate.localhost", "edge-host": "media.tollgate.localhost" };
const EPISODE = "/content/series/series-1/video/ep1/";
const NAMES = ["CloudFront-Key-Pair-Id", "CloudFront-Policy", "CloudFront-Signature"];
let demo, browser, echo, device, page, network;
const seen = [];

before(async () => {
  // Cookies do not tell ports apart, so a server of ours on the same names sees what a browser would send there.
  echo = createServer((request, response) => {
    seen.push({ host: request.headers.host.split(":")[0], path: request.url, cookie: request.headers.cookie ?? "" });
    response.setHeader("content-type", "text/html");
    response.end('<!doctype html><title>echo</title><link rel="icon" href="data:,">');
  });
  await new Promise((resolve) => echo.listen(0, "127.0.0.1", resolve));
  demo = await startDemo({ ...HOSTS });
  browser = await openBrowser();
  device = await openDevice(browser);
  page = await device.context.newPage();
  network = await watchCookies(device.context, page);
  // Any document of the gateway's origin will do.
  await page.goto(`${demo.gateway}/healthz`);
  await page.evaluate(ask, [demo.tokens.alice, "ep1"]);
});
after(async () => {
  await browser?.close();
  echo?.close();
  await demo?.stop();
});

async function ask([token, episode]) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`/users/alice/series/series-1/episodes/${episode}/signed-urls?delivery=cookies`, { headers });
  return answer.json();
}

/** What the DevTools protocol says about cookies: those that came and were refused, those that went and were kept back. */
async function watchCookies(context, page) {
  const session = await context.newCDPSession(page);
  const network = { set: [], refused: [], sent: [] };
  const urls = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, request.url));
  session.on("Network.responseReceivedExtraInfo", ({ headers, blockedCookies }) => {
    const lines = Object.entries(headers).filter(([name]) => name.toLowerCase() === "set-cookie");
    network.set.push(...lines.flatMap(([, value]) => value.split("\n")));
    network.refused.push(...blockedCookies);
  });
  session.on("Network.requestWillBeSentExtraInfo", ({ requestId, associatedCookies }) => {
    network.sent.push({ requestId, url: () => urls.get(requestId) ?? "", cookies: associatedCookies });
  });
  await session.send("Network.enable");
  return network;
}

const echoed = (host, path) => `http://${host}:${echo.address().port}${path}`;

/** The names of the cookies that `url` gets when somebody types it. */
async function typed(url) {
  const tab = await device.context.newPage();
  seen.length = 0;
  await tab.goto(url);
  await tab.close();
  return names(seen.at(-1).cookie);
}
const names = (cookie) => cookie.split("; ").map((pair) => pair.split("=")[0]).filter((name) => name.startsWith("CloudFront-")).sort();
const signing = (found) => found.filter((name) => name !== "CloudFront-Hash-Algorithm");

test("the browser accepts them, with the attributes that keep them in", async () => {
  assert.deepEqual(network.refused, []);
  assert.ok(network.set.length >= 3, `${network.set.length} cookies were set`);
  for (const line of network.set) {
    const [pair, ...attributes] = line.split("; ");
    const wanted = ["Domain=tollgate.localhost", `Path=${EPISODE.slice(0, -1)}`, "Secure", "HttpOnly"];
    // With or without the last slash the path is the same directory to a browser.
    const found = attributes.map((attribute) => attribute.replace(/^(Path=.+)\/$/, "$1").replace(/^(Domain=)\./, "$1"));
    for (const attribute of wanted) assert.ok(found.includes(attribute), `${pair.split("=")[0]}: ${attributes.join("; ")}`);
    assert.ok(found.some((attribute) => /^SameSite=(Strict|Lax)$/.test(attribute)), attributes.join("; "));
  }
  const kept = (await device.context.cookies()).filter(({ name }) => name.startsWith("CloudFront-"));
  assert.deepEqual(signing(kept.map(({ name }) => name).sort()), NAMES);
  assert.ok(kept.every(({ secure, httpOnly, domain }) => secure && httpOnly && domain === ".tollgate.localhost"));
});

test("they open the episode at the edge, for scripts of the application and for nobody's eyes", async () => {
  // What the browser has kept it gives without asking the edge.
  const status = (path, credentials) =>
    page.evaluate(
      async ([url, credentials]) => (await fetch(url, { credentials, cache: "no-store" })).status,
      [demo.edge + path, credentials],
    );
  assert.equal(await status(`${EPISODE}video.m3u8`, "include"), 200);
  assert.equal(await status(`${EPISODE}360p/seg000.ts`, "include"), 200);
  assert.equal(await status(`${EPISODE}video.m3u8`, "omit"), 403);
  assert.equal(await page.evaluate(() => document.cookie), "");
  const sent = network.sent.filter(({ url }) => url().startsWith(`${demo.edge}${EPISODE}360p`));
  assert.equal(sent.length, 1);
  const went = sent[0].cookies.filter(({ blockedReasons }) => blockedReasons.length === 0).map(({ cookie }) => cookie.name);
  assert.deepEqual(signing(went.sort()), NAMES);
});

test("they are not sent to another episode's path", async () => {
  const other = "/content/series/series-1/video/ep3/video.m3u8";
  const status = await page.evaluate(async (url) => (await fetch(url, { credentials: "include" })).status, demo.edge + other);
  assert.equal(status, 403);
  const request = network.sent.find(({ url }) => url() === demo.edge + other);
  assert.ok(request.cookies.every(({ blockedReasons }) => blockedReasons.includes("NotOnPath")));
  assert.deepEqual(await typed(echoed("media.tollgate.localhost", `${EPISODE}x`)).then(signing), NAMES);
  for (const path of [other, "/", "/content/series/series-1/video/ep10/x", "/content/series/series-1/video/"]) {
    assert.deepEqual(await typed(echoed("media.tollgate.localhost", path)), [], path);
  }
});

test("they are not sent outside the domain", async () => {
  // A domain covers every name below it. That is the price of a cookie that two hosts share.
  assert.deepEqual(signing(await typed(echoed("sibling.tollgate.localhost", `${EPISODE}x`))), NAMES);
  for (const host of ["tollgate-localhost.localhost", "other.localhost", "localhost", "127.0.0.1"]) {
    assert.deepEqual(await typed(echoed(host, `${EPISODE}x`)), [], host);
  }
});

test("they are not sent when a page of another site embeds the video", async () => {
  const tab = await device.context.newPage();
  for (const [site, expected] of [["another.localhost", []], ["shop.tollgate.localhost", NAMES]]) {
    await tab.goto(echoed(site, "/"));
    const path = `${EPISODE}embedded-in-${site}`;
    await tab.evaluate(async (url) => fetch(url, { mode: "no-cors", credentials: "include" }), echoed("media.tollgate.localhost", path));
    const request = seen.find((request) => request.path === path);
    assert.deepEqual(signing(names(request.cookie)), expected, site);
  }
  await tab.close();
});

test("a bootstrap link, opened as any link, ends at the playlist with the cookies set", async () => {
  const { bootstrapUrl, videoUrl } = await page.evaluate(ask, [demo.tokens.alice, "ep1"]);
  assert.ok(!videoUrl.includes("?"), "the video's URL is signed");
  const { context, record } = await openDevice(browser);
  const tab = await context.newPage();
  // Chromium plays a playlist or offers it for download; either way the answers have come.
  await tab.goto(bootstrapUrl).catch(() => {});
  const answers = record.responses.filter(({ path }) => !path.endsWith("favicon.ico")).slice(0, 2);
  assert.deepEqual(answers.map(({ status, origin }) => ({ status, origin })), [
    { status: 302, origin: demo.gateway },
    { status: 200, origin: demo.edge },
  ]);
  assert.equal(demo.edge + answers[1].path, videoUrl);
  const kept = (await context.cookies(videoUrl)).map(({ name }) => name).sort();
  assert.deepEqual(signing(kept), NAMES);
  await context.close();
});

test("a bootstrap link that was tampered with sets nothing", async () => {
  const { bootstrapUrl } = await page.evaluate(ask, [demo.tokens.alice, "ep1"]);
  const { context, record } = await openDevice(browser);
  const tab = await context.newPage();
  await tab.goto(bootstrapUrl.replace("/episodes/ep1/", "/episodes/ep3/")).catch(() => {});
  assert.equal(record.responses[0].status, 403);
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});
