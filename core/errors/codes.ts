/** The one table of error codes. Mapping to HTTP and dialects lives in the adapters. */

/** Who is at fault. */
export type ErrorSource = "operator" | "client" | "provider" | "plugin" | "native" | "kernel";

interface CodeEntry {
  readonly source: ErrorSource;
  readonly retryable: boolean;
  /** What the client may read; never user text. */
  readonly publicMessage: string;
}

const entry = (source: ErrorSource, retryable: boolean, publicMessage: string): CodeEntry => ({ source, retryable, publicMessage });

/** Code -> who is at fault, whether a retry may help, and the neutral text that a client may read. */
export const errorCodes = {
  CONFIG_INVALID: entry("operator", false, "The gateway's configuration is invalid"),
  CONFIG_NOT_FOUND: entry("operator", false, "The gateway's configuration was not found"),
  CONFIG_SECRET_MISSING: entry("operator", false, "A secret that the configuration names is missing"),
  CONFIG_RULE_INVALID: entry("operator", false, "A rule of the configuration is invalid"),
  CONFIG_MODULE_INVALID: entry("operator", false, "A module of the configuration could not be loaded"),
  SETUP_FAILED: entry("operator", false, "A plugin could not be set up"),
  SETUP_TIMEOUT: entry("operator", false, "A plugin took too long to set up"),
  SETUP_NATIVE_MISSING: entry("operator", false, "The native library is missing"),
  SETUP_NATIVE_MISMATCH: entry("operator", false, "The native library has the wrong version"),
  REQUEST_INVALID: entry("client", false, "The request is invalid"),
  REQUEST_TIMEOUT: entry("client", true, "The request's body took too long to arrive"),
  REQUEST_TOO_LARGE: entry("client", false, "The request is too large"),
  REQUEST_UNKNOWN_MODEL: entry("client", false, "No pipeline serves this model"),
  REQUEST_BLOCKED: entry("client", false, "The request was blocked by a policy"),
  REQUEST_FORBIDDEN: entry("client", false, "Pages of this origin may not call the gateway; its operator allows them with server.cors"),
  REQUEST_NOT_FOUND: entry("client", false, "No such route"),
  PROVIDER_UNREACHABLE: entry("provider", true, "The upstream could not be reached"),
  PROVIDER_TIMEOUT: entry("provider", true, "The upstream took too long"),
  PROVIDER_STATUS: entry("provider", true, "The upstream refused the request"),
  PROVIDER_BAD_RESPONSE: entry("provider", true, "The upstream's answer could not be read"),
  PROVIDER_CUT: entry("provider", true, "The upstream ended its answer before it was complete"),
  PLUGIN_FAILED: entry("plugin", false, "A plugin of the gateway failed"),
  PLUGIN_OVERHELD: entry("plugin", false, "A plugin of the gateway held back more than it declared"),
  PLUGIN_UNDECLARED: entry("plugin", false, "A plugin of the gateway did what it had not declared"),
  NATIVE_PANIC: entry("native", false, "The gateway's native core failed"),
  NATIVE_BAD_HANDLE: entry("native", false, "The gateway's native core failed"),
  NATIVE_BAD_ARGUMENT: entry("native", false, "The gateway's native core failed"),
  KERNEL_OVERLOADED: entry("kernel", true, "The gateway is at its limit of open streams"),
  KERNEL_STOPPING: entry("kernel", true, "The gateway is stopping"),
  KERNEL_INTERNAL: entry("kernel", false, "The gateway failed"),
} as const satisfies Record<string, CodeEntry>;

/** A code of the table. */
export type ErrorCode = keyof typeof errorCodes;
