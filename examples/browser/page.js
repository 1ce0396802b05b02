// The page: reads its fields, asks the signer, and writes text. Nothing is sent, kept or put into an address.
const find = (id) => document.getElementById(id);

const { InvalidFieldError, Signer, Verifier } = await import("./signer/browser.js").catch((error) => {
  find("failed").hidden = false;
  throw error;
});

const optional = (id) => find(id).value.trim() || undefined;
const seconds = (id) => (optional(id) === undefined ? undefined : Number(find(id).value));

function say(id, text, good) {
  find(id).textContent = text;
  find(id).className = good ? "good" : "bad";
}

// Sentences about values are for people; anything else is a fault of ours, and says so.
const complaint = (error) => (error instanceof InvalidFieldError ? `${error.field} ${error.rule}.` : `Something broke: ${error}`);

function row({ name, passed, detail }) {
  const line = document.createElement("tr");
  const held = passed === null ? "–" : passed ? "yes" : "no";
  for (const [tag, text] of [["th", name], ["td", held], ["td", detail]]) {
    const cell = line.appendChild(document.createElement(tag));
    cell.textContent = text;
    if (tag === "th") cell.scope = "row";
  }
  line.children[1].className = passed === null ? "" : passed ? "good" : "bad";
  return line;
}

function pretty(policy) {
  try {
    return JSON.stringify(JSON.parse(policy), null, 2);
  } catch {
    return policy;
  }
}

function trustedKeys() {
  return [...find("keys").querySelectorAll(".key")].map((key) => ({
    keyPairId: key.querySelector("[name=id]").value.trim(),
    publicKey: key.querySelector("[name=pem]").value,
  }));
}

find("verify").addEventListener("submit", (event) => {
  event.preventDefault();
  find("explanation").hidden = true;
  let verifier;
  try {
    verifier = new Verifier(trustedKeys(), { strict: find("strict").checked });
    const { verdict, policy, checks } = verifier.explain({
      url: find("url").value.trim(),
      cookies: find("cookies").value.split("\n").filter((line) => line.trim() !== ""),
      clientIp: optional("client-ip"),
      now: seconds("now"),
    });
    const text = verdict.allowed ? "Allowed." : `403 ${verdict.code}, ${verdict.reason}: ${verdict.detail}.`;
    say("verdict", text, verdict.allowed);
    find("checks").replaceChildren(...checks.map(row));
    find("policy").textContent = policy === null ? "None was found." : pretty(policy);
    find("explanation").hidden = false;
  } catch (error) {
    say("verdict", complaint(error), false);
  } finally {
    verifier?.dispose();
  }
});

find("add-key").addEventListener("click", () => {
  const key = find("keys").querySelector(".key").cloneNode(true);
  for (const field of key.querySelectorAll("input, textarea")) field.value = "";
  find("add-key").before(key);
  key.querySelector("input").focus();
});

find("sign").addEventListener("submit", (event) => {
  event.preventDefault();
  find("signed-parts").hidden = true;
  let signer;
  try {
    signer = new Signer(find("sign-id").value.trim(), find("sign-pem").value);
    const url = find("sign-url").value.trim();
    const terms = {
      expiresAt: seconds("expires-at"),
      notBefore: seconds("not-before"),
      ipAddress: optional("ip-address"),
      resource: optional("resource"),
      hash: find("hash").value,
    };
    find("signed").value = signer.signUrl(url, terms);
    find("signed-cookies").textContent = signer.signCookies(url, terms).map(({ header }) => `Set-Cookie: ${header}`).join("\n");
    find("signed-parts").hidden = false;
    say("sign-result", "Signed. Whoever has this URL may use it.", true);
  } catch (error) {
    say("sign-result", complaint(error), false);
  } finally {
    signer?.dispose();
  }
});

find("copy").addEventListener("click", async () => {
  find("signed").select();
  await navigator.clipboard.writeText(find("signed").value);
  say("sign-result", "Copied.", true);
});

find("check-it").addEventListener("click", () => {
  find("url").value = find("signed").value;
  find("cookies").value = "";
  find("verify").scrollIntoView();
  find("url").focus();
});

find("expires-at").value = String(Math.floor(Date.now() / 1000) + 900);
document.documentElement.dataset.ready = "";
