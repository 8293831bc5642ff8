/** What several runs of the same problems say about each other. */
export interface RepeatFigures {
  readonly problems: number;
  /** Share of the problems whose runs are not all right or all wrong. */
  readonly flipping: number;
  /** Chance that two runs of one problem differ in being right, averaged over problems. */
  readonly flipRate: number;
  /** Share of the problems whose runs are not all the same text. */
  readonly textsDiffer: number;
}

/** Problems with one run alone say nothing and are left out; nothing where all are such. */
export function repeatFigures(
  runs: readonly { readonly problem: string; readonly correct: boolean; readonly hash: string }[],
): RepeatFigures | undefined {
  const groups = new Map<string, { right: number; count: number; hashes: Set<string> }>();
  for (const { problem, correct, hash } of runs) {
    const group = groups.get(problem) ?? { right: 0, count: 0, hashes: new Set<string>() };
    groups.set(problem, group);
    group.right += Number(correct);
    group.count++;
    group.hashes.add(hash);
  }
  const several = [...groups.values()].filter(({ count }) => count > 1);
  if (several.length === 0) return undefined;
  const mean = (of: (group: (typeof several)[number]) => number) =>
    several.reduce((sum, group) => sum + of(group), 0) / several.length;
  return {
    problems: several.length,
    flipping: mean(({ right, count }) => Number(right > 0 && right < count)),
    flipRate: mean(({ right, count }) => (2 * right * (count - right)) / (count * (count - 1))),
    textsDiffer: mean(({ hashes }) => Number(hashes.size > 1)),
  };
}
