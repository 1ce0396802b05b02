// The smallest page that a player of examples/players can be loaded into, and what that imports.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { packages, snippets } from "./paths.mjs";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css" };

// Shaka Player and Video.js come as scripts that set a global; a bundler would make the imports work, here a line does.
const IMPORTS = {
  "hls.js": "/packages/hls.js/dist/hls.min.mjs",
  "shaka-player": "data:text/javascript,export default window.shaka",
  "video.js": "data:text/javascript,export default window.videojs",
};
const PAGE = `<!doctype html>
<html lang="en"><title>players</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script src="/packages/shaka-player/dist/shaka-player.compiled.js"></script>
<script src="/packages/video.js/dist/video.min.js"></script>
<video id="video" muted playsinline width="640" height="360"></video>
</html>`;

/** What is at `path`: `{ status, headers, body }`. */
export async function answer(path) {
  if (path === "/") return { status: 200, headers: { "content-type": TYPES[".html"] }, body: PAGE };
  const [, kind, ...rest] = normalize(path).split("/");
  const folder = { players: snippets, packages }[kind];
  const body = folder && (await readFile(join(folder, ...rest)).catch(() => null));
  if (!body) return { status: 404, headers: {}, body: "" };
  return { status: 200, headers: { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }, body };
}

/** Serves the page from an origin of its own, so that everything it asks of the gateway is CORS. */
export async function startSite() {
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await answer(new URL(request.url, "http://site").pathname);
    response.writeHead(status, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/** Puts the page at `origin` in this context only, without a server: beside the gateway's own routes. */
export async function placeSite(context, origin) {
  await context.route(new RegExp(`^${origin.replaceAll(".", "\\.")}/((players|packages)/.*)?$`), async (route) => {
    await route.fulfill(await answer(new URL(route.request().url()).pathname));
  });
}
