# workerd serve config.capnp, in a folder where `npm install @tollgate/signer` was run. On Cloudflare, wrangler does the
# same from wrangler.toml: it bundles the package by its condition `workerd`.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "guard", worker = .guard),
    # What lies behind; only this worker reaches it.
    (name = "origin", external = (address = "127.0.0.1:8081", http = ())),
  ],
  # cf-connecting-ip and the scheme are believed as they come: nothing but a proxy that sets both may reach this port.
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (forwardedProtoHeader = "x-forwarded-proto"), service = "guard")],
);

const guard :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "guard.js", esModule = embed "guard.js"),
    (name = "@tollgate/signer", esModule = embed "node_modules/@tollgate/signer/workerd.js"),
    (name = "@tollgate/wrap.js", esModule = embed "node_modules/@tollgate/signer/wrap.js"),
    (name = "@tollgate/component/signer.js", esModule = embed "node_modules/@tollgate/signer/component/signer.js"),
    (name = "@tollgate/component/signer.core.wasm", wasm = embed "node_modules/@tollgate/signer/component/signer.core.wasm"),
    (name = "@tollgate/component/signer.core2.wasm", wasm = embed "node_modules/@tollgate/signer/component/signer.core2.wasm"),
    (name = "@tollgate/component/signer.core3.wasm", wasm = embed "node_modules/@tollgate/signer/component/signer.core3.wasm"),
  ],
  bindings = [
    (name = "TRUSTED_KEYS", json = embed "trusted-keys.json"),
    (name = "ORIGIN", service = "origin"),
    (name = "EXPLAIN", json = "true"),
  ],
);
