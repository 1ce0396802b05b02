// Chromium, and a record of everything its pages asked for, said and complained about.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./paths.mjs";

// Packages are not beside these files, but where everything is that was made or installed.
const { chromium } = createRequire(join(packages, "here"))("playwright-core");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
];

/** A headless Chromium with a new profile, which goes away with it. */
export function openBrowser(flags = []) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...FLAGS, ...flags] });
}

/** A device: a context of its own with a user agent of its own. */
export async function openDevice(browser, { agent, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...(agent && { userAgent: agent }), ...options });
  return { context, record: new Record(context) };
}

/** What the pages of a context did. */
export class Record {
  responses = [];
  requests = [];
  complaints = [];

  constructor(context) {
    context.on("request", (request) => this.requests.push(request.url()));
    context.on("requestfailed", (request) => this.failed(request));
    context.on("response", (response) => this.answered(response));
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(`${message.type()}: ${message.text()}`);
    });
    context.on("weberror", (error) => this.complaints.push(String(error.error())));
  }

  failed(request) {
    const { errorText } = request.failure() ?? {};
    // Players give up requests whenever somebody seeks or another rendition is better.
    if (!/ERR_ABORTED|BLOCKED_BY_ORB/.test(errorText)) this.complaints.push(`${request.url().split("?")[0]}: ${errorText}`);
  }

  answered(response) {
    const url = new URL(response.url());
    const signature = url.searchParams.get("Signature") ?? "";
    this.responses.push({
      at: Date.now(),
      origin: url.origin,
      path: url.pathname,
      status: response.status(),
      // A signature opens doors, and this record may be printed.
      signature: signature && createHash("sha256").update(signature).digest("hex").slice(0, 8),
    });
  }

  /** Responses of `origin`, of those since `since` (milliseconds). */
  of(origin, since = 0) {
    return this.responses.filter((response) => response.origin === origin && response.at >= since);
  }
}

/** Waits until `what(page)` holds in the page; says what it waited for if it never does. */
export async function until(page, name, what, argument, timeout = 30_000) {
  try {
    await page.waitForFunction(what, argument, { timeout, polling: 100 });
  } catch (error) {
    throw new Error(`waited in vain for: ${name}`, { cause: error });
  }
}
