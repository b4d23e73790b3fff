/** A kernel without a door, for commands that only look or that bring their own provider. */
import { type Config, createKernel, type Kernel, type KernelHost, type Registry } from "../../core/index.ts";
import { loadNative } from "../../native/bindings/load.ts";
import { registry } from "../../plugins/registry.gen.ts";
import { createHost } from "../host.ts";

/** Started; the caller stops it. @throws MidStreamError CONFIG_*, SETUP_* */
export async function makeScratchKernel(
  config: Config,
  settings: { readonly folder: string; readonly plugins?: Registry; readonly log?: KernelHost["log"] },
): Promise<Kernel> {
  // What the kernel would log belongs to a server; a command reports by itself.
  const host = createHost({ folder: settings.folder, log: settings.log ?? (() => {}) });
  const kernel = createKernel({ native: await loadNative(), host, registry: { ...registry, ...settings.plugins } });
  await kernel.start(config);
  return kernel;
}
