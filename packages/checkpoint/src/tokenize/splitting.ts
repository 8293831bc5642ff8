import type { NormalText } from './normal-text.ts';

/** What becomes of what a pattern finds in a text that is cut there. */
export type SplitBehavior = 'Isolated' | 'Removed' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

export const SPLIT_BEHAVIORS: readonly SplitBehavior[] = [
  'Isolated',
  'Removed',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
];

interface Part {
  readonly from: number;
  to: number;
  readonly isMatch: boolean;
}

/** Cuts a text at a pattern (with the flag `g`). With `invert` the pattern tells what lies between. */
export function split(
  piece: NormalText,
  pattern: RegExp,
  behavior: SplitBehavior,
  invert = false,
): NormalText[] {
  const found = parts(piece.text, pattern, invert);
  const merged = MERGERS[behavior](found);
  return merged.filter(({ from, to }) => to > from).map(({ from, to }) => piece.slice(from, to));
}

function parts(text: string, pattern: RegExp, invert: boolean): Part[] {
  const out: Part[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    // nothing is not found right behind what was
    if (found === '' && index === done && out.length > 0) continue;
    if (index > done) out.push({ from: done, to: index, isMatch: invert });
    out.push({ from: index, to: index + found.length, isMatch: !invert });
    done = index + found.length;
  }
  if (done < text.length) out.push({ from: done, to: text.length, isMatch: invert });
  return out;
}

const MERGERS: Readonly<Record<SplitBehavior, (parts: Part[]) => readonly Pick<Part, 'from' | 'to'>[]>> = {
  Isolated: (parts) => parts,
  Removed: (parts) => parts.filter(({ isMatch }) => !isMatch),
  Contiguous: (parts) => merge(parts, (isMatch, before) => isMatch === before),
  MergedWithPrevious: (parts) => merge(parts, (isMatch, before) => isMatch && !before),
  MergedWithNext(parts) {
    const out: { from: number; to: number }[] = [];
    let after = false;
    for (const { from, to, isMatch } of [...parts].reverse()) {
      const next = out.at(-1);
      if (isMatch && !after && next !== undefined) next.from = from;
      else out.push({ from, to });
      after = isMatch;
    }
    return out.reverse();
  },
};

function merge(parts: readonly Part[], joins: (isMatch: boolean, before: boolean) => boolean): Part[] {
  const out: Part[] = [];
  let before = false;
  for (const part of parts) {
    const last = out.at(-1);
    if (last !== undefined && joins(part.isMatch, before)) last.to = part.to;
    else out.push({ ...part });
    before = part.isMatch;
  }
  return out;
}
