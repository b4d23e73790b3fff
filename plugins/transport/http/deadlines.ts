/** The runtime's clock for time-outs. */
import { clearInterval, setInterval } from "node:timers";
import type { Clock } from "../../../core/kernel/deadlines.ts";

/** The runtime's interval; it does not keep the process alive. */
export const realEvery: Clock["every"] = (ms, tick) => {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
};
