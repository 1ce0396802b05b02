// Where things are.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** What was installed and what is kept of a run. */
export const out = resolve(process.env.BROWSER_CHECK_OUT ?? join(root, "target/browser"));

export const packages = join(out, "node_modules");
/** What the player page is served with. */
export const hlsJs = process.env.HLS_JS ?? join(packages, "hls.js/dist/hls.min.js");
export const screenshots = join(out, "screenshots");
export const snippets = join(root, "examples/players");
