// Asks Tollgate for an episode, and keeps its lease and its signature alive until `end`. Every player here uses it.

/** Tollgate said no. `problem` is its answer (application/problem+json): `type`, `title`, `detail`. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `Tollgate answered ${status}`);
    Object.assign(this, { status, problem });
  }
}

/** Dispatches `renewed` with each new grant, and `ended` with a Refused in `detail` when the device lost its place. */
export class Playback extends EventTarget {
  /** `token` gives an access token that holds now, and may be asynchronous; `delivery` may be left to the policy. */
  static async start({ gateway, token, user, series, episode, delivery }) {
    const playback = new Playback();
    Object.assign(playback, { gateway, token, users: `/users/${encodeURIComponent(user)}` });
    playback.query = delivery ? `?delivery=${delivery}` : "";
    playback.episode = `/series/${encodeURIComponent(series)}/episodes/${encodeURIComponent(episode)}`;
    playback.take(await playback.claim());
    return playback;
  }

  /** `url` with the newest signature if it lies in the directory that was signed; any other as it is. */
  sign(url) {
    const { videoUrl, query } = this.grant;
    const directory = new URL(".", videoUrl).href;
    if (!query || !url.startsWith(directory)) return url;
    // Put together by hand: URLSearchParams would write what is there already in another way.
    const [address, parameters = ""] = url.split("?");
    const kept = parameters.split("&").filter((parameter) => parameter && !(parameter.split("=")[0] in query));
    const signature = Object.entries(query).map(([name, value]) => `${name}=${value}`);
    return `${address}?${[...kept, ...signature].join("&")}`;
  }

  /** Resolves when the signature is fresh: at once, but for a machine that slept past the time to renew. */
  async fresh() {
    if (Date.now() >= this.due) await this.renew();
  }

  /** Gives the device's place back. What was signed holds until it expires. */
  async end() {
    this.over = true;
    clearTimeout(this.timer);
    await this.free({ keepalive: true });
  }

  renew() {
    this.renewing ??= this.heartbeat().finally(() => (this.renewing = null));
    return this.renewing;
  }

  async heartbeat() {
    if (this.over) return;
    clearTimeout(this.timer);
    try {
      // A place that ran out during a sleep may be claimed again; one that was taken away may not.
      this.take(Date.now() < this.lapses ? await this.beat() : await this.claim());
      this.dispatchEvent(new Event("renewed"));
    } catch (error) {
      // No answer, or one that says to come again: the lease lives longer than some lost heartbeats.
      if (!(error instanceof Refused) || error.status >= 500) return void this.wait(2000);
      this.over = true;
      this.dispatchEvent(new CustomEvent("ended", { detail: error }));
    }
  }

  claim() {
    return this.ask("GET", `${this.episode}/signed-urls${this.query}`);
  }

  async beat() {
    try {
      const grant = await this.ask("POST", `/sessions/${this.grant.sessionId}/heartbeat${this.query}`);
      this.moved = false;
      return grant;
    } catch (error) {
      // Wi-Fi became mobile: the place is of the address or player this was, so it is given back for another one. Once.
      if (!error.problem?.otherDevice || this.moved || this.over) throw error;
      await this.free();
      this.moved = true;
      // Whatever becomes of the claim, that place is gone.
      this.lapses = 0;
      return this.claim();
    }
  }

  free(options) {
    return this.ask("DELETE", `/sessions/${this.grant.sessionId}`, options);
  }

  take(grant) {
    this.grant = grant;
    if (this.over) return;
    // Counted from the gateway's clock, because a viewer's may be wrong.
    const now = grant.expiresAt - grant.expiresIn;
    this.lapses = Date.now() + (grant.sessionExpiresAt - now) * 1000;
    this.wait((grant.refreshAt - now) * 1000);
  }

  wait(milliseconds) {
    // Not performance.now(), which in some browsers stands still while the machine sleeps.
    this.due = Date.now() + milliseconds;
    this.timer = setTimeout(() => this.renew(), milliseconds);
  }

  async ask(method, path, options) {
    const answer = await fetch(this.gateway + this.users + path, {
      method,
      headers: { authorization: `Bearer ${await this.token()}` },
      // A browser keeps the cookies of another origin's answer only so.
      credentials: this.query.endsWith("=cookies") ? "include" : "same-origin",
      ...options,
    });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    throw new Refused(answer.status, await answer.json().catch(() => ({})));
  }
}
