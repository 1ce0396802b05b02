// The page in headless Chromium: every request of the vectors explained, every RSA signature made, nothing sent.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { pem, trustedKeys, vectors } from "../../vectors/vectors.js";
import { server } from "../serve.mjs";

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${server.address().port}`;
const profile = mkdtempSync(join(tmpdir(), "tollgate-chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  viewport: { width: 390, height: 844 },
});
const page = await browser.newPage();
const requests = [];
const complaints = [];
page.on("request", (request) => requests.push(request.url()));
page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
page.on("pageerror", (error) => complaints.push(String(error)));
await page.goto(address);
await page.waitForSelector("html[data-ready]");
const loaded = requests.length;

after(async () => {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
});

const field = (id, value) => page.locator(`#${id}`).fill(String(value ?? ""));

async function trustBoth() {
  await page.getByRole("button", { name: "Add a key" }).click();
  for (const [index, { keyPairId, publicKey }] of trustedKeys.entries()) {
    await page.getByLabel("Key pair id").nth(index).fill(keyPairId);
    await page.getByLabel("Public key, PEM").nth(index).fill(publicKey);
  }
}

test("explains every request of the vectors", async () => {
  await trustBoth();
  for (const row of vectors.verify) {
    await field("url", row.url);
    await field("cookies", row.cookies.join("\n"));
    await field("client-ip", row.clientIp);
    await field("now", row.now);
    await page.locator("#strict").setChecked(row.strict);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    const verdict = await page.locator("#verdict").textContent();
    if (row.allow) assert.equal(verdict, "Allowed.", row.name);
    else assert.ok(verdict.startsWith(`403 ${row.code}, ${row.reason}: `), `${row.name}: ${verdict}`);
    assert.ok((await page.locator("#checks tr").count()) > 0, row.name);
  }
});

test("signs what openssl signs, and lets it be checked", async () => {
  for (const row of vectors.sign) {
    await field("sign-url", row.url);
    await field("sign-id", vectors.keys[row.key].id);
    await field("sign-pem", pem(row.key, "private"));
    await field("expires-at", row.expiresAt);
    await field("not-before", row.notBefore);
    await field("ip-address", row.ipAddress);
    await field("resource", row.resource);
    await page.locator("#hash").selectOption(row.hash);
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    const signed = await page.locator("#signed").inputValue();
    if (row.signed !== null) assert.equal(signed, row.signed, row.name);
    assert.match(await page.locator("#signed-cookies").textContent(), /^Set-Cookie: CloudFront-/);
    await page.getByRole("button", { name: "Check it above" }).click();
    await field("client-ip", row.ipAddress?.replace("0/24", "7"));
    await field("now", row.expiresAt - 1);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    assert.equal(await page.locator("#verdict").textContent(), "Allowed.", row.name);
  }
});

test("says what is wrong with what was typed", async () => {
  await field("sign-url", "https://media.example.com/a.mp4#t=5");
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  assert.match(await page.locator("#sign-result").textContent(), /^url must not have a fragment/);
  await page.getByLabel("Public key, PEM").first().fill("nonsense");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  assert.match(await page.locator("#verdict").textContent(), /^keys\[0\]\.public-key /);
});

test("fits a phone", async () => {
  const { wide, high } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, high: innerWidth }));
  assert.ok(wide <= high, `${wide} > ${high}`);
});

test("asked for nothing but its own files, and did nothing that its policy forbids", () => {
  assert.deepEqual(requests.slice(loaded), []);
  assert.ok(requests.every((url) => url.startsWith(`${address}/`)));
  assert.deepEqual(complaints, []);
});

if (process.env.SCREENSHOTS) {
  for (const scheme of ["light", "dark"]) {
    test(`screenshots, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.reload();
      await page.waitForSelector("html[data-ready]");
      await trustBoth();
      const row = vectors.verify.find(({ name }) => name === "denied: outside the directory");
      await field("url", row.url);
      await field("now", row.now);
      await page.getByRole("button", { name: "Check", exact: true }).click();
      for (const [name, width] of [["phone", 390], ["wide", 1280]]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-${scheme}.png`), fullPage: true });
      }
    });
  }
}
