// The gateway's API, as one viewer calls it. Tokens and grants stay in this page's memory.

/** Why a call has no answer: the `type` of the gateway's problem, or one of ours. */
export class Problem extends Error {
  constructor(type, status, more = {}) {
    super(type);
    this.type = type;
    this.status = status;
    this.detail = more.detail ?? "";
    this.maxDevices = more.maxDevices;
    this.retryAfter = more.retryAfter;
    this.requestId = more.requestId;
    // The place lives, and is not that of this address and player.
    this.otherDevice = more.otherDevice === true;
  }

  /** Whether the same call may work in a moment. */
  get passing() {
    return this.status === 0 || this.status >= 500;
  }
}

const PATIENCE = 15_000;

/** Calls for one viewer. `chosen.renewToken`, if there is one, gives another token when the first has run out. */
export function gateway(chosen) {
  const viewer = `/users/${encodeURIComponent(chosen.user)}`;
  const episode = `/series/${encodeURIComponent(chosen.series)}/episodes/${encodeURIComponent(chosen.episode)}`;
  const carried = (delivery) => (delivery ? `?delivery=${delivery}` : "");

  async function call(method, path, again = true) {
    // Neither can be asked: without a viewer there is no path, and what is no token fits into no header.
    if (!chosen.user) throw new Problem("no-viewer", 400);
    if (!/^[\x21-\x7e]+$/.test(chosen.token)) throw new Problem("unauthenticated", 401);
    let answer;
    try {
      answer = await fetch(viewer + path, {
        method,
        headers: { authorization: `Bearer ${chosen.token}` },
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      throw new Problem("unreachable", 0);
    }
    if (answer.status === 401 && again && chosen.renewToken) {
      chosen.token = await chosen.renewToken();
      return call(method, path, false);
    }
    const text = await answer.text().catch(() => "");
    let body = {};
    try {
      body = text ? JSON.parse(text) : {};
    } catch {
      // What is no JSON is no answer of the gateway, but of something before it.
    }
    if (answer.ok) return body;
    const retryAfter = Number(answer.headers.get("retry-after")) || undefined;
    throw new Problem(body.type ?? "no-problem", answer.status, { ...body, retryAfter });
  }

  async function grant(method, path) {
    const found = await call(method, path);
    // Times are the gateway's; what this machine's clock is off by is known from the answer.
    return { ...found, clockAhead: Date.now() / 1000 - (found.expiresAt - found.expiresIn) };
  }

  return {
    /** May the viewer watch this, now, here? */
    authorize: (delivery) => grant("GET", `${episode}/signed-urls${carried(delivery)}`),
    /** Renews lease and signature. */
    heartbeat: (session, delivery) =>
      grant("POST", `/sessions/${encodeURIComponent(session)}/heartbeat${carried(delivery)}`),
    /** The devices that watch. */
    devices: async () => (await call("GET", "/sessions")).sessions ?? [],
    /** Gives the place of a device back. */
    free: (session) => call("DELETE", `/sessions/${encodeURIComponent(session)}`),
  };
}

/** The gateway's clock, in epoch seconds, as far as a grant tells. */
export const nowBy = (grant) => Date.now() / 1000 - grant.clockAhead;
