// The player page without a mouse.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDemo } from "./harness/demo.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { openPlayer } from "./harness/player.mjs";

let demo, browser;
before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Presses Tab until the element with this id has the focus, which must then be visible. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate((selector) => {
      const { activeElement } = document;
      if (!activeElement?.matches(selector)) return null;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(activeElement);
      return { visible: activeElement.matches(":focus-visible"), ring: (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" };
    }, selector);
    if (found) return assert.deepEqual(found, { visible: true, ring: true }, selector);
  }
  assert.fail(`no Tab leads to ${selector}`);
}

test("chooses, plays, pauses, frees a device and stops with keys only", async (test) => {
  const player = await openPlayer(test, browser, demo);
  const { page } = player;
  await tabTo(page, "#user");
  // Typing the beginning of an option chooses it.
  await page.keyboard.type("carol");
  await tabTo(page, "#episode");
  await page.keyboard.type("ep1");
  await tabTo(page, "#delivery");
  await page.keyboard.type("cook");
  await tabTo(page, "#engine");
  await page.keyboard.type("hls");
  assert.deepEqual(await page.evaluate(() => ["user", "episode", "delivery", "engine"].map((id) => document.getElementById(id).value)), ["carol", "ep1", "cookies", "hls.js"]);
  await tabTo(page, "#play");
  await page.keyboard.press("Enter");
  await player.playsOn(1);
  assert.equal(await player.text("path"), "hls.js, cookies");

  await tabTo(page, "#video");
  await page.keyboard.press("Space");
  await player.until("the pause", () => document.getElementById("video").paused);
  await page.keyboard.press("Space");
  await player.playsOn(0.5);

  await tabTo(page, "[data-free]");
  await page.keyboard.press("Enter");
  await player.says(/^Playback ended here/);
  // The button is gone; the focus must not be lost with it.
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");

  await tabTo(page, "#again");
  await page.keyboard.press("Space");
  await player.playsOn(0.5);
  await tabTo(page, "#stop");
  await page.keyboard.press("Enter");
  await player.says(/^Stopped\./);
  player.isClean({ refused: [403] });
});

test("what happens is announced", async (test) => {
  const { page } = await openPlayer(test, browser, demo);
  assert.equal(await page.locator("#message").getAttribute("role"), "status");
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("select, input, textarea, button")].filter((field) => !field.labels?.length && !field.textContent.trim() && !field.ariaLabel).map((field) => field.id),
  );
  assert.deepEqual(nameless, []);
});
