/** Where plugins come from: the built-in ones, imported when first needed, and the modules that the config names. */
import type { Plugin } from "../plugin/contract.ts";

/** `role/type` -> import of the module whose default export is the plugin. */
export type Registry = Readonly<Record<string, () => Promise<{ readonly default: unknown }>>>;

/** Type-erased plugin, as the kernel handles it. */
export type AnyPlugin = Plugin;
