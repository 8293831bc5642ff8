import { compilePattern, fitting, type Matcher, matchPattern, type Pattern } from './pattern.ts';
import { verbForms } from './verbs.ts';
import { SHARED } from './word-clauses.ts';
import { TITLES } from './word-fringes.ts';
import { COMES, GAINS, GIVES, GOES, LOSSES, TAKES } from './word-verbs.ts';

export const fringe = (patterns: readonly Pattern[], words: ReadonlySet<string>): readonly Matcher[] =>
  patterns.flatMap((pattern) => {
    const left = fitting(pattern, words);
    return left === undefined ? [] : [compilePattern(left, (slot) => SHARED[slot]!)];
  });

/** No name is one of these: "found 6" is no new person with six. */
export const VERB_FORMS = verbForms(
  [GAINS, LOSSES, TAKES, GIVES, GOES, COMES].flatMap((verbs) => verbs.split('|')),
);

const MOST_INTRODUCTION = 14;

/** Where a story may begin: at once, or behind a sentence or two that have no number in them. */
export function openings(text: string, words: ReadonlySet<string>): readonly number[] {
  const titles = fringe(TITLES, words);
  const found = [0];
  for (let count = 0; count < 2; count += 1) {
    const from = found.at(-1)!;
    const end = /[.!?:;]+\s+/.exec(text.slice(from));
    if (end === null) break;
    const said = text.slice(from, from + end.index);
    const title = titles.some((matcher) => matchPattern(matcher, text, from)?.end === from + end.index + 1);
    if ((title || isIdle(said)) && said.split(' ').length <= MOST_INTRODUCTION)
      found.push(from + end.index + end[0].length);
    else break;
  }
  return found;
}

/** What a sentence that changes nothing does not have: numbers, and words that count, compare or take up what was said. */
const TELLING =
  /\d|[\ue001]|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen|pair|couple|half|twice|doubl\w*|tripl\w*|quadrupl\w*|halv\w*|third|quarter|all|none|no|nothing|every\w*|each|both|another|more|less|fewer|some|any|rest|remaining|left|same|them|they|those|these|it|ones?|too|also|so|again|likewise|as many|swap\w*|few|several|many|much|how|what|who)\b/iu;

function isIdle(said: string): boolean {
  return (
    said.trim() !== '' &&
    !TELLING.test(said) &&
    !(said.toLowerCase().match(/\p{L}+/gu) ?? []).some((word) => VERB_FORMS.has(word) && !HARMLESS.has(word))
  );
}

/** Of the verbs that change something these say mostly that somebody goes somewhere. */
const HARMLESS = verbForms([
  'go',
  'come',
  'walk',
  'run',
  'get',
  'return',
  'arrive',
  'visit',
  'enter',
  'be',
  'draw',
  'land',
  'stop',
  'call',
]);

/** Where a sentence or a part of one ends that has nothing to do with the story; it begins behind a stop. */
export function idleAt(text: string, from: number): number | undefined {
  const [, stops = '', said = ''] =
    /^([\s.,;:!?]*(?:(?:AND|THEN|BUT|SO) )*)((?:(?! AND )[^.!?;:,])*)/.exec(text.slice(from)) ?? [];
  return (from === 0 || /[.,;:!?]|AND|THEN|BUT|SO/.test(stops)) && isIdle(said)
    ? from + stops.length + said.length
    : undefined;
}
