import type { Bound } from './list-facts.ts';

const comparatives = (more: string, words: string): string =>
  `${words
    .split(' ')
    .map((word) => `${word} than`)
    .join('|')}|${more} than`;

/** How a bound is said, {n} and its unit included; for lists and tables alike. */
export const BOUNDS: readonly (readonly [Bound, string])[] = [
  [
    'above',
    `(above|over|past|beyond|exceeding|${comparatives('more', 'greater larger bigger higher heavier longer taller older pricier further farther faster hotter deeper')}) {n}{u}`,
  ],
  [
    'below',
    `(below|under|${comparatives('less', 'smaller lower fewer lighter shorter younger cheaper slower colder')}) {n}{u}`,
  ],
  [
    'at least',
    '((at least|of at least|no less than|not below|not under|from) {n}{u}|{n}{u} (or more|or above|or higher|and up|or over|or bigger|and above))',
  ],
  [
    'at most',
    '((at most|of at most|no more than|not above|not over|up to) {n}{u}|{n}{u} (or less|or fewer|or below|or lower|and below|or under))',
  ],
];

/** The bound that is left where everything of this one goes. */
export const OPPOSITE: Readonly<Record<Bound, Bound>> = {
  above: 'at most',
  below: 'at least',
  'at least': 'below',
  'at most': 'above',
};
