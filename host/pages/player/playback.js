// One playback: a grant, renewed in time for as long as it is watched, and what to do when something says no.

import { nowBy } from "./gateway.js";
import { engineFor, onlyNative } from "./engines.js";
import * as say from "./sentences.js";

/** More recoveries than that within a minute lead nowhere. */
const MOST_RECOVERIES = 4;

/**
 * Plays, from `position` if it is given. `show` is told: `grant(grant, engine)`, `renewed(count)`, `message(kind,
 * sentence)`, and `over(sentence, position)`, after which nothing happens any more.
 */
export function playback(video, gateway, chosen, show, position) {
  let grant, engine;
  let renewals = 0;
  let running = true;
  // What is under way: one question at a time, or a renewal would overtake another.
  let asking;
  let retryAt = 0;
  let failures = 0;
  let recoveries = [];
  let decoded = 0;
  // Whether the old place has been given back and there is no new one yet, and whether the grant is of such a new one.
  let between = false;
  let moved = false;

  async function start() {
    let delivery = chosen.delivery;
    // Without a hook for requests, signatures have to be in the playlist or in cookies.
    const bare = !delivery && chosen.engine !== "hls.js" && (await onlyNative(chosen.engine));
    try {
      grant = await authorize(bare ? "playlist" : delivery);
    } catch (problem) {
      if (!bare || problem.type !== "invalid-request") throw problem;
      grant = await authorize("cookies");
    }
    if (!running) return;
    delivery = grant.delivery;
    chosen = { ...chosen, delivery };
    const found = await engineFor(chosen.engine, grant, video, told);
    if (!running) return;
    if (found.refused) {
      await release();
      return over(found.refused);
    }
    engine = found.engine;
    if (grant.posterUrl) video.poster = grant.posterUrl;
    show.grant(grant, engine);
    show.message("", "Playing.");
    engine.start(grant, position);
    video.play().catch((error) => {
      if (running && error.name === "NotAllowedError") show.message("note", say.PRESS_PLAY);
    });
  }

  const authorize = (delivery) => gateway.authorize(delivery);

  /** Renews lease and signature, and says whether there is a good grant now. */
  function renew() {
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
  }

  async function ask() {
    if (between) return takeAgain();
    try {
      adopt(await gateway.heartbeat(grant.sessionId, chosen.delivery));
      if (moved && running) show.message("", "Playing.");
      moved = false;
      return true;
    } catch (problem) {
      // Once: two devices that share one place would take it from each other for ever.
      if (problem.otherDevice && !moved) return move();
      const gone = problem.type === "session-ended" || problem.type === "session-not-found";
      // A place that ran out while this device slept may be taken again; one that was taken away may not.
      if (gone && !problem.otherDevice && nowBy(grant) >= grant.sessionExpiresAt) return takeAgain();
      return denied(problem, gone ? say.ofEnd(problem) : undefined);
    }
  }

  async function takeAgain() {
    try {
      adopt(await authorize(chosen.delivery));
    } catch (problem) {
      return denied(problem);
    }
    moved = between;
    between = false;
    if (moved && running) show.message("note", say.MOVED);
    return true;
  }

  /** This device has another address now, so its place looks like somebody else's: it takes a new one for the old. */
  async function move() {
    try {
      await gateway.free(grant.sessionId);
    } catch (problem) {
      if (problem.type !== "session-not-found") return denied(problem);
    }
    between = true;
    return takeAgain();
  }

  function adopt(next) {
    if (!running) return;
    const silent = failures > 0;
    [failures, retryAt] = [0, 0];
    grant = next;
    renewals += 1;
    engine.renewed(grant);
    show.grant(grant, engine);
    show.renewed(renewals);
    if (silent) show.message("", "Playing.");
  }

  function denied(problem, sentence) {
    if (!running) return false;
    if (problem.passing) {
      failures += 1;
      const now = nowBy(grant);
      retryAt = now + Math.min(30, problem.retryAfter ?? 2 ** Math.min(failures, 4));
      show.message("trouble", say.GATEWAY_SILENT(grant.expiresAt - now));
    } else {
      over(sentence ?? say.ofProblem(problem));
    }
    return false;
  }

  /** What the engine met. */
  async function told(what, about) {
    if (!running) return;
    switch (what) {
      case "refused":
        return refused(about);
      case "silent":
        show.message("trouble", navigator.onLine ? say.EDGE_SILENT : say.OFFLINE);
        return recover(() => say.EDGE_GONE);
      case "waiting":
        if (!navigator.onLine) show.message("trouble", say.OFFLINE);
        return;
      case "undecodable":
        decoded += 1;
        if (decoded > 2) return over(say.UNPLAYABLE);
        return engine.decodeAgain();
    }
  }

  function refused({ status, problem }) {
    const sentence = () => (problem ? say.ofProblem(problem) : say.ofRefusal(status, grant.delivery));
    // A signature that has ended, or a server that has its moment; what is not there will not come.
    if (status === 401 || status === 403) return recover(sentence);
    if (status < 500) return over(sentence());
    show.message("trouble", sentence());
    return recover(sentence);
  }

  let recovering = false;

  /** A new signature, and on from where it stopped. */
  async function recover(sentence) {
    if (recovering) return;
    recovering = true;
    const since = Date.now() - 60_000;
    recoveries = recoveries.filter((time) => time > since);
    try {
      if (recoveries.length >= MOST_RECOVERIES) return over(sentence());
      if (recoveries.length > 0) await pause(1000 * 2 ** recoveries.length);
      recoveries.push(Date.now());
      while (running && !(await renew())) await pause(2000);
      if (!running) return;
      engine.resume();
      if (!moved) show.message("", "Playing.");
    } finally {
      recovering = false;
    }
  }

  /** Called each second, and whenever a sleep may have ended. */
  function tick() {
    if (!running || !engine) return;
    const now = nowBy(grant);
    if (now >= grant.refreshAt && now >= retryAt) renew();
    engine.tick(now);
  }

  function over(sentence) {
    if (!running) return;
    // A live stream has moved on by then.
    const left = Number.isFinite(video.duration) ? video.currentTime || position : undefined;
    end();
    show.over(sentence, left);
  }

  function end() {
    running = false;
    engine?.stop();
    video.removeAttribute("poster");
  }

  /** Gives the place back; if that fails it runs out by itself. */
  const release = async () => {
    if (grant && !between) await gateway.free(grant.sessionId).catch(() => {});
  };

  return {
    start: () => start().catch((problem) => over(say.ofProblem(problem))),
    tick,
    /** Asks at once whether the place is still there. */
    check: () => engine && running && renew(),
    get grant() {
      return grant;
    },
    async stop() {
      if (!running) return;
      end();
      await release();
    },
  };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
