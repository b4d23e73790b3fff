/** Globs over names: `*` stands for any run of characters. Nothing else is special. */

const compiled = (glob: string): RegExp => new RegExp(`^${glob.split("*").map(quoted).join(".*")}$`, "s");
const quoted = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

/** Whether a whole name matches. */
export function globMatches(glob: string, name: string): boolean {
  return glob.includes("*") ? compiled(glob).test(name) : glob === name;
}

/** Globs over `type/rule` or `rule`; a leading `!` excludes. Excluding ones win; without an including one nothing matches. */
export function ruleMatches(globs: readonly string[], type: string, rule: string): boolean {
  const matches = (glob: string) => globMatches(glob, glob.includes("/") ? `${type}/${rule}` : rule);
  return (
    globs.some((glob) => !glob.startsWith("!") && matches(glob)) && !globs.some((glob) => glob.startsWith("!") && matches(glob.slice(1)))
  );
}
