// Sends the requests of the vectors over a socket, byte for byte: fetch and URL would normalise them first.
import { request } from "node:http";

/** A verify row as a proxy on this machine would pass it on, with the row's clock beside it. */
export function requestOf(row) {
  const [, scheme, host, path] = row.url.match(/^(https?):\/\/([^/?]+)(.*)$/);
  const headers = { "x-forwarded-proto": scheme, "x-test-clock": String(row.now) };
  if (row.clientIp !== null) headers["x-forwarded-for"] = row.clientIp;
  if (row.cookies.length > 0) headers.cookie = row.cookies;
  return { path, host, headers };
}

/** Sends one request to a port of this machine: `{ status, headers, body }`. GET unless told otherwise. */
export function ask(port, { method = "GET", path, host, headers = {} }) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, headers: { host, ...headers }, timeout: 10_000, agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in 10 s")));
    asked.on("error", reject);
    asked.end();
  });
}
