// What went wrong, in a sentence for whoever watches.

import { span } from "../page.js";

const PROBLEMS = {
  unreachable: () => "The gateway cannot be reached. Check the connection.",
  "no-viewer": () => "Paste a token, or name the viewer.",
  "invalid-request": ({ detail }) => `The gateway does not understand the request: ${detail}.`,
  unauthenticated: () => "The token is missing, has expired or is not accepted here. Sign in again, or use another token.",
  "forbidden-role": ({ detail }) => `The token does not allow this: ${detail}.`,
  "not-entitled": ({ detail }) => `This viewer may not watch this series: ${detail}.`,
  "no-video": () => "This episode has no video yet.",
  "not-found": () => "This gateway has nothing at that address.",
  "episode-not-found": () => "The series has no such episode.",
  "session-not-found": () => "This device has no place any more.",
  "session-ended": () => "This device has no place any more.",
  "device-limit-exceeded": ({ maxDevices, retryAfter }) =>
    (maxDevices === 1
      ? "The only place is taken: somebody watches on another device. "
      : `All ${maxDevices ?? ""} places are taken by devices that watch. `.replace("  ", " ")) +
    (retryAfter ? `One may be free in ${span(retryAfter)}. ` : "") +
    "You can free one in the list of devices.",
  "invalid-link": () => "The link to the playlist is not valid, or not any more.",
  "playlist-not-found": () => "The episode’s playlist is not there.",
  "playlist-unusable": () => "The gateway cannot use the episode’s playlist.",
  "dependency-unavailable": ({ retryAfter }) =>
    `Something the gateway needs does not answer. Try again${retryAfter ? ` in ${span(retryAfter)}` : " soon"}.`,
  timeout: () => "The gateway took too long. Try again.",
  "internal-error": ({ requestId }) =>
    `Something failed at the gateway${requestId ? ` (request ${requestId})` : ""}. Try again, or tell its operator.`,
};

/** The sentence for a problem of the gateway. */
export function ofProblem(problem) {
  const sentence = PROBLEMS[problem.type];
  if (sentence) return sentence(problem).replace(/\.\.$/, ".");
  return `The gateway says no (${problem.status} ${problem.type}). ${problem.detail}`.trim();
}

/** Why this device plays no longer, though its place should have been good for longer. */
export function ofEnd(problem) {
  const taken = problem.maxDevices !== undefined;
  return (
    (problem.otherDevice
      ? "Playback ended here: your address or player changed again, right after it had changed."
      : "Playback ended here: this device has lost its place. It was freed, taken by another device, or not renewed in time.") +
    (taken ? " All places are taken now: free one in the list of devices, if playing here again is refused." : "")
  );
}

export const GATEWAY_SILENT = (left) =>
  left > 0
    ? `The gateway does not answer. It plays on for ${span(left)}; trying again.`
    : "The gateway does not answer, and the signature has run out. Trying again.";

/** It plays on in another place. */
export const MOVED = "Your address or player changed, so this device took a new place. Playing on.";

export const NO_HLS_JS = "This gateway serves no hls.js (the key hls-js of [gateway.pages]). Choose another engine.";
export const NO_ENGINE = "This browser can play no HLS by itself, and this gateway serves no hls.js.";
export const NO_MEDIA_SOURCE = "This browser has no Media Source Extensions, which hls.js needs. Choose the native engine.";
export const NATIVE_NEEDS_MORE =
  "The browser’s own player asks for segments without the signature, so delivery by url cannot work with it. Choose cookies or playlist, or the engine hls.js.";
export const DASH_ONLY = "This episode is DASH only, and this page plays HLS.";
export const NOT_NATIVE = "This browser’s own player knows no HLS. Choose the engine hls.js.";
export const CHOOSE = "Choose what to play.";
export const PRESS_PLAY = "The browser wants you to press play on the video.";
export const OFFLINE = "There is no network. It plays on as far as it has loaded.";
export const EDGE_SILENT = "The edge does not answer. Trying again.";
export const EDGE_GONE = "The edge does not answer, or does not allow this page to read from it.";
export const UNPLAYABLE = "The browser cannot decode this video.";
export const ENDED = "The end.";

/** The edge answers with an error, 403 to a signature that should be good. */
export function ofRefusal(status, delivery) {
  if (status === 404) return "The edge has no such file (404).";
  if (status !== 403) return `The edge answers with an error (${status}).`;
  const hint =
    delivery === "cookies"
      ? " The cookies may not have been taken or sent: edge and gateway must be one site, and the cookies’ domain must cover both."
      : " The explain page says why, if you paste the URL there.";
  return `The edge refuses the video with 403, though the signature is new.${hint}`;
}
