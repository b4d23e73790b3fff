/** The native core, loaded: what the composition root calls. */
import type { NativeCore } from "../../core/native/native-core.ts";
import { type LoadOptions, loadLibrary } from "./library.ts";
import { createNativeCore } from "./native-core.ts";

export type { LoadOptions } from "./library.ts";

/**
 * Loads the library for this thread; every thread loads for itself and shares the library's state.
 *
 * @throws MidStreamError SETUP_NATIVE_MISSING, SETUP_NATIVE_MISMATCH
 */
export function loadNative(options: LoadOptions = {}): NativeCore {
  return createNativeCore(loadLibrary(options));
}
