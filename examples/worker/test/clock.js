// The worker with the clock of the vectors, which is in the past or the future. For tests only. It takes the place of
// worker.js, and so its imports count from there.
import { guard } from "./guard.js";

export default guard({ now: (request) => Number(request.headers.get("x-test-clock")) });
