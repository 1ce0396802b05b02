// Serves the page on this machine: its own files, and the package beside them under /signer/.
//
// usage: node serve.mjs [PORT]     in a folder where `npm install @tollgate/signer` was run; 8090 by default
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";

const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };
const own = new Map(["/index.html", "/page.js", "/page.css"].map((path) => [path, new URL(`.${path}`, import.meta.url)]));
own.set("/", own.get("/index.html"));
const signer = new URL("./", import.meta.resolve("@tollgate/signer"));
for (const name of ["browser.js", "wrap.js", "component/signer.js", ...["", "2", "3"].map((n) => `component/signer.core${n}.wasm`)]) {
  own.set(`/signer/${name}`, new URL(name, signer));
}

export const server = createServer(async (request, response) => {
  const file = own.get(request.url);
  if (file === undefined) return response.writeHead(404).end();
  response.setHeader("content-type", types[extname(file.pathname)]);
  response.setHeader("x-content-type-options", "nosniff");
  // The rest of the policy stands in the page; this part of it works as a header only.
  response.setHeader("content-security-policy", "frame-ancestors 'none'");
  response.end(await readFile(file));
});

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  server.listen(Number(process.argv[2] ?? 8090), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
}
