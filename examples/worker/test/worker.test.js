// workerd on loopback in front of an origin: every request of the vectors, with their clock; then the worker as deployed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ask, requestOf } from "../../vectors/ask.js";
import { trustedKeys, vectors } from "../../vectors/vectors.js";

const folder = new URL("../", import.meta.url);
const workerd = process.env.WORKERD ?? "workerd";
const stops = [];
after(() => stops.forEach((stop) => stop()));

const seen = [];
const seenHeaders = [];
const origin = createServer((request, response) => {
  seen.push(request.url);
  seenHeaders.push(request.headers);
  response.end("the object");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => origin.once("listening", resolve));
stops.push(() => origin.close());

/** Starts workerd on a port of its choice, with the sample's configuration changed as `change` says. */
async function start(name, change) {
  const config = new URL(`test-${name}.capnp`, folder);
  writeFileSync(config, change(readFileSync(new URL("config.capnp", folder), "utf8")));
  const server = spawn(
    workerd,
    ["serve", fileURLToPath(config), "--socket-addr", "http=127.0.0.1:0", "--external-addr", `origin=127.0.0.1:${origin.address().port}`, "--control-fd=3"],
    { stdio: ["ignore", "inherit", "inherit", "pipe"] },
  );
  stops.push(() => server.kill());
  return new Promise((resolve, reject) => {
    server.on("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
    createInterface({ input: server.stdio[3] }).on("line", (line) => {
      const { event, port } = JSON.parse(line);
      if (event === "listen") resolve(port);
    });
  });
}

const withClock = (text) => text.replace('embed "worker.js"', 'embed "test/clock.js"');
const strict = (text) => text.replace('(name = "EXPLAIN"', '(name = "STRICT", json = "true"),\n    (name = "EXPLAIN"');
writeFileSync(new URL("trusted-keys.json", folder), JSON.stringify(trustedKeys));

function requestOnCloudflare(row) {
  const request = requestOf(row);
  delete request.headers["x-forwarded-for"];
  if (row.clientIp !== null) request.headers["cf-connecting-ip"] = row.clientIp;
  return request;
}

const code = (body) => body.match(/<Code>(.*?)<\/Code>/)?.[1] ?? null;

test("the worker answers every request of the vectors", async () => {
  const ports = { false: await start("clock", withClock), true: await start("strict", (text) => strict(withClock(text))) };
  for (const row of vectors.verify) {
    seen.length = 0;
    const answer = await ask(ports[row.strict], requestOnCloudflare(row));
    assert.equal(answer.status, row.allow ? 200 : 403, row.name);
    assert.equal(code(answer.body), row.code, row.name);
    assert.equal(answer.headers["x-tollgate-reason"] ?? null, row.reason, row.name);
    assert.equal(seen.length, row.allow ? 1 : 0, row.name);
    if (row.allow) assert.doesNotMatch(seen[0], /Signature=|Policy=|Expires=|Key-Pair-Id=|Hash-Algorithm=/, row.name);
  }
});

test("a signature for a directory opens nothing beside it", async () => {
  const port = await start("dots", withClock);
  const row = vectors.verify.find(({ name }) => name.startsWith("allowed: a directory"));
  for (const dots of ["../ep2/", "%2e%2e/ep2/", "..%2Fep2/"]) {
    seen.length = 0;
    const request = requestOnCloudflare({ ...row, url: row.url.replace("/ep1/", `/ep1/${dots}`) });
    const answer = await ask(port, request);
    assert.ok(answer.status === 400 || answer.status === 403, `${dots}: ${answer.status}`);
    assert.deepEqual(seen, [], dots);
  }
});

test("only reading passes", async () => {
  const port = await start("methods", withClock);
  const allowed = requestOnCloudflare(vectors.verify.find(({ name }) => name === "allowed: canned, in the query"));
  seen.length = 0;
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const answer = await ask(port, { ...allowed, method });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, "GET, HEAD", method);
  }
  assert.deepEqual(seen, []);
  assert.equal((await ask(port, { ...allowed, method: "HEAD" })).status, 200);
  assert.equal(seen.length, 1);
});

test("no host takes a path with it", async () => {
  const port = await start("hosts", withClock);
  const row = vectors.verify.find(({ name }) => name.startsWith("allowed: a directory"));
  const allowed = requestOnCloudflare(row);
  const [path, query] = allowed.path.split("?");
  seen.length = 0;
  for (const forged of [
    { host: `${allowed.host}${path}`, path: `/premium/m.m3u8?${query}` },
    { host: `${allowed.host}${path}?x=`, path: `/premium/m.m3u8?${query}` },
    { host: `viewer@${allowed.host}` },
    { path: `//${allowed.host}${allowed.path}` },
  ]) {
    const answer = await ask(port, { ...allowed, ...forged });
    assert.equal(answer.status, 400, JSON.stringify(forged));
  }
  assert.deepEqual(seen, []);
});

test("the origin sees no signature", async () => {
  const port = await start("onward", withClock);
  const inQuery = requestOnCloudflare(vectors.verify.find(({ name }) => name === "allowed: canned, in the query"));
  const inCookies = requestOnCloudflare(vectors.verify.find(({ allow, cookies }) => allow && cookies.length > 0));
  for (const allowed of [inQuery, inCookies]) {
    const cookie = ["theme=dark", ...(allowed.headers.cookie ?? ["CloudFront-Signature=left-over"]), "language=en"].join("; ");
    const headers = { ...allowed.headers, cookie, referer: `http://${inQuery.host}${inQuery.path}`, range: "bytes=0-1" };
    seenHeaders.length = 0;
    assert.equal((await ask(port, { ...allowed, headers })).status, 200);
    const [{ cookie: onward, referer, range }] = seenHeaders;
    assert.equal(onward, "theme=dark; language=en");
    assert.equal(referer, undefined);
    assert.equal(range, "bytes=0-1");
  }
});

test("as deployed it goes by the machine's clock", async () => {
  const port = await start("deployed", (text) => text);
  const row = vectors.verify.find(({ name }) => name === "allowed: canned, in the query");
  assert.ok(row.now > Date.now() / 1000, "the vectors have expired: give rows.py a later END");
  assert.equal((await ask(port, requestOnCloudflare(row))).status, 200);
  const unsigned = await ask(port, { path: "/a.mp4", host: "d111111abcdef8.cloudfront.net" });
  assert.equal(code(unsigned.body), "MissingKey");
});

test("without keys it denies everything", async () => {
  const port = await start("unset", (text) => text.replace(/\(name = "TRUSTED_KEYS".*\n/, "\n"));
  const answer = await ask(port, requestOnCloudflare(vectors.verify[0]));
  assert.equal(answer.status, 403);
  assert.equal(answer.headers["x-tollgate-reason"], "not-configured");
});
