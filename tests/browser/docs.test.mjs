// docs/players.md shows the files that were played, and nothing that only looks like them.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root, snippets } from "./harness/paths.mjs";

test("docs/players.md quotes every file of examples/players as it is", async () => {
  const page = await readFile(join(root, "docs/players.md"), "utf8");
  const blocks = [...page.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block]) => block);
  const names = await readdir(snippets);
  assert.ok(names.length >= 6, names.join(", "));
  for (const name of names) {
    const text = await readFile(join(snippets, name), "utf8");
    assert.ok(blocks.includes(text), `the page does not quote ${name} as it is`);
    assert.ok(page.includes(`](../examples/players/${name})`), `the page does not say where ${name} is`);
  }
});
