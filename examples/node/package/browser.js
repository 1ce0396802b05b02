// The entry for browsers: fetches the core modules from beside this file. A page with a Content-Security-Policy needs
// `script-src 'self' 'wasm-unsafe-eval'` and `connect-src 'self'`.
import { instantiate } from "./component/signer.js";
import { wrap } from "./wrap.js";

const names = ["signer.core.wasm", "signer.core2.wasm", "signer.core3.wasm"];
const compile = (name) => WebAssembly.compileStreaming(fetch(new URL(`./component/${name}`, import.meta.url)));
const modules = new Map(await Promise.all(names.map(async (name) => [name, await compile(name)])));

export const { Signer, Verifier, strip } = wrap(instantiate((name) => modules.get(name), {}));
export { InvalidFieldError, hasDotSegments, requestUrl } from "./wrap.js";
