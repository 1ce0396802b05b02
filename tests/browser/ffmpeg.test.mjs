// ffmpeg and ffprobe, which have no hook for requests and are given no cookie, on delivery by playlist.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { startDemo } from "./harness/demo.mjs";

const LIVE_SECONDS = Number(process.env.BROWSER_CHECK_LIVE_SECONDS ?? 120);
const TTL = 15;
let demo;

before(async () => {
  demo = await startDemo({ ttl: TTL });
});
after(() => demo?.stop());

async function grant(user, episode) {
  const { status, json } = await demo.ask("GET", `/users/${user}/series/series-1/episodes/${episode}/signed-urls?delivery=playlist`, { user, agent: episode });
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(json.delivery, "playlist");
  assert.ok(json.videoUrl.startsWith(`${demo.gateway}/`), "the video's URL is not a link at the gateway");
  return json;
}

/** Runs one of ffmpeg's programs; what it says on standard error is a complaint, as it is told to say no more. */
async function run(program, flags, input) {
  const child = spawn(program, ["-hide_banner", "-v", "warning", ...flags, "-i", input.url, ...(input.out ?? [])], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  // The link in it opens the video.
  const complaints = stderr.replaceAll(/\?\S*/g, "?…").trim();
  assert.equal(code, 0, complaints);
  return { stdout, complaints };
}

/** Decodes everything, and says how many frames and seconds there were. */
async function decode(url, { before = [], after = [] }) {
  const { stdout, complaints } = await run("ffmpeg", ["-nostdin", "-progress", "pipe:1", ...before], { url, out: [...after, "-f", "null", "-"] });
  const last = (name) => Number(stdout.match(new RegExp(`^${name}=\\s*(-?\\d+)`, "gm"))?.at(-1)?.split("=")[1]);
  return { frames: last("frame"), seconds: last("out_time_us") / 1e6, complaints };
}

async function probe(url) {
  const { stdout } = await run("ffprobe", ["-show_entries", "stream=codec_type,codec_name:format=duration,format_name", "-of", "json"], { url });
  const { streams, format } = JSON.parse(stdout);
  return { kinds: new Set(streams.map(({ codec_type }) => codec_type)), format };
}

describe("without a header and without a cookie", { concurrency: 4 }, () => {
  for (const [name, episode, dash] of [["HLS with MPEG-TS", "ep1"], ["HLS with fragmented MP4", "ep3"], ["DASH", "ep3", true]]) {
    test(`${name}: probed and decoded to the end`, async () => {
      const { videoUrl, dashUrl } = await grant("alice", episode);
      const url = dash ? dashUrl : videoUrl;
      assert.match(url, dash ? /\/manifest\.mpd\?/ : /\/playlist\.m3u8\?/);
      const { kinds, format } = await probe(url);
      assert.deepEqual([...kinds].sort(), ["audio", "video"]);
      const whole = Number(format.duration);
      assert.ok(whole > 5, `it lasts ${whole} s`);
      const { seconds, frames, complaints } = await decode(url, { before: ["-xerror"] });
      assert.ok(Math.abs(seconds - whole) < 1, `${seconds} of ${whole} s`);
      assert.ok(frames > whole * 10, `${frames} frames`);
      assert.equal(complaints, "");
    });
  }

  test(`live for ${LIVE_SECONDS} s, with signatures of ${TTL} s`, async (test) => {
    const { videoUrl } = await grant("carol", "live");
    const start = Date.now();
    const { seconds, frames, complaints } = await decode(videoUrl, { after: ["-t", String(LIVE_SECONDS)] });
    const took = (Date.now() - start) / 1000;
    // The stream is a loop. Where it begins again ffmpeg misses packets, whatever EXT-X-DISCONTINUITY says.
    const others = complaints.split("\n").filter((line) => line && !/Packet corrupt|corrupt input packet|timestamp discontinuity|dts/i.test(line));
    assert.deepEqual(others, []);
    assert.ok(seconds > LIVE_SECONDS - 0.5, `${seconds} s`);
    assert.ok(frames > LIVE_SECONDS * 20, `${frames} frames`);
    // What was there already came at once, the rest as time passed.
    assert.ok(took > 3 * TTL, `it took ${took} s, so no signature had time to expire`);
    const { json } = await demo.ask("GET", "/users/carol/sessions", { user: "carol", agent: "live" });
    assert.equal(json.sessions.length, 1, "the lease lives, because the playlists were fetched");
    test.diagnostic(`${seconds.toFixed(1)} s of video, ${frames} frames, in ${took.toFixed(1)} s; ${Math.floor(took / TTL)} times the life of a signature`);
  });
});

test("the edge refused nothing", async () => assert.equal(await demo.denied(), 0));
