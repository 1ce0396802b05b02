// The list of devices that watch, with a button to free each.

import { byId, clock, make } from "../page.js";

/**
 * Shows and renews the list. `calls` gives the calls of whoever is chosen; `freed` is told which session ended, and
 * whether it was this device's; `failed` is told why the list cannot be had, and `had` that it can.
 */
export function devices(calls, freed, failed, had) {
  const list = byId("devices");
  // Answers may overtake each other; only the newest question counts.
  let asked = 0;

  /** Asks again. `quiet` is for whoever has something more important to say than why there is no list. */
  async function refresh({ quiet = false } = {}) {
    const turn = ++asked;
    try {
      const found = await calls().devices();
      if (turn !== asked) return;
      show(found);
      had();
    } catch (problem) {
      if (turn !== asked) return;
      // What was known is still the best guess while nobody answers, but not somebody else's to see.
      if (!problem.passing) clear();
      if (!quiet) failed(problem);
    }
  }

  /** Forgets the list, and whatever answer is under way. */
  function clear() {
    asked += 1;
    show([]);
    byId("no-devices").textContent = "Not known.";
  }

  function show(found) {
    // A button that has the focus must not vanish under it.
    const focused = document.activeElement?.dataset?.free;
    list.replaceChildren(...found.map(row));
    byId("no-devices").hidden = found.length > 0;
    byId("no-devices").textContent = "Nobody watches.";
    const same = [...list.querySelectorAll("button")].find((button) => button.dataset.free === focused);
    if (focused) (same ?? byId("refresh")).focus();
  }

  function row(session) {
    const { sessionId, thisDevice, seriesId, episodeId, startedAt, expiresAt } = session;
    const name = thisDevice ? "This device" : "Another device";
    const what = episodeId ? `${name}: ${seriesId} / ${episodeId}` : name;
    const times = `since ${clock(startedAt)}, place held until ${clock(expiresAt)}`;
    const button = make("button", { type: "button", dataset: { free: sessionId } }, "Free this device");
    button.setAttribute("aria-label", `Free this device: ${what}, ${times}`);
    button.addEventListener("click", async () => {
      // Not `disabled`, which would take the focus away with it.
      if (button.ariaDisabled === "true") return;
      button.ariaDisabled = "true";
      try {
        await calls().free(sessionId);
      } catch (problem) {
        // Somebody else was faster, which comes to the same.
        if (problem.type !== "session-not-found") {
          button.ariaDisabled = "false";
          return failed(problem);
        }
      }
      freed(sessionId, thisDevice);
      await refresh();
    });
    return make(
      "li",
      {},
      make("span", {}, make("strong", {}, what), make("small", { className: "quiet" }, times)),
      button,
    );
  }

  return { refresh, clear };
}
