import { answered, answerText, type ListFacts, type Question, shown } from './list-facts.ts';
import { opening } from './list-lines.ts';
import { pick } from './random.ts';
import { type Knowledge, type Line, type Step, slipOf, takeBack } from './step.ts';
import { agreed, fork, type Wording } from './wording.ts';

export const OTHER_END = { first: 'last', last: 'first', largest: 'smallest', smallest: 'largest' } as const;

/**
 * Known before the second of two questions: the first answer, and behind it the list. `keeps` says what
 * is known after this one: its answer alone, its answer and the list, or both answers.
 */
export function questionStep(
  facts: ListFacts,
  question: Question,
  keeps?: 'keep the list' | 'keep the first answer',
): Step {
  const { words } = facts;
  const listOf = (known: Knowledge) => (keeps === 'keep the first answer' ? known.slice(1) : known);
  const after = (known: Knowledge, answer: number): Knowledge => {
    if (keeps === undefined) return [answer];
    return keeps === 'keep the list' ? [answer, ...known] : [known[0] ?? 0, answer];
  };
  const line = (known: Knowledge, results: readonly number[]): Line => ({
    wording: [opening, ' ', answering(facts, question, listOf(known), results), '.\n'],
    after: after(known, results.at(-1) ?? 0),
  });
  return {
    canBeSkipped: false,
    line: (known) => line(known, partial(question, listOf(known))),
    correction: (known) => [
      takeBack,
      ' it ',
      fork('should be', 'has to be', 'is really'),
      ' ',
      answerText(facts, question, answered(question, listOf(known))),
      '.\n',
    ],
    mistake: (known, random) => {
      const list = listOf(known);
      const results = [...partial(question, list)];
      if (results.length === 0) return undefined;
      const at = Math.floor(random() * results.length);
      const worked = question === 'count' || question === 'sum';
      const wrong = worked
        ? slipOf(results[at] ?? 0, random)
        : pick(random, words === undefined ? [...list, 0] : list);
      const off = wrong - (results[at] ?? 0);
      return {
        kind: worked ? 'slip' : 'misread',
        ...line(
          known,
          results.map((result, index) => (index >= at ? Math.max(0, result + off) : result)),
        ),
      };
    },
  };
}

/** What is known after each number is looked at; one result where nothing has to be run through. */
function partial(question: Question, list: readonly number[]): readonly number[] {
  if (question === 'count') return list.map((_, index) => index + 1);
  if (question !== 'sum' || list.length < 2) return [answered(question, list)];
  return list.slice(1).map((_, index) => answered('sum', list.slice(0, index + 2)));
}

function answering(
  facts: ListFacts,
  question: Question,
  list: readonly number[],
  results: readonly number[],
): Wording {
  if (question === 'count') {
    return [
      fork('counting', 'numbering them', 'we count'),
      ', ',
      list.map(
        (value, index): Wording => [
          index === 0 ? '' : ', ',
          shown(facts, value),
          ' ',
          fork('is number', 'makes', 'brings us to'),
          ' ',
          results[index] ?? 0,
        ],
      ),
    ];
  }
  if (question === 'sum' && list.length >= 2) {
    return [
      fork('adding up', 'summing up', 'in total'),
      ', ',
      results.map(
        (result, index): Wording => [
          index === 0 ? '' : fork(', then ', ', next ', ', and '),
          (index === 0 ? list[0] : results[index - 1]) ?? 0,
          ' ',
          agreed('+', 'plus'),
          ' ',
          list[index + 1] ?? 0,
          ' ',
          fork('=', 'is', 'makes'),
          ' ',
          result,
        ],
      ),
    ];
  }
  return [
    fork('we look for', 'we take', 'we want'),
    ' ',
    fork(`the ${question}`, `its ${question}`),
    ' ',
    fork('entry', 'one', 'item'),
    ', ',
    fork('which is', 'and that is', 'namely'),
    ' ',
    answerText(facts, question, results[0] ?? 0),
  ];
}

export function gapStep(): Step {
  const line = (high: number, low: number, gap: number): Line => ({
    wording: [
      fork('Comparing both,', 'Seen side by side,', 'Set against each other,'),
      ' ',
      fork('the gap is', 'the distance is', 'the two differ by'),
      [' ', high, ' ', agreed('-', 'minus'), ' ', low, ' ', fork('=', 'is', 'makes'), ' ', gap, '.\n'],
    ],
    after: [gap],
  });
  return {
    canBeSkipped: false,
    line: ([high, low]) => line(high ?? 0, low ?? 0, Math.abs((high ?? 0) - (low ?? 0))),
    correction: ([high, low]) => [
      takeBack,
      ' the gap ',
      fork('should be', 'has to be', 'is really'),
      ` ${Math.abs((high ?? 0) - (low ?? 0))}.\n`,
    ],
    mistake: ([high, low], random) => ({
      kind: 'slip',
      ...line(high ?? 0, low ?? 0, slipOf(Math.abs((high ?? 0) - (low ?? 0)), random)),
    }),
  };
}
