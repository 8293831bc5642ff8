import {
  applied,
  type Change,
  drawChange,
  kept,
  narrated,
  raised,
  request,
  stays,
  told,
} from './list-change.ts';
import { between, pick, pickSome, type Random } from './random.ts';
import { conclusion, type Knowledge, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import type { Task } from './task.ts';
import { agreed, fork, type Wording } from './wording.ts';

type Question = 'count' | 'sum' | 'first' | 'last' | 'largest' | 'smallest';

interface Facts {
  readonly list: readonly number[];
  readonly changes: readonly Change[];
  readonly question: Question;
}

/** Most often the sum, on which every number of the list has its part. */
const QUESTIONS: readonly Question[] = [
  ...Array.from({ length: 6 }, () => 'sum' as const),
  'count',
  'first',
  'last',
  'largest',
  'smallest',
];

const LONGEST_SUM = 5;

export function drawListProcedure(random: Random): Task {
  // Numbers close to each other: their order often hangs on the last digit.
  const low = between(random, 11, 54);
  const pool = Array.from({ length: 46 }, (_, index) => index + low);
  const list = pickSome(random, pool, 7);
  // Sorting and adding are what a small model finds hard; the rest is copying.
  const easy = pickSome(random, ['keep', 'reverse', 'drop'] as const, between(random, 1, 2));
  const kinds = pickSome(random, ['sort', 'add', ...easy] as const, easy.length + 2);
  const changes: Change[] = [];
  let now: readonly number[] = list;
  for (const kind of kinds) {
    const change = drawChange(kind, now, random);
    now = applied(change, now);
    changes.push(change);
  }
  const question = pick(random, QUESTIONS);
  // What follows must have something to say: two numbers at least, and no wall of sums.
  if (now.length < 2 || (question === 'sum' && now.length > LONGEST_SUM)) return drawListProcedure(random);
  const facts: Facts = { list, changes, question };
  return {
    key: JSON.stringify(facts),
    prompt: tell(facts, random),
    answer: answered(question, now),
    steps: [
      startStep(list),
      ...changes.map(changeStep),
      questionStep(question),
      conclusion(([known]) => known ?? 0, ''),
    ],
    // Many a wrong number does no harm here: were more taken back, hardly a mistake would count.
    retractions: 0.5,
  };
}

function answered(question: Question, list: readonly number[]): number {
  switch (question) {
    case 'count':
      return list.length;
    case 'sum':
      return list.reduce((sum, value) => sum + value, 0);
    case 'first':
      return list[0] ?? 0;
    case 'last':
      return list.at(-1) ?? 0;
    case 'largest':
      return list.length === 0 ? 0 : Math.max(...list);
    case 'smallest':
      return list.length === 0 ? 0 : Math.min(...list);
  }
}

function tell({ list, changes, question }: Facts, random: Random): string {
  const sentences = changes.map((change) => request(change, random));
  const asked: Readonly<Record<Question, string>> = {
    count: 'How many numbers are left?',
    sum: 'What do the numbers add up to?',
    first: 'What is the first number now?',
    last: 'What is the last number now?',
    largest: 'What is the largest number now?',
    smallest: 'What is the smallest number now?',
  };
  return `Start with the list ${list.join(', ')}. ${sentences.join(' ')} ${asked[question]}`;
}

const opening: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'From there');

function startStep(list: readonly number[]): Step {
  const line = (told: readonly number[]): Line => ({
    wording: [
      fork('First,', 'To begin,', 'At the start,', 'Initially,'),
      ' ',
      fork('the list is', 'we have', 'the numbers are', 'we write down'),
      ' ',
      narrated(told),
      '.\n',
    ],
    after: told,
  });
  return {
    canBeSkipped: false,
    line: () => line(list),
    correction: () => [
      takeBack,
      ' the list ',
      fork('begins', 'starts', 'opens'),
      ' as ',
      narrated(list),
      '.\n',
    ],
    mistake: (_, random) => ({ kind: 'misread', ...line(garbled(list, random)) }),
  };
}

/** The list with one number changed, left out, said twice, or two swapped. */
function garbled(list: readonly number[], random: Random): readonly number[] {
  const copy = [...list];
  const at = Math.floor(random() * copy.length);
  const way = random();
  if (way < 0.35 && copy.length > 1) {
    const from = Math.min(at, copy.length - 2);
    copy.splice(from, 2, copy[from + 1]!, copy[from]!);
  } else if (way < 0.55 && copy.length > 2) {
    copy.splice(at, 1);
  } else if (way < 0.65) {
    copy.splice(at, 0, copy[at]!);
  } else {
    copy[at] = slipOf(copy[at]!, random);
  }
  return copy;
}

function changeStep(change: Change): Step {
  const right = (before: Knowledge): Line => ({
    wording: [opening, ' ', told(change, before), '.\n'],
    after: applied(change, before),
  });
  return {
    canBeSkipped: true,
    line: right,
    correction: (before) => [
      takeBack,
      ' this ',
      fork('should leave', 'has to leave', 'really leaves'),
      ' ',
      narrated(applied(change, before)),
      '.\n',
    ],
    mistake: (before, random) => wrongChange(change, before, random),
  };
}

function wrongChange(change: Change, before: Knowledge, random: Random): Mistake {
  const line = (wording: Wording): Wording => [opening, ' ', wording, '.\n'];
  // What is only copied down is seldom checked again.
  const noticed = 0.3;
  if (random() < 0.3) {
    const misread = garbled(before, random);
    return { kind: 'misread', wording: line(told(change, misread)), after: applied(change, misread) };
  }
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
    case 'add': {
      const at = Math.floor(random() * before.length);
      const result = before.map((value, index) =>
        index === at ? slipOf(value + change.by, random) : value + change.by,
      );
      return { kind: 'slip', wording: line(raised(change.by, before, result)), after: result };
    }
    case 'drop': {
      const turned: Change = { kind: 'drop', end: change.end === 'first' ? 'last' : 'first' };
      const result = random() < 0.4 ? applied(turned, before) : garbled(applied(change, before), random);
      return { kind: 'mix-up', noticed, wording: line(told(change, before, result)), after: result };
    }
    case 'reverse': {
      const result = garbled(applied(change, before), random);
      return { kind: 'slip', noticed, wording: line(told(change, before, result)), after: result };
    }
    case 'sort': {
      const result = garbled(applied(change, before), random);
      return { kind: 'slip', wording: line(told(change, before, result)), after: result };
    }
  }
}

function questionStep(question: Question): Step {
  const line = (list: Knowledge, results: readonly number[]): Line => ({
    wording: [opening, ' ', answering(question, list, results), '.\n'],
    after: [results.at(-1) ?? 0],
  });
  return {
    canBeSkipped: false,
    line: (list) => line(list, partial(question, list)),
    correction: (list) => [
      takeBack,
      ' it ',
      fork('should be', 'has to be', 'is really'),
      ' ',
      answered(question, list),
      '.\n',
    ],
    mistake: (list, random) => {
      const results = [...partial(question, list)];
      const at = Math.floor(random() * results.length);
      const wrong =
        question === 'count' || question === 'sum'
          ? slipOf(results[at] ?? 0, random)
          : pick(random, [...list, 0]);
      const off = wrong - (results[at] ?? 0);
      return {
        kind: question === 'count' || question === 'sum' ? 'slip' : 'misread',
        ...line(
          list,
          results.map((result, index) => (index >= at ? Math.max(0, result + off) : result)),
        ),
      };
    },
  };
}

/** What is known after each number is looked at; one result where nothing has to be run through. */
function partial(question: Question, list: readonly number[]): readonly number[] {
  if (question === 'count') return list.map((_, index) => index + 1);
  if (question !== 'sum') return [answered(question, list)];
  return list.slice(1).map((_, index) => answered('sum', list.slice(0, index + 2)));
}

function answering(question: Question, list: readonly number[], results: readonly number[]): Wording {
  if (question === 'count') {
    return [
      fork('counting', 'numbering them', 'we count'),
      ', ',
      list.map(
        (value, index): Wording => [
          index === 0 ? '' : ', ',
          value,
          ' ',
          fork('is number', 'makes', 'brings us to'),
          ' ',
          results[index] ?? 0,
        ],
      ),
    ];
  }
  if (question === 'sum') {
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
    agreed(`the ${question}`, `its ${question}`),
    ' ',
    fork('number', 'one', 'entry'),
    ', ',
    fork('which is', 'and that is', 'namely'),
    ' ',
    results[0] ?? 0,
  ];
}
