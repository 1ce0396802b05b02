// The usual way to hand out CloudFront-signed URLs on Node: Fastify, jose and AWS's own signer, on every core.
// It does the job of Tollgate's `signed-urls` route, with a store in memory, so that no database is measured.
//
// Everything is set by the environment; see settings.js.
import cluster from "node:cluster";
import { readSettings } from "./settings.js";
import { buildServer } from "./app.js";

const settings = readSettings(process.env);

if (cluster.isPrimary && settings.workers > 1) {
  for (let count = 0; count < settings.workers; count += 1) cluster.fork();
  // A server that runs on fewer cores than it was asked to would be measured wrongly.
  cluster.on("exit", (worker) => {
    console.error(`worker ${worker.id} ended`);
    process.exit(1);
  });
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {
      cluster.removeAllListeners("exit");
      for (const worker of Object.values(cluster.workers)) worker.kill();
      process.exit(0);
    });
  }
} else {
  const server = await buildServer(settings);
  await server.listen({ host: "127.0.0.1", port: settings.port });
}
