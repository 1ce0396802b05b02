// A running `tollgate demo` on free ports, what it logged, and what it counted.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { hlsJs } from "./paths.mjs";

/**
 * Flags for renewals every six seconds, which leave as much for a slow machine: a player whose hook cannot wait shall
 * be refused for being wrong, not for being late.
 */
export const SHORT = { ttl: 12, "device-lease": 12 };

/** Starts a demo with the flags of `tollgate demo`: `{ ttl: 10 }` is `--ttl 10`. */
export async function startDemo(flags = {}) {
  const program = process.env.TOLLGATE;
  if (!program) throw new Error("TOLLGATE must name the binary, as scripts/browser-check does");
  const folder = await mkdtemp(join(tmpdir(), "tollgate-browser-"));
  const ready = join(folder, "ready.json");
  const options = Object.entries({ port: 0, "edge-port": 0, "ready-file": ready, "hls-js": hlsJs, ...flags });
  const process_ = spawn(program, ["demo", ...options.flatMap(([name, value]) => [`--${name}`, String(value)])], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const demo = new Demo(process_, folder);
  try {
    Object.assign(demo, await demo.announced(ready));
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo;
}

/** A gateway that is no demo, on the store and the keys of one. */
export async function startServe(demo) {
  const environment = { ...process.env, TOLLGATE__GATEWAY__LISTEN: "127.0.0.1:0", TOLLGATE__EDGE__LISTEN: "127.0.0.1:0" };
  const process_ = spawn(process.env.TOLLGATE, ["serve", "--config", demo.config], { stdio: ["ignore", "pipe", "pipe"], env: environment });
  const serve = new Demo(process_, null);
  for (let waited = 0; waited < 30_000; waited += 50) {
    const [, address] = /listening address=(\S+) key="gateway\.listen"/.exec(serve.log) ?? [];
    if (address) return Object.assign(serve, { gateway: `http://${address}` });
    if (process_.exitCode !== null) break;
    await pause(50);
  }
  await serve.stop();
  throw new Error(`tollgate serve did not start:\n${serve.log}`);
}

class Demo {
  constructor(process_, folder) {
    this.process = process_;
    this.folder = folder;
    this.output = "";
    this.log = "";
    process_.stdout.on("data", (chunk) => (this.output += chunk));
    process_.stderr.on("data", (chunk) => (this.log += chunk));
    this.ended = new Promise((resolve) => process_.on("exit", resolve).on("error", resolve));
  }

  async announced(file) {
    for (let waited = 0; waited < 60_000; waited += 50) {
      const text = await readFile(file, "utf8").catch(() => "");
      // The file may be half written.
      if (text.trimEnd().endsWith("}")) return JSON.parse(text);
      if (this.process.exitCode !== null) break;
      await pause(50);
    }
    throw new Error(`the demo did not start:\n${this.log}`);
  }

  /** Asks the gateway, by its address and not by its name: node does not resolve names below `localhost`. */
  async ask(method, path, { user = "alice", token = this.tokens[user], agent = "browser-check" } = {}) {
    const headers = { "user-agent": agent, ...(token && { authorization: `Bearer ${token}` }) };
    const { status, body } = await fetchLocally(this.gateway + path, { method, headers });
    return { status, json: body ? JSON.parse(body) : null };
  }

  /** Lets `user` watch the series. Whoever has a name of their own has device places of their own. */
  async grant(user) {
    const child = spawn(process.env.TOLLGATE, ["grant", "--config", this.config, "--user", user, "--series", "series-1"], { stdio: "ignore" });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    if (code !== 0) throw new Error(`tollgate grant ended with ${code}`);
    // The administrator may ask in anybody's name.
    this.tokens[user] = this.tokens.root;
    return user;
  }

  /** A counter of `/metrics`, for example `edge_requests_total{result="denied"}`. */
  async metric(name) {
    const { body } = await fetchLocally(`${this.gateway}/metrics`);
    const line = body.split("\n").find((line) => line.startsWith(`${name} `));
    if (!line) throw new Error(`/metrics has no ${name}`);
    return Number(line.slice(name.length + 1));
  }

  /** How many requests the edge answered with 403, by its own count. */
  denied() {
    return this.metric('edge_requests_total{result="denied"}');
  }

  async stop() {
    if (this.process.exitCode === null) this.process.kill("SIGTERM");
    const killed = setTimeout(() => this.process.kill("SIGKILL"), 10_000);
    await this.ended;
    clearTimeout(killed);
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}

/** A request to 127.0.0.1 with the URL's own name in `Host`; redirects are not followed. */
export function fetchLocally(address, { method = "GET", headers = {} } = {}) {
  const url = new URL(address);
  const target = { host: "127.0.0.1", port: url.port, path: url.pathname + url.search, method, headers: { host: url.host, ...headers } };
  return new Promise((resolve, reject) => {
    const sent = request(target, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject).end();
  });
}
