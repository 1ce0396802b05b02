// The explain page. What is pasted stays in the form and in one request to this gateway: not in the page's address, not
// in storage, not in a referrer.

import { byId, make, moment, span } from "../page.js";
import { CHECKS, LINK, NO_URL, ofDenial } from "./sentences.js";

let asked = 0;

async function check() {
  const turn = ++asked;
  say("", "Checking …");
  const question = {
    url: bare(byId("url").value),
    cookies: byId("cookies").value,
    at: byId("at").value.trim(),
    ip: byId("ip").value.trim(),
    strict: byId("strict").checked,
  };
  let answer;
  try {
    answer = await fetch("/explain", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(question),
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(15_000),
    });
  } catch {
    if (turn === asked) say("question", "The gateway cannot be reached.");
    return;
  }
  const found = await answer.json().catch(() => ({}));
  if (turn !== asked) return;
  if (!answer.ok) return refused(answer.status, found);
  show(found, question);
}

/** A URL without the blanks, quotes and brackets that it was copied with, none of which a signed one ends in. */
const bare = (text) => text.replace(/^[\s"'`‘“<]+|[\s"'`’”>]+$/g, "");

/** Whether it is of a session and of the gateway, by its path. Its host is not known here, and its signature may be CloudFront’s. */
const isLink = (url) => /\/users\/[^/]+\/series\/[^/]+\/episodes\/[^/]+\/sessions\/[^/]+\/./.test(url.split(/[?#]/)[0]);

const NAMES = { url: "Signed URL", cookies: "Cookies", at: "Time of the request", ip: "Viewer’s address" };

function refused(status, problem) {
  byId("found").hidden = true;
  if (status === 413) return say("question", "This is more than a request can hold.");
  const rules = (problem.errors ?? []).map(({ field, rule }) => `${NAMES[field] ?? field} ${rule}.`);
  say("question", "The question cannot be read.", ...(rules.length > 0 ? rules : [problem.detail ?? `Status ${status}`]));
  for (const id of Object.keys(NAMES)) {
    const wrong = (problem.errors ?? []).some(({ field }) => field === id);
    byId(id).setAttribute("aria-invalid", String(wrong));
  }
}

/** Says it as the verdict: a word, and sentences below it. */
function say(verdict, word, ...sentences) {
  byId("verdict").dataset.verdict = verdict;
  const lines = sentences.filter(Boolean).map((sentence) => make("p", {}, sentence));
  byId("verdict").replaceChildren(make("p", { className: "word" }, word), ...lines);
  // On a phone the answer is below the question.
  if (verdict) byId("verdict").scrollIntoView({ block: "nearest" });
}

function show(found, { url, at }) {
  for (const id of Object.keys(NAMES)) byId(id).removeAttribute("aria-invalid");
  const left = timeLeft(found.expiresAt, at);
  if (found.checks?.some(({ name, passed }) => name === "request" && passed === false) && found.reason === "malformed-url") {
    say("question", NO_URL.word, NO_URL.about, found.detail);
  } else if (isLink(url)) {
    const denied = found.allow ? "" : `${found.reason}: ${found.detail}`;
    say("link", LINK.word, LINK.about, denied, found.allow || found.reason === "expired" ? left : "");
  } else if (found.allow) {
    const how = found.carrier === "url" ? "by its query" : "by cookies";
    say("allow", "CloudFront would allow it (200)", `Signed ${how}.`, left);
  } else {
    const late = found.reason === "expired" ? left : "";
    say(
      "deny",
      `CloudFront would answer 403 ${found.code}`,
      ofDenial(found.code, found.reason),
      `${found.reason}: ${found.detail}`,
      late,
    );
  }
  byId("checks").replaceChildren(...(found.checks ?? []).map(row));
  byId("policy").replaceChildren(...policy(found.policy));
  byId("found").hidden = false;
}

function timeLeft(expiresAt, at) {
  if (!expiresAt) return "";
  const parsed = /^\d+$/.test(at) ? Number(at) : Date.parse(at) / 1000;
  const now = at && Number.isFinite(parsed) ? parsed : Date.now() / 1000;
  const when = moment(expiresAt);
  return now < expiresAt
    ? `${span(expiresAt - now)} left, until ${when}.`
    : `It ran out ${span(now - expiresAt)} ago, at ${when}.`;
}

function row({ name, passed, detail }) {
  const [state, mark, word] =
    passed === true ? ["yes", "✓", "pass"] : passed === false ? ["no", "✗", "fail"] : ["none", "–", "not checked"];
  return make(
    "li",
    { dataset: { check: name, passed: state } },
    make("span", { className: "mark", ariaHidden: "true" }, mark),
    make("span", {}, CHECKS[name] ?? name, make("span", { className: "aside" }, `: ${word}.`)),
    make("span", {}, detail),
  );
}

/** The policy in words, as far as it has the usual shape, and as it is. */
function policy(text) {
  if (!text) return [make("p", { className: "quiet" }, "There is none that can be read.")];
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    return [make("pre", {}, text)];
  }
  const statement = document?.Statement?.[0];
  const condition = statement?.Condition ?? {};
  const facts = [
    ["Allows", statement?.Resource ?? "everything"],
    ["From", time(condition.DateGreaterThan)],
    ["Until", time(condition.DateLessThan)],
    ["Address", condition.IpAddress?.["AWS:SourceIp"]],
  ].filter(([, value]) => value !== undefined);
  const list = make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
  return [list, make("pre", {}, JSON.stringify(document, undefined, 2))];
}

const time = (date) => (date?.["AWS:EpochTime"] === undefined ? undefined : moment(date["AWS:EpochTime"]));

byId("question").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
byId("clear").addEventListener("click", () => {
  asked += 1;
  byId("question").reset();
  byId("found").hidden = true;
  byId("checks").replaceChildren();
  byId("policy").replaceChildren();
  say("", "Nothing has been checked yet.");
  byId("url").focus();
});
