/** Which runtime this is. */

/** `Bun 1.4.5` or `Deno 2.9.6`. */
export function runtimeName(): string {
  const { versions } = process;
  if (versions.bun !== undefined) return `Bun ${versions.bun}`;
  const deno = (versions as Record<string, string | undefined>).deno;
  return deno === undefined ? `Node ${versions.node}` : `Deno ${deno}`;
}
