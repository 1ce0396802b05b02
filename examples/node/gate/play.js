// Asks the gate as a player would: once as somebody who paid, once as somebody who did not.
//
// usage: node gate/play.js KEY-PAIR-ID PRIVATE-KEY.pem     exits 0, or 3 where the runtime has no JSPI
import { readFileSync } from "node:fs";
import { createGate, DeniedError, NoJspiError } from "./gate.js";
import { memoryPorts } from "./memory.js";

const [keyPairId, path] = process.argv.slice(2);
const shop = {
  policy: { domain: "media.example.com" },
  key: { keyPairId, pem: readFileSync(path, "utf8") },
  entitlements: { "alice/series-1": { status: "Active" } },
  episodes: { "series-1/ep1": {} },
  objects: ["content/series/series-1/video/ep1/video.m3u8"],
};

try {
  const gate = await createGate(memoryPorts(shop));
  for (const user of ["alice", "bob"]) {
    const viewer = { subject: user, user, roles: ["standard"], sourceIp: "192.0.2.10", userAgent: "a player" };
    try {
      const grant = await gate.authorize({ viewer, series: "series-1", episode: "ep1" });
      const [place] = grant.videoUrl.split("?");
      console.log(`${user}: granted ${place} until ${new Date(Number(grant.expiresAt) * 1000).toISOString()}`);
    } catch (error) {
      if (!(error instanceof DeniedError)) throw error;
      console.log(`${user}: ${error.denial.tag}: ${error.denial.val}`);
    }
  }
} catch (error) {
  if (!(error instanceof NoJspiError)) throw error;
  console.error(`play: ${error.message}`);
  process.exitCode = 3;
}
