import { gapStep, OTHER_END, questionStep } from './list-answering.ts';
import {
  answerText,
  applied,
  type Change,
  type ListFacts,
  type Question,
  raised,
  shown,
  stays,
} from './list-facts.ts';
import { changed, kept, narrated, opening, otherWord, told, type Words } from './list-lines.ts';
import type { Random } from './random.ts';
import { conclusion, type Knowledge, type Line, type Mistake, type Step, slipOf, takeBack } from './step.ts';
import { fork, type Wording } from './wording.ts';

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
