/** The nearest known word to a misspelt one. */

/** Edits (insert, delete, replace, swap of neighbours) between two words; O(a * b). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : replace;
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace, swap));
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** A known word that is near enough to be meant (at most a third of its letters differ, at least one may), or undefined. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  // Longer words are no typing errors, and the distance costs their product.
  if (word.length > 128) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const bound = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (Math.abs(candidate.length - word.length) > bound) continue;
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits <= bound && edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}
