// The entry for workerd and Cloudflare Workers, which do not compile WebAssembly at run time: an import is a module.
import core from "./component/signer.core.wasm";
import core2 from "./component/signer.core2.wasm";
import core3 from "./component/signer.core3.wasm";
import { instantiate } from "./component/signer.js";
import { wrap } from "./wrap.js";

const modules = { "signer.core.wasm": core, "signer.core2.wasm": core2, "signer.core3.wasm": core3 };

export const { Signer, Verifier, strip } = wrap(instantiate((name) => modules[name], {}));
export { InvalidFieldError, hasDotSegments, requestUrl } from "./wrap.js";
