// The same small application twice. A real one authenticates viewers before `watch` and trusts no clock but its own.
import express from "express";
import fastify from "fastify";
import * as forExpress from "./express.js";
import * as forFastify from "./fastify.js";

/** Answers `{ seen }`, the URL that came through, for everything but /watch. */
export function expressApp({ signer, verifier, origin, now }) {
  const app = express();
  app.set("trust proxy", "loopback");
  app.get("/watch/:series/:episode", forExpress.watch(signer, { origin }));
  app.use(forExpress.verifySigned(verifier, { now }), (request, response) => response.json({ seen: request.url }));
  return app;
}

export function fastifyApp({ signer, verifier, origin, now }) {
  const app = fastify({ trustProxy: "loopback" });
  app.decorateRequest("strippedUrl", null);
  app.get("/watch/:series/:episode", forFastify.watch(signer, { origin }));
  app.get("*", { onRequest: forFastify.verifySigned(verifier, { now }) }, async (request) => ({ seen: request.strippedUrl }));
  return app;
}
