// The worker as it is deployed: verifies by the clock of the machine.
import { guard } from "./guard.js";

export default guard();
