/**
 * Tells of a file's new versions, however they come to be: written in place, renamed over the old one (most editors), or by a symbolic link
 * that is swapped (Kubernetes' `..data`). Watching the file itself would end with the first rename.
 */
import { type FSWatcher, realpathSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { debounce } from "#std/async";

/** Editors write a file in several steps; a look at it waits for them. */
const settleMs = 150;

/** What tells a version of the file behind a path from another: the inode, the size, the time of the last write; "" where there is none. */
export function versionOf(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch {
    // Between two steps of a save.
    return "";
  }
}

/** Watches names in a folder; undefined where the folder cannot be watched, such as one that has just gone. */
function watchNames(folder: string, isOfInterest: (name: string) => boolean, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_, name) => {
      if (name === null || isOfInterest(name)) look();
    });
    watcher.on("error", look);
    return watcher;
  } catch {
    return undefined;
  }
}

/**
 * Calls back for every version of the file that follows `version`, the one that the caller has read; calls do not overlap. Gives a function
 * that ends it.
 */
export function watchFile(path: string, version: string, changed: () => Promise<void>): () => void {
  let known = version;
  let calls = Promise.resolve();
  let target: { readonly path: string; readonly watcher: FSWatcher | undefined } | undefined;
  const followLink = () => {
    const real = realPath(path);
    if (real === target?.path) return;
    target?.watcher?.close();
    // The file itself is seen in its own folder; one behind a link may be written in place, elsewhere.
    const isElsewhere = real !== undefined && dirname(real) !== dirname(path);
    const watcher = isElsewhere ? watchNames(dirname(real), (name) => name === basename(real), look) : undefined;
    target = real === undefined ? undefined : { path: real, watcher };
  };
  const look = debounce(() => {
    followLink();
    const found = versionOf(path);
    if (found === "" || found === known) return;
    known = found;
    calls = calls.then(changed);
  }, settleMs);
  // Links to folders of versions have names like `..data`; everything else in the folder is none of ours, and could come without a pause.
  const watcher = watchNames(dirname(path), (name) => name === basename(path) || name.startsWith(".."), look);
  followLink();
  // What changed since the caller read it.
  look();
  return () => {
    look.clear();
    watcher?.close();
    target?.watcher?.close();
  };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // A link between two targets.
    return undefined;
  }
}
