/** Arms that are no rule of the table. */
export const OTHER_ARMS: readonly (readonly [string, string])[] = [
  ['plain', 'the target alone: what all others are compared with'],
  ['draft', 'the draft alone'],
  ['oracle', 'admits what is really right, where that is known (the pocket world)'],
  ['everything-unguarded', 'commits the draft’s own text: the ceiling of speed, the floor of quality'],
  ['synthetic', 'accepts by chance, as --synthetic-acceptance says'],
];

/** Names that stand for several arms. */
export const ARM_GROUPS: readonly (readonly [string, string])[] = [
  ['headline', 'plain, strict, judge (where there is a head), draft'],
  ['rivals', 'every admission of the table at its usual numbers'],
  ['controls', 'everything, random:0.9, draft'],
];
