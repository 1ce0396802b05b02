// Two ways to play: hls.js, which loads by itself and can add to every request, and what the browser has of its own.
//
// Both take `told`: what happened, as `refused` with a status and the gateway's problem if it is one, `silent`,
// `undecodable` or `waiting`.

import { Problem } from "./gateway.js";
import { following } from "./place.js";
import * as say from "./sentences.js";

const HLS = "application/vnd.apple.mpegurl";

let library;

/** hls.js, if this gateway serves it. */
export function hlsJs() {
  if (document.body.dataset.hlsJs !== "yes") return Promise.resolve(undefined);
  library ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "/pages/hls.js";
    script.addEventListener("load", () => resolve(window.Hls));
    script.addEventListener("error", () => {
      library = undefined;
      resolve(undefined);
    });
    document.head.append(script);
  });
  return library;
}

/** Whether nothing but the browser's own player can play HLS here. */
export async function onlyNative(wanted) {
  const hls = wanted === "native" ? undefined : await hlsJs();
  return !hls?.isSupported();
}

/** Picks the engine for a grant; `refused` says why there is none. */
export async function engineFor(wanted, grant, video, told) {
  if (grant.dashUrl && grant.dashUrl === grant.videoUrl) return { refused: say.DASH_ONLY };
  const hls = await hlsJs();
  if (!grant.isHls) return { engine: native(video, told) };
  if (wanted !== "native" && hls?.isSupported()) return { engine: withHlsJs(hls, video, told) };
  if (wanted === "hls.js") return { refused: hls ? say.NO_MEDIA_SOURCE : say.NO_HLS_JS };
  if (!video.canPlayType(HLS)) return { refused: hls ? say.NOT_NATIVE : say.NO_ENGINE };
  if (grant.delivery === "url") return { refused: say.NATIVE_NEEDS_MORE };
  return { engine: native(video, told) };
}

const SIGNING = new Set(["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm", "Expires"]);

/** A URL with the newest signature in the place of any other one, if the signature opens it. */
function signed(url, grant) {
  const query = Object.entries(grant.query ?? {});
  const directory = grant.videoUrl.split("?")[0].replace(/[^/]*$/, "");
  if (query.length === 0 || !url.startsWith(directory)) return url;
  const [path, own = ""] = url.split("?");
  const kept = own.split("&").filter((pair) => pair && !SIGNING.has(pair.split("=")[0]));
  return `${path}?${[...kept, ...query.map(([name, value]) => `${name}=${value}`)].join("&")}`;
}

/** hls.js. In delivery by url it signs each request anew, so that a renewal counts from the next request on. */
function withHlsJs(Hls, video, told) {
  let hls, grant;
  // Opened, and nothing has been heard of it yet.
  let fresh = false;
  const follow = following(video);

  function open(position) {
    hls?.destroy();
    hls = new Hls({
      // The page's policy allows no worker made of text.
      enableWorker: false,
      // Short, so that it asks often and a signature that has ended shows.
      maxBufferLength: 12,
      maxMaxBufferLength: 24,
      backBufferLength: 30,
      liveDurationInfinity: true,
      startPosition: position ?? -1,
      xhrSetup: (request, url) => {
        request.open("GET", signed(url, grant), true);
        request.withCredentials = grant.delivery === "cookies";
      },
    });
    fresh = true;
    hls.on(Hls.Events.MANIFEST_LOADED, () => (fresh = false));
    hls.on(Hls.Events.ERROR, (_, error) => failed(error));
    hls.attachMedia(video);
    hls.loadSource(grant.videoUrl);
    follow.moved(position);
  }

  function failed({ type, fatal, response, networkDetails, details }) {
    fresh = false;
    const status = response?.code ?? 0;
    if (status === 401 || status === 403 || (fatal && status >= 400)) {
      // Asking on would only be refused again, until there is another signature.
      hls.stopLoad();
      return told("refused", { status, problem: problemIn(status, textOf(networkDetails)) });
    }
    if (!fatal) {
      if (type === Hls.ErrorTypes.NETWORK_ERROR) told("waiting");
      return;
    }
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return told("undecodable", details);
    told("silent");
  }

  /** Loads playlists again. They then carry new signatures; what is buffered stays. */
  function playlistsAgain() {
    for (const list of [...hls.levels, ...hls.audioTracks, ...hls.subtitleTracks]) list.details = undefined;
    hls.stopLoad();
    hls.startLoad(video.currentTime, true);
  }

  return {
    name: "hls.js",
    start(first, position) {
      grant = first;
      open(position);
    },
    renewed(next) {
      const moved = next.sessionId !== grant.sessionId;
      grant = next;
      if (grant.delivery !== "playlist") return;
      // Links to playlists are of one session; a live playlist is loaded again anyhow.
      if (moved) open(follow.place);
      else if (Number.isFinite(video.duration)) playlistsAgain();
    },
    /** Goes on after a refusal or a silence. */
    resume() {
      if (fresh) return;
      if (hls.levels.length === 0) return open(follow.place);
      if (grant.delivery === "playlist") playlistsAgain();
      else hls.startLoad(video.currentTime, true);
    },
    decodeAgain: () => hls.recoverMediaError(),
    tick() {},
    stop() {
      follow.stop();
      hls.destroy();
      video.removeAttribute("src");
      video.load();
    },
  };
}

/** The browser's own player. It is given a URL, and nothing can be added to what it asks. */
function native(video, told) {
  // The newest grant, and the one whose URL is being played.
  let grant, played;
  let ended = false;
  const follow = following(video);

  function open(position) {
    played = grant;
    // Chromium takes no segments of another origin than the playlist's unless both allow to be read.
    video.crossOrigin = grant.isHls && grant.delivery === "playlist" ? "anonymous" : null;
    video.src = grant.videoUrl;
    video.load();
    follow.moved(position);
  }

  async function failed() {
    const { code } = video.error ?? {};
    if (ended || code === undefined || code === MediaError.MEDIA_ERR_ABORTED) return;
    const answer = await ask(grant);
    if (ended) return;
    if (!answer) told("silent");
    else if (answer.status >= 400) told("refused", answer);
    // It can be loaded, so it was a signature that ended meanwhile, or it cannot be played.
    else if (code === MediaError.MEDIA_ERR_NETWORK || played !== grant) told("refused", { status: 403 });
    else told("undecodable", video.error?.message);
  }

  /** Everything to the end is there, so no signature is needed any more. */
  function allThere() {
    const { buffered, duration, currentTime } = video;
    for (let index = 0; index < buffered.length; index++) {
      if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) >= duration - 0.2) return true;
    }
    return false;
  }

  video.addEventListener("error", failed);
  video.addEventListener("loadedmetadata", follow.arrive);
  return {
    name: "native",
    start(first, position) {
      grant = first;
      open(position);
    },
    renewed(next) {
      const moved = grant.delivery === "playlist" && next.sessionId !== grant.sessionId;
      grant = next;
      if (moved) open(follow.place);
    },
    resume() {
      if (played !== grant || video.error) open(follow.place);
    },
    decodeAgain: () => open(follow.place),
    /** Changes to the newest URL when that of the one in use has not long to go: not before, because it shows. */
    tick(now) {
      const carried = grant.delivery !== "cookies" && Number.isFinite(video.duration);
      if (!carried || played === grant || video.ended || video.error || allThere()) return;
      const margin = Math.max(2, played.expiresIn / 5);
      if (now >= played.expiresAt - margin) open(follow.place);
    },
    stop() {
      ended = true;
      follow.stop();
      video.removeEventListener("error", failed);
      video.removeEventListener("loadedmetadata", follow.arrive);
      video.removeAttribute("src");
      video.load();
    },
  };
}

/** What is answered to the video's URL, because the browser's player keeps that to itself. */
async function ask(grant) {
  try {
    const answer = await fetch(grant.videoUrl, {
      credentials: grant.delivery === "cookies" ? "include" : "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(8000),
    });
    const { status } = answer;
    if (status >= 400) return { status, problem: problemIn(status, await answer.text()) };
    answer.body?.cancel().catch(() => {});
    return { status };
  } catch {
    return undefined;
  }
}

/** The text that came with a refusal of hls.js's, if it was no bytes. */
function textOf(request) {
  try {
    return request?.responseText ?? "";
  } catch {
    return "";
  }
}

/** The gateway's problem in a text; an edge answers in XML. */
function problemIn(status, text) {
  try {
    const found = JSON.parse(text);
    return typeof found.type === "string" ? new Problem(found.type, status, found) : undefined;
  } catch {
    return undefined;
  }
}
