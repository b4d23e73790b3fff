/** What goes out in the place of a rewritten range; byte for byte what native/session/src/replacement.rs makes. */
import { createHash, createHmac } from "node:crypto";
import type { Replacement } from "../stream/verdict.ts";

/** Most distinct texts that one choice numbers; later ones become `[TAG]`. The same bound as on the native side. */
const maxPseudonyms = 65_536;

/** Numbers of one choice's matched texts. Keeps digests, not texts. */
export class Pseudonyms {
  private readonly names = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  name(tag: string, matched: string): string {
    const key = createHash("sha256").update(`${tag.length}:`).update(tag).update(matched).digest("latin1");
    const known = this.names.get(key);
    if (known !== undefined) return known;
    if (this.names.size >= maxPseudonyms) return `[${tag}]`;
    const count = (this.counts.get(tag) ?? 0) + 1;
    this.counts.set(tag, count);
    const name = `[${tag}_${count}]`;
    this.names.set(key, name);
    return name;
  }
}

/** The text for one match. */
export function replacementText(replacement: Replacement, matched: string, pseudonyms: Pseudonyms): string {
  switch (replacement.kind) {
    case "tag":
      return replacement.text;
    case "remove":
      return "";
    case "mask":
      return mask(matched, replacement.char, replacement.keepLast);
    case "hash": {
      const digest = createHmac("sha256", replacement.key).update(matched).digest("hex");
      return `[${replacement.tag}:${digest.slice(0, replacement.length)}]`;
    }
    case "pseudonym":
      return pseudonyms.name(replacement.tag, matched);
  }
}

function mask(matched: string, char: string, keepLast: number): string {
  const characters = Array.from(matched);
  const masked = Math.max(characters.length - keepLast, 0);
  return char.repeat(masked) + characters.slice(masked).join("");
}

/**
 * Findings of span mode are swallowed as they come on the wire path, so nothing that needs their text can be made of them: both paths
 * use the bare tag.
 */
export function replacementFor(replacement: Replacement, tag: string, span: "span" | "plain"): Replacement {
  if (span === "plain" || replacement.kind === "tag" || replacement.kind === "remove") return replacement;
  return { kind: "tag", text: `[${tag}]` };
}
