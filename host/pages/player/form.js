// Who watches what: picked from the users of the demo, or typed with a token of one's own.

import { byId, make } from "../page.js";

/** Makes the form; the result says what is chosen. */
export async function form() {
  return document.body.dataset.demo === "yes" ? ofDemo() : ofOwn();
}

function place(template) {
  byId("who").replaceChildren(byId(template).content.cloneNode(true));
}

const common = () => ({ delivery: byId("delivery").value, engine: byId("engine").value });

async function ofDemo() {
  const load = async () => (await fetch("/player/demo.json", { cache: "no-store" })).json();
  const demo = await load();
  place("of-demo");
  const option = (value, about) => make("option", { value }, `${value}: ${about}`);
  byId("user").replaceChildren(...demo.users.map(({ user, about }) => option(user, about)));
  byId("episode").replaceChildren(...demo.episodes.map(({ episode, about }) => option(episode, about)));
  return () => {
    const name = byId("user").value;
    const found = (users) => users.find(({ user }) => user === name);
    const { token, watchesAs } = found(demo.users);
    // Tokens are good for an hour, and pages stay open for longer.
    const renewToken = async () => {
      Object.assign(demo, await load());
      return found(demo.users).token;
    };
    return { ...common(), token, renewToken, user: watchesAs, series: demo.series, episode: byId("episode").value };
  };
}

function ofOwn() {
  place("of-own");
  return () => {
    const token = byId("token").value.trim().replace(/^Bearer\s+/i, "");
    const user = byId("user").value.trim() || subject(token);
    const [series, episode] = [byId("series").value.trim(), byId("episode").value.trim()];
    return { ...common(), token, user, series, episode };
  };
}

/** Whose token it is. The gateway checks it; this only reads it. */
function subject(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)).sub ?? "";
  } catch {
    return "";
  }
}
