import type { Style } from '@judge-decoding/tasks';

/** Who may write solutions of pocket problems: the world's styles, and the draft model itself. */
export const AUTHORS = [
  'target',
  'draft',
  'other',
  'even',
  'contrary',
  'draft-model',
] as const satisfies readonly (Style | 'draft-model')[];
export type Author = (typeof AUTHORS)[number];

/** Who each of them is, in words. */
export const ABOUT_AUTHORS: Readonly<Record<Author, string>> = {
  target: 'the author of the texts that the target was trained on',
  draft: 'the author of the texts that the draft was trained on',
  other: 'an author whose favourite ways are neither’s',
  even: 'an author to whom all ways are equal',
  contrary: 'an author who always takes the way that the target’s takes least',
  'draft-model': 'the draft model’s own answers',
};
