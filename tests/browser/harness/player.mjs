// The player page, used as a viewer uses it.
import assert from "node:assert/strict";
import { openDevice, until } from "./browser.mjs";

/** Opens the page on a device of its own, which ends with the test. */
export async function openPlayer(test, browser, demo, options = {}) {
  const { context, record } = await openDevice(browser, options);
  const page = await context.newPage();
  test.after(async () => {
    // The place shall be free for whoever comes next, also after a failure.
    await page.evaluate(() => {
      const stop = document.getElementById("stop");
      if (!stop || stop.disabled) return;
      stop.click();
      return new Promise((resolve) => setTimeout(resolve, 500));
    });
    await context.close();
  });
  await page.goto(`${demo.gateway}/player`);
  await page.waitForSelector("#user option", { state: "attached" });
  return new Player(page, context, record, demo);
}

class Player {
  constructor(page, context, record, demo) {
    Object.assign(this, { page, context, record, demo });
  }

  /** Chooses and presses Play. What is left out stays as it is. */
  async play(choice = {}) {
    for (const [id, value] of Object.entries(choice)) await this.page.locator(`#${id}`).selectOption(value);
    await this.page.locator("#play").click();
  }

  text(id) {
    return this.page.locator(`#${id}`).textContent();
  }

  async until(name, what, argument, timeout) {
    try {
      await until(this.page, name, what, argument, timeout);
    } catch (error) {
      throw new Error(`${error.message}; the page says: ${await this.text("message")}`, { cause: error });
    }
  }

  time() {
    return this.page.evaluate(() => document.getElementById("video").currentTime);
  }

  async playsOn(seconds) {
    const more = (await this.time()) + seconds;
    await this.until(`${seconds} more seconds`, (time) => document.getElementById("video").currentTime > time, more, 60_000);
  }

  renewals(count) {
    return this.until(`${count} renewals`, (count) => Number(document.getElementById("renewals").textContent) >= count, count, 120_000);
  }

  says(pattern, timeout) {
    const holds = ([source, flags]) => new RegExp(source, flags).test(document.getElementById("message").textContent);
    return this.until(`a message like ${pattern}`, holds, [pattern.source, pattern.flags], timeout);
  }

  /** Ids of the sessions in the list of devices. */
  devices() {
    return this.page.locator("#devices [data-free]").evaluateAll((buttons) => buttons.map((button) => button.dataset.free));
  }

  /** Nothing was asked of anybody else, and neither the console nor the page's policy complained. */
  isClean({ refused = [] } = {}) {
    const { gateway, edge } = this.demo;
    const foreign = this.record.requests.filter((url) => ![gateway, edge].some((origin) => url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`)));
    assert.deepEqual(foreign, []);
    const expected = (complaint) => refused.some((status) => complaint.includes(`the server responded with a status of ${status}`));
    assert.deepEqual(this.record.complaints.filter((complaint) => !expected(complaint)), []);
    assert.deepEqual(this.record.of(edge).filter(({ status }) => ![200, 206, 304].includes(status)), []);
  }
}
