/** How many answers one process may hold open, from the limit on descriptors. */
import { readFileSync } from "node:fs";

/** Descriptors kept for everything that is not a stream: listeners, files, the runtime itself. */
const reserved = 64;
/** Where the limit cannot be read (not Linux): the common soft limit. */
const fallbackDescriptors = 1024;

/** Soft limit of open descriptors. */
export function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return Number(line?.[1] ?? fallbackDescriptors);
  } catch {
    // No /proc on this system.
    return fallbackDescriptors;
  }
}

/** Each stream has two sockets; above the limit Bun spins in accept (measured at 10,000 clients), so the door refuses before. */
export function streamLimit(configured: number): number {
  const possible = Math.floor((descriptorLimit() - reserved) / 2);
  return configured === 0 ? possible : Math.min(configured, possible);
}
