// The entry for Node: the core modules lie beside this file and are compiled when it is imported, once per process.
import { readFileSync } from "node:fs";
import { instantiate } from "./component/signer.js";
import { wrap } from "./wrap.js";

const compile = (name) => new WebAssembly.Module(readFileSync(new URL(`./component/${name}`, import.meta.url)));

export const { Signer, Verifier, strip } = wrap(instantiate(compile, {}));
export { InvalidFieldError, hasDotSegments, requestUrl } from "./wrap.js";
