/** Globs over names: `*` stands for any run of characters. Nothing else is special. */

/**
 * Whether a whole name matches. Names come from clients: what stands between the stars is looked for from left to right, each at its first
 * place, which finds a match wherever there is one, without going back.
 */
export function globMatches(glob: string, name: string): boolean {
  const first = glob.indexOf("*");
  if (first < 0) return glob === name;
  const last = glob.lastIndexOf("*");
  const tail = glob.length - last - 1;
  if (name.length < first + tail || !name.startsWith(glob.slice(0, first)) || !name.endsWith(glob.slice(last + 1))) return false;
  let at = first;
  for (const middle of glob.slice(first, last).split("*")) {
    const found = name.indexOf(middle, at);
    if (found < 0) return false;
    at = found + middle.length;
  }
  return at <= name.length - tail;
}

/** Globs over `type/rule` or `rule`; a leading `!` excludes. Excluding ones win; without an including one nothing matches. */
export function ruleMatches(globs: readonly string[], type: string, rule: string): boolean {
  const matches = (glob: string) => globMatches(glob, glob.includes("/") ? `${type}/${rule}` : rule);
  return (
    globs.some((glob) => !glob.startsWith("!") && matches(glob)) && !globs.some((glob) => glob.startsWith("!") && matches(glob.slice(1)))
  );
}
