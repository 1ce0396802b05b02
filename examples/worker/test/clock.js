// The worker with the clock of the vectors, which is in the past or the future. For tests only.
import { guard } from "./guard.js";

export default guard({ now: (request) => Number(request.headers.get("x-test-clock")) });
