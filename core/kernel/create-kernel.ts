/** Makes a kernel. */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Kernel, KernelSettings } from "./kernel.ts";

/** Makes a kernel that runs nothing yet. */
export function createKernel(_settings: KernelSettings): Kernel {
  throw new MidStreamError("KERNEL_INTERNAL", "The kernel is not complete");
}
