// Builds the npm package @tollgate/signer, and the gate for examples/node/gate, out of the components.
//
// usage: node build.mjs COMPONENTS LICENSE OUT     the folder with signer.wasm and gate.wasm, the licence to ship, and
// an empty folder to write to
// Writes OUT/package (the package), OUT/tollgate-signer-VERSION.tgz (the same, packed) and OUT/gate.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
// What `jco transpile` is made of, without the parts of it that an older npm does not install.
import { transpile } from "@bytecodealliance/jco/component";

const [components, license, out] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));

async function generate(name, options, folder) {
  const { files } = await transpile(readFileSync(join(components, `${name}.wasm`)), { name, ...options });
  for (const [path, contents] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
}

// Instantiated by whoever imports it, synchronously, with modules of its own making: one output for Node, browsers
// and workers, which get hold of a module in three different ways.
cpSync(join(here, "package"), join(out, "package"), { recursive: true });
cpSync(license, join(out, "package/LICENSE"));
await generate("signer", { instantiation: { tag: "sync" } }, join(out, "package/component"));

// The gate's functions wait for their ports, so they need JSPI.
await generate("gate", { instantiation: { tag: "async" }, asyncMode: { tag: "jspi", val: { imports: [], exports: [] } } }, join(out, "gate"));

execFileSync("npm", ["pack", "--silent", "--pack-destination", out], { cwd: join(out, "package"), stdio: "inherit" });
