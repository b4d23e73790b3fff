/** The context of a plugin that is set up without a kernel; what the test does not give throws when it is asked for. */
import type { NativeCore } from "../native/native-core.ts";
import type { PluginContext } from "../plugin/contract.ts";

/** @param given what the plugin may have */
export function testContext(id: string, given: Partial<PluginContext> = {}): PluginContext {
  const refuse = () => {
    throw new TypeError(`${id} asked its context for more than the test gives it`);
  };
  const native = new Proxy({}, { get: refuse }) as NativeCore;
  return {
    id,
    log: () => {},
    now: () => 0,
    signal: new AbortController().signal,
    native,
    secret: refuse,
    path: refuse,
    use: refuse,
    ...given,
  };
}
