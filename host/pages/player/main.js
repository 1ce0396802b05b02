// The player page: the form, the video and what is said about them.

import { byId, span } from "../page.js";
import { devices } from "./devices.js";
import { form } from "./form.js";
import { gateway, nowBy, Problem } from "./gateway.js";
import { playback } from "./playback.js";
import * as say from "./sentences.js";

const video = byId("video");
let playing;
// Where it ended, for whoever plays here again.
let resumeAt;
// Who is watching, or did last.
let viewer;
// Whether what stands there is about the list of devices only.
let ofList = false;

function message(kind, sentence, about = "playback") {
  ofList = about === "list";
  byId("says").dataset.kind = kind;
  // Said once, or a screen reader would repeat it each time.
  if (byId("message").textContent !== sentence) byId("message").textContent = sentence;
}

function state(on, again = false) {
  byId("stop").disabled = !on;
  byId("again").hidden = !again;
}

function blank() {
  for (const id of ["path", "time-left", "session"]) byId(id).textContent = "–";
}

const chosen = await form().catch(() => {
  message("trouble", say.ofProblem(new Problem("unreachable", 0)));
});

const list = devices(
  () => gateway(chosen()),
  (session, own) => {
    if (own || session === playing?.grant?.sessionId) playing?.check();
    // A place is free again, which is what this page was waiting for.
    else if (!playing && !byId("again").hidden) message("note", "A place is free. You can play here again.");
  },
  (problem) => {
    if (!playing) message("trouble", say.ofProblem(problem), "list");
  },
  () => {
    if (ofList) message("", say.CHOOSE);
  },
);

async function play(position) {
  await stop();
  byId("renewals").textContent = "0";
  message("", "Asking the gateway …");
  byId("screen").scrollIntoView({ block: "nearest" });
  const wanted = chosen();
  viewer = wanted.user;
  const show = {
    grant(grant, engine) {
      byId("session").textContent = grant.sessionId;
      byId("path").textContent = `${engine.name}, ${grant.delivery}`;
      times();
      list.refresh();
    },
    renewed: (count) => (byId("renewals").textContent = String(count)),
    message,
    over(sentence, left) {
      resumeAt = left;
      if (playing === mine) playing = undefined;
      byId("again").textContent = mine.grant ? "Play here again" : "Try again";
      message("trouble", sentence);
      blank();
      state(false, true);
      list.refresh({ quiet: true });
    },
  };
  const mine = playback(video, gateway(wanted), wanted, show, position);
  playing = mine;
  state(true);
  await mine.start();
}

async function stop() {
  const mine = playing;
  playing = undefined;
  state(false);
  blank();
  if (!mine) return;
  await mine.stop();
  message("", "Stopped. The place of this device is free again.");
  await list.refresh({ quiet: true });
}

function times() {
  const grant = playing?.grant;
  if (!grant) return;
  const now = nowBy(grant);
  const left = (until) => (until > now ? span(until - now) : "over");
  byId("time-left").textContent =
    `signature ${left(grant.expiresAt)}, place ${left(grant.sessionExpiresAt)}`;
}

function tick() {
  playing?.tick();
  times();
}

byId("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  if (chosen) play();
});
byId("stop").addEventListener("click", stop);
byId("again").addEventListener("click", () => play(resumeAt));
byId("choice").addEventListener("change", () => (resumeAt = undefined));
byId("refresh").addEventListener("click", () => list.refresh());
byId("who").addEventListener("change", (event) => {
  if (!["user", "token"].includes(event.target.id) || !chosen) return;
  list.clear();
  const { user, token } = chosen();
  // Another token of the same viewer is no reason to stop.
  if (viewer !== user && playing) stop();
  else if (!playing) message("", say.CHOOSE);
  if (!playing) state(false);
  if (user && token) list.refresh();
});
video.addEventListener("ended", () => playing && message("", say.ENDED));
window.addEventListener("offline", () => playing && message("trouble", say.OFFLINE));
// Timers of a hidden page run late, and not at all while the machine sleeps.
setInterval(tick, 1000);
setInterval(() => playing && !document.hidden && list.refresh(), 15_000);
document.addEventListener("visibilitychange", tick);
for (const event of ["online", "focus", "pageshow"]) window.addEventListener(event, tick);

byId("to-explain").hidden = document.body.dataset.explain !== "yes";
if (document.body.dataset.demo === "yes" && chosen) list.refresh();
