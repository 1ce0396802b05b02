// Pictures of both pages for people to look at, and that nothing sticks out of a phone.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startDemo } from "./harness/demo.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { screenshots } from "./harness/paths.mjs";
import { openPlayer } from "./harness/player.mjs";

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
let demo, browser;
before(async () => {
  await mkdir(screenshots, { recursive: true });
  demo = await startDemo();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function picture(page, name) {
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
  assert.ok(wide <= room, `${name}: ${wide} pixels in ${room}`);
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${size}, ${colorScheme}`, async (test) => {
      const player = await openPlayer(test, browser, demo, { viewport, colorScheme, agent: `${size} ${colorScheme}` });
      const { page } = player;
      const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).backgroundColor);
      const light = /rgb\((2[0-9]{2})/.test(background);
      assert.equal(light, colorScheme === "light", background);
      await player.play({ user: "alice", episode: "ep1" });
      await player.playsOn(1);
      await player.until("a device", () => document.querySelectorAll("[data-free]").length > 0);
      await picture(page, `player-${size}-${colorScheme}`);
      await page.locator("#stop").click();
      await player.play({ user: "erin" });
      await player.says(/may not watch/);
      await picture(page, `player-denied-${size}-${colorScheme}`);

      const { json } = await demo.ask("GET", "/users/carol/series/series-1/episodes/ep1/signed-urls?delivery=url", { user: "carol" });
      await page.goto(`${demo.gateway}/explain`);
      for (const [state, at] of [["allowed", ""], ["expired", String(json.expiresAt + 90)]]) {
        await page.locator("#url").fill(json.videoUrl);
        await page.locator("#at").fill(at);
        await page.locator("#check").click();
        await page.waitForFunction((state) => document.getElementById("verdict").textContent.includes(state === "allowed" ? "would allow" : "403"), state);
        await picture(page, `explain-${state}-${size}-${colorScheme}`);
      }
    });
  }
}
