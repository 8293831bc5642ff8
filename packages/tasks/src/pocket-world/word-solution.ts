import { pick, type Random } from './random.ts';
import { conclusion, type Knowledge, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import { NAMES } from './things.ts';
import type { Change, Move, Packs, Question, WordFacts } from './word-facts.ts';
import {
  applied,
  close,
  equation,
  first,
  OPPOSITE,
  opening,
  put,
  rightSum,
  subject,
  sumStep,
} from './word-lines.ts';
import type { Operation } from './word-phrases.ts';
import { agreed, fork, type Wording } from './wording.ts';

/**
 * Known between two lines: what every holder has, 0 before it was said; behind that the answers worked out so
 * far, or what packs were found to make.
 */
export function wordSteps(facts: WordFacts): Step[] {
  const { holders, moves, questions, item } = facts;
  const count = holders.length;
  const steps = moves.flatMap((move, at) => moveSteps(move, facts, at === 0));
  const final = questions.flatMap((question, at) =>
    questionSteps(
      question,
      facts,
      count + questions.slice(0, at).filter(({ kind }) => kind !== 'now').length,
    ),
  );
  return [
    ...steps,
    ...final,
    conclusion({
      said: (known) => answersOf(facts, known).map(String),
      slip: (known, random) => {
        const at = placeOf(facts, questions.length - 1);
        return known.map((value, index) => (index === at ? slipOf(value, random) : value));
      },
      ...(questions.length === 1 && questions[0]!.kind !== 'groups' ? { unit: ` ${item}` } : {}),
    }),
  ];
}

/** Where the answer to a question is known in the end. */
function placeOf({ holders, questions }: WordFacts, at: number): number {
  const question = questions[at]!;
  if (question.kind === 'now') return question.who;
  return holders.length + questions.slice(0, at).filter(({ kind }) => kind !== 'now').length;
}

export const answersOf = (facts: WordFacts, known: Knowledge): readonly number[] =>
  facts.questions.map((_, at) => known[placeOf(facts, at)] ?? 0);

function moveSteps(move: Move, facts: WordFacts, opens: boolean): Step[] {
  switch (move.kind) {
    case 'start':
      return [
        move.packs === undefined
          ? startStep(move, facts, opens)
          : packsStep(move.packs, facts, move.who, opens),
      ];
    case 'compare':
      return [compareStep(move, facts)];
    case 'change':
      return move.packs === undefined
        ? [changeStep(move, facts)]
        : [packsStep(move.packs, facts, facts.holders.length, false), changeStep(move, facts)];
    case 'pass': {
      const { from, to, by } = move;
      const nameOf = (who: number) => {
        const name = facts.holders[who]?.name;
        return name === undefined ? {} : { other: name };
      };
      return [
        changeStep({ kind: 'change', who: from, operation: '-', by, ...nameOf(to) }, facts),
        changeStep({ kind: 'change', who: to, operation: '+', by, ...nameOf(from) }, facts),
      ];
    }
  }
}

function startStep(move: Move & { readonly kind: 'start' }, facts: WordFacts, opens: boolean): Step {
  const line = (known: Knowledge, amount: number): Line => ({
    wording: [
      opens ? first : opening,
      ' ',
      subject(facts, move.who),
      ' ',
      fork('has', 'owns', 'holds', 'keeps'),
      ' ',
      amount,
      close(facts.item),
    ],
    after: put(known, move.who, amount),
  });
  return {
    line: (known) => line(known, move.by),
    correction: () => [takeBack, ' we ', fork('start', 'begin'), ' with ', move.by, '.\n'],
    mistake: (known, random) => ({ kind: 'misread', ...line(known, slipOf(move.by, random)) }),
    canBeSkipped: false,
  };
}

/** So many times so many; known at `place` after it. */
function packsStep([count, each]: Packs, { item }: WordFacts, place: number, opens: boolean): Step {
  const line = (known: Knowledge, often: number, made: number, total: number): Line => ({
    wording: [
      opens ? first : opening,
      ' ',
      often,
      ' ',
      fork('times', 'groups of', 'lots of', 'packs of'),
      ' ',
      made,
      ' ',
      fork('make', 'give', 'come to'),
      ' ',
      equation(Math.max(often, made), '*', Math.min(often, made), total),
      close(item),
    ],
    after: put(known, place, total),
  });
  const [high, low] = [Math.max(count, each), Math.min(count, each)];
  return {
    canBeSkipped: false,
    line: (known) => line(known, count, each, high * low),
    correction: () => rightSum(high, '*', low),
    mistake: (known, random) => {
      if (random() < 0.6) return { kind: 'slip', ...line(known, count, each, slipOf(high * low, random)) };
      const misread = Math.max(1, slipOf(each, random));
      return { kind: 'misread', ...line(known, count, misread, count * misread) };
    },
  };
}

/** What happens, up to and without the equation. */
function happening(change: Change, item: string): Wording {
  const { operation, by, other } = change;
  if (operation === '*') {
    return [
      fork('multiplies the pile by', 'scales the pile up by', 'grows the pile by a factor of'),
      ' ',
      by,
    ];
  }
  if (operation === '/') {
    return [fork('divides the pile by', 'splits the pile evenly by', 'shares the pile out by'), ' ', by];
  }
  const verb =
    operation === '+'
      ? fork('gets', 'receives', 'picks up', 'gains')
      : other === undefined
        ? fork('loses', 'sells', 'uses up', 'drops')
        : fork('gives away', 'hands over', 'passes on');
  const amount =
    operation === '+'
      ? [agreed('another', 'an extra', 'a further'), ' ', by]
      : [agreed('', 'exactly ', 'a total of '), by];
  const from = other === undefined ? '' : operation === '+' ? ` from ${other}` : ` to ${other}`;
  return [verb, ' ', amount, fork(` ${item}`, ' of them', ''), from === '' ? '' : fork('', from)];
}

function changeStep(change: Change, facts: WordFacts): Step {
  const { item, holders } = facts;
  const count = holders.length;
  const { who } = change;
  const line = (
    known: Knowledge,
    made: Change,
    name: string | undefined,
    before: number,
    equals: number,
  ): Line => ({
    wording: [
      opening,
      ' ',
      subject(facts, who, name),
      ' ',
      happening(made, item),
      fork(', which makes', ', and that gives', ', so we reach', ', leading to'),
      ' ',
      equation(before, made.operation, made.by, equals),
      close(item),
    ],
    after: put(known.slice(0, count), who, equals),
  });
  const own = holders[who]?.name;
  /** A change by so many times so many goes on from what its packs were found to make. */
  const made = (known: Knowledge): Change =>
    change.packs === undefined ? change : { ...change, by: known[count] ?? 0 };
  const beforeOf = (known: Knowledge): number => known[who] ?? 0;
  return {
    canBeSkipped: change.packs === undefined,
    line: (known) => {
      const now = made(known);
      return line(known, now, own, beforeOf(known), applied(now.operation, beforeOf(known), now.by));
    },
    correction: (known) => rightSum(beforeOf(known), change.operation, made(known).by),
    mistake: (known, random): Mistake => {
      const before = beforeOf(known);
      const now = made(known);
      const { operation, by } = now;
      const equals = applied(operation, before, by);
      const way = random();
      if (way < 0.5) return { kind: 'slip', ...line(known, now, own, before, slipOf(equals, random)) };
      if (way < 0.65) {
        const misread = slipOf(before, random);
        return { kind: 'misread', ...line(known, now, own, misread, applied(operation, misread, by)) };
      }
      if (way < 0.8) {
        const other = { ...now, by: misreadBy(now, facts.moves, random) };
        return { kind: 'misread', ...line(known, other, own, before, applied(operation, before, other.by)) };
      }
      if (way < 0.88 && holders[who]?.frame === 'person') {
        const name = holders.length > 1 ? pick(random, holders).name : pick(random, NAMES);
        return { kind: 'misread', ...line(known, now, name, before, equals) };
      }
      const turned: Change = { ...now, operation: OPPOSITE[operation] };
      return { kind: 'mix-up', ...line(known, turned, own, before, applied(turned.operation, before, by)) };
    },
  };
}

function misreadBy(change: Change, moves: readonly Move[], random: Random): number {
  const elsewhere = random() < 0.5 ? pick(random, moves).by : slipOf(change.by, random);
  return Math.max(1, elsewhere);
}

function compareStep(
  { who, of, operation, by }: Move & { readonly kind: 'compare' },
  facts: WordFacts,
): Step {
  const said: Readonly<Record<Operation, Wording>> = {
    '+': [by, ' ', fork('more', 'extra', 'on top')],
    '-': [by, ' ', fork('fewer', 'less')],
    '*': [by, ' ', fork('times as many', 'times the number')],
    '/': [fork('one part in', 'the number divided by'), ' ', by],
  };
  return sumStep(
    (known) => [known[of] ?? 0, operation, by],
    [
      opening,
      ' ',
      subject(facts, who),
      ' ',
      fork('has', 'owns', 'holds'),
      ' ',
      said[operation],
      fork(', which makes', ', and that gives', ', so we reach'),
    ],
    facts.item,
    who,
  );
}

function questionSteps(question: Question, { holders, item }: WordFacts, place: number): Step[] {
  const lead: Wording = fork('For the answer,', 'At the end,', 'At last,');
  const nameOf = (who: number): string => holders[who]?.name ?? 'the other';
  switch (question.kind) {
    case 'now':
      return [];
    case 'together': {
      const [one, ...others] = question.whos;
      return others.map((who, at) =>
        sumStep(
          (known) => [at === 0 ? (known[one!] ?? 0) : (known[place] ?? 0), '+', known[who] ?? 0],
          at === 0
            ? [
                fork('Together', 'Taken together', 'Added up'),
                ' ',
                fork('the two have', 'both have', 'they have'),
              ]
            : [
                fork('With the next one', 'Counting the next one', 'Adding the next one'),
                ' ',
                fork('there are', 'they have', 'it makes'),
              ],
          item,
          place,
        ),
      );
    }
    case 'ahead':
      return [
        sumStep(
          (known) => [known[question.who] ?? 0, '-', known[question.than] ?? 0],
          [
            lead,
            ' ',
            fork('against', 'beside', 'compared to'),
            ` ${nameOf(question.than)} `,
            fork('that is', 'we have', 'it makes'),
          ],
          item,
          place,
        ),
      ];
    case 'missing':
      return [
        sumStep(
          (known) => [question.goal, '-', known[question.who] ?? 0],
          [
            lead,
            ' ',
            fork('to reach', 'to get to', 'up to'),
            ` ${question.goal} `,
            fork('there is a gap of', 'it takes', 'we count'),
          ],
          item,
          place,
        ),
      ];
    case 'groups':
      return [
        sumStep(
          (known) => [known[question.who] ?? 0, '/', question.of],
          [
            lead,
            ' ',
            fork('packed by', 'put together by', 'counted out by'),
            ` ${question.of} `,
            fork('they fill', 'it makes', 'we count'),
          ],
          '',
          place,
        ),
      ];
    case 'each':
      return [
        sumStep(
          (known) => [known[question.who] ?? 0, '/', question.parts],
          [
            lead,
            ' ',
            fork('shared by', 'split by', 'dealt out by'),
            ` ${question.parts} `,
            fork('each share is', 'everyone gets', 'one part is'),
          ],
          item,
          place,
        ),
      ];
  }
}
