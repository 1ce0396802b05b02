// docs/players.md and docs/exoplayer.md show the files that were played, and nothing that only looks like them.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root, snippets } from "./harness/paths.mjs";

test("docs/players.md and docs/exoplayer.md quote every file of examples/players as it is", async () => {
  const pages = ["docs/players.md", "docs/exoplayer.md"].map((path) => readFile(join(root, path), "utf8"));
  const page = (await Promise.all(pages)).join("\n");
  const blocks = [...page.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block]) => block);
  const names = await readdir(snippets);
  assert.ok(names.length >= 6, names.join(", "));
  for (const name of names) {
    const text = await readFile(join(snippets, name), "utf8");
    assert.ok(blocks.includes(text), `no page quotes ${name} as it is`);
    assert.ok(page.includes(`](../examples/players/${name})`), `no page says where ${name} is`);
  }
});
