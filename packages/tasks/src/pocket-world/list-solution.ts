import {
  answered,
  answerText,
  applied,
  type Change,
  isBound,
  type ListFacts,
  type Question,
  raised,
  shown,
  stays,
} from './list-facts.ts';
import { pick, type Random } from './random.ts';
import { conclusion, type Knowledge, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import { agreed, fork, type Wording } from './wording.ts';

type Words = readonly string[] | undefined;

export function listSteps(facts: ListFacts): Step[] {
  const { list, words, changes, questions, combination } = facts;
  const [first, second] = questions as readonly [Question?, Question?];
  const steps = [startStep(list, words), ...changes.map((change) => changeStep(change, words))];
  const said = (known: Knowledge): readonly string[] => {
    if (first === undefined) return [known.map((entry) => shown(facts, entry)).join(', ')];
    if (combination === 'difference') return [String(known[0] ?? 0)];
    return questions.map((question, at) => answerText(facts, question, known[at] ?? 0));
  };
  const end = conclusion({
    said,
    slip: (known, random) => {
      if (first === undefined) return garbled(known, words, random);
      const at = known.length > 1 && random() < 0.5 ? 0 : known.length - 1;
      const ofWords = words !== undefined && questions[at] !== 'count';
      return known.map((value, index) =>
        index === at ? (ofWords ? otherWord(value, words, random) : slipOf(value, random)) : value,
      );
    },
  });
  if (first === undefined) return [...steps, end];
  if (second === undefined) return [...steps, questionStep(facts, first), end];
  return [
    ...steps,
    questionStep(facts, first, 'keep the list'),
    questionStep(facts, second, 'keep the first answer'),
    ...(combination === 'difference' ? [gapStep()] : []),
    end,
  ];
}

/** How what is known in the end is written as an answer. */
export function listAnswer(facts: ListFacts, known: Knowledge): string {
  const { questions, combination } = facts;
  if (questions.length === 0) return known.map((entry) => shown(facts, entry)).join(', ');
  if (combination === 'difference') return String(known[0] ?? 0);
  return questions.map((question, at) => answerText(facts, question, known[at] ?? 0)).join('; ');
}

const otherWord = (entry: number, words: readonly string[], random: Random): number =>
  words.length < 2 ? entry : (entry + 1 + Math.floor(random() * (words.length - 1))) % words.length;

const opening: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'From there');

/** "14, then 3, next 27, and finally 8": a fork before every number. */
export function narrated(list: readonly number[], words: Words): Wording {
  return list.map((entry, index) => {
    const value = words === undefined ? entry : (words[entry] ?? '');
    if (index === 0) return value;
    return index === list.length - 1
      ? [fork(', and finally', ', and at the end', ', and lastly'), ' ', value]
      : [fork(', then', ', next', ', after it', ', followed by'), ' ', value];
  });
}

/** What a change does, number by number. */
function told(
  change: Change,
  before: readonly number[],
  words: Words,
  result = applied(change, before, words),
): Wording {
  const entry = (value: number) => shown(words === undefined ? {} : { words }, value);
  const leaves = fork('leaves', 'gives', 'keeps');
  switch (change.kind) {
    case 'sort':
      return [
        fork('sorting', 'ordering', 'arranging'),
        ' in ',
        words === undefined
          ? ''
          : change.order === 'ascending'
            ? 'alphabetical, '
            : 'backward alphabetical, ',
        change.order,
        ' order ',
        fork('gives', 'puts out', 'leads to'),
        ' ',
        narrated(result, words),
      ];
    case 'reverse':
      return [
        fork('turned around', 'reversed', 'read backwards'),
        ' ',
        fork('the list is', 'we have', 'it reads'),
        ' ',
        narrated(result, words),
      ];
    case 'drop':
      return [
        fork('dropping', 'removing', 'leaving out'),
        ` the ${change.end} `,
        fork('number', 'one', 'entry'),
        ' ',
        leaves,
        ' ',
        narrated(result, words),
      ];
    case 'pick':
      return [
        fork('keeping', 'taking', 'picking'),
        ` the ${change.end} ${change.count} `,
        leaves,
        ' ',
        narrated(result, words),
      ];
    case 'cut':
      return [
        fork('dropping', 'removing', 'leaving out'),
        ` the ${change.end} ${change.count} `,
        leaves,
        ' ',
        narrated(result, words),
      ];
    case 'remove':
      return [
        fork('dropping', 'removing', 'leaving out'),
        ` ${entry(change.item)} `,
        leaves,
        ' ',
        narrated(result, words),
      ];
    case 'insert':
      return [
        fork('putting', 'writing', 'setting'),
        ` ${entry(change.item)} ${change.end} `,
        fork('gives', 'puts out', 'leads to'),
        ' ',
        narrated(result, words),
      ];
    case 'keep':
      return kept(
        change,
        before,
        before.map((value) => stays(change, value)),
      );
    default:
      return changed(change, before, result);
  }
}

function kept(
  change: Change & { readonly kind: 'keep' },
  before: readonly number[],
  staying: readonly boolean[],
): Wording {
  const what = 'than' in change && isBound(change.test) ? `${change.test} ${change.than}` : change.test;
  return [
    fork('we keep', 'we look for', 'we want'),
    ' ',
    fork('what is', 'the ones', 'numbers'),
    ` ${what}: `,
    before.map(
      (value, index): Wording => [
        index === 0 ? '' : fork(', ', '; '),
        value,
        ' ',
        staying[index] === true ? fork('stays', 'is kept', 'fits') : fork('goes', 'is removed', 'drops out'),
      ],
    ),
  ];
}

function changed(
  { kind, by }: Change & { readonly kind: 'add' | 'take' | 'times' },
  before: readonly number[],
  result: readonly number[],
): Wording {
  const lead = {
    add: fork('adding', 'with a raise of', 'putting on'),
    take: fork('subtracting', 'with a cut of', 'taking off'),
    times: fork('multiplying by', 'times', 'with a factor of'),
  };
  return [
    lead[kind],
    ` ${by}`,
    fork(' each', '', ' everywhere'),
    ', ',
    before.map(
      (value, index): Wording => [
        index === 0 ? '' : ', ',
        value,
        ' ',
        fork('becomes', 'turns into', 'gives', 'makes'),
        ' ',
        result[index] ?? 0,
      ],
    ),
  ];
}

function startStep(list: readonly number[], words: Words): Step {
  const line = (said: readonly number[]): Line => ({
    wording: [
      fork('First,', 'To begin,', 'At the start,', 'Initially,'),
      ' ',
      fork('the list is', 'we have', 'the entries are', 'we write down'),
      ' ',
      narrated(said, words),
      '.\n',
    ],
    after: said,
  });
  return {
    canBeSkipped: false,
    line: () => line(list),
    correction: () => [
      takeBack,
      ' the list ',
      fork('begins', 'starts', 'opens'),
      ' as ',
      narrated(list, words),
      '.\n',
    ],
    mistake: (_, random) => ({ kind: 'misread', ...line(garbled(list, words, random)) }),
  };
}

/** The list with one number changed, left out, said twice, or two swapped. */
function garbled(list: readonly number[], words: Words, random: Random): readonly number[] {
  const copy = [...list];
  const at = Math.floor(random() * copy.length);
  const way = random();
  if (way < 0.35 && copy.length > 1) {
    const from = Math.min(at, copy.length - 2);
    copy.splice(from, 2, copy[from + 1]!, copy[from]!);
  } else if (way < 0.55 && copy.length > 2) {
    copy.splice(at, 1);
  } else if (way < 0.65 && copy.length > 0) {
    copy.splice(at, 0, copy[at]!);
  } else if (copy.length > 0) {
    copy[at] = words === undefined ? slipOf(copy[at]!, random) : otherWord(copy[at]!, words, random);
  }
  return copy;
}

function changeStep(change: Change, words: Words): Step {
  return {
    canBeSkipped: true,
    line: (before) => ({
      wording: [opening, ' ', told(change, before, words), '.\n'],
      after: applied(change, before, words).map((value) => Math.max(0, value)),
    }),
    correction: (before) => [
      takeBack,
      ' this ',
      fork('should leave', 'has to leave', 'really leaves'),
      ' ',
      narrated(applied(change, before, words), words),
      '.\n',
    ],
    mistake: (before, random) =>
      before.length === 0 ? undefined : wrongChange(change, before, words, random),
  };
}

function wrongChange(change: Change, before: Knowledge, words: Words, random: Random): Mistake {
  const line = (wording: Wording): Wording => [opening, ' ', wording, '.\n'];
  // What is only copied down is seldom checked again.
  const noticed = 0.3;
  if (random() < 0.3) {
    const misread = garbled(before, words, random);
    if (misread.length === 0)
      return { kind: 'misread', wording: line(told(change, before, words, [])), after: [] };
    return {
      kind: 'misread',
      wording: line(told(change, misread, words)),
      after: applied(change, misread, words),
    };
  }
  const garbledResult = (kind: Mistake['kind'], often?: number): Mistake => {
    const result = garbled(applied(change, before, words), words, random);
    const wording = line(told(change, before, words, result));
    return { kind, wording, after: result, ...(often === undefined ? {} : { noticed: often }) };
  };
  switch (change.kind) {
    case 'keep': {
      const at = Math.floor(random() * before.length);
      const staying = before.map((value, index) => stays(change, value) !== (index === at));
      return {
        kind: 'mix-up',
        wording: line(kept(change, before, staying)),
        after: before.filter((_, index) => staying[index]),
      };
    }
    case 'add':
    case 'take':
    case 'times': {
      const at = Math.floor(random() * before.length);
      const result = before.map((value, index) => {
        const right = Math.max(0, raised(change, value));
        return index === at ? slipOf(right, random) : right;
      });
      return { kind: 'slip', wording: line(changed(change, before, result)), after: result };
    }
    case 'drop': {
      if (random() >= 0.4) return garbledResult('mix-up', noticed);
      const result = applied({ kind: 'drop', end: OTHER_END[change.end] }, before, words);
      return { kind: 'mix-up', noticed, wording: line(told(change, before, words, result)), after: result };
    }
    case 'remove':
      return garbledResult('mix-up', noticed);
    case 'pick':
    case 'cut':
    case 'insert': {
      if (random() >= 0.4) return garbledResult('mix-up', noticed);
      const result = applied({ ...change, end: change.end === 'first' ? 'last' : 'first' }, before, words);
      return { kind: 'mix-up', noticed, wording: line(told(change, before, words, result)), after: result };
    }
    case 'reverse':
      return garbledResult('slip', noticed);
    case 'sort':
      return garbledResult('slip');
  }
}

const OTHER_END = { first: 'last', last: 'first', largest: 'smallest', smallest: 'largest' } as const;

/**
 * Known before the second of two questions: the first answer, and behind it the list. `keeps` says what
 * is known after this one: its answer alone, its answer and the list, or both answers.
 */
function questionStep(
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

function gapStep(): Step {
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
