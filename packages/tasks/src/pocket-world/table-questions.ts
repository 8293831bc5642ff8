import { openLabel, openNoun, openTitle } from './open-words.ts';
import { sayPattern } from './pattern.ts';
import { between, pick, pickSome, type Random } from './random.ts';
import { type Group, reduced, solvedTable, type TableFacts } from './table-facts.ts';
import {
  ASKS,
  COLUMNS,
  COMBINATIONS,
  type Combination,
  DID,
  DIFFERENCES,
  DONE,
  HEADS,
  LEAD,
  OPEN_LEADS,
  OPEN_TAILS,
  REQUESTS,
  type Reduction,
  type Scope,
  TAIL,
} from './table-phrases.ts';
import { entry, tableSteps } from './table-solution.ts';
import type { Task } from './task.ts';
import { LABELS, MEASURES } from './things.ts';
import { drawTyping, sentence, type Typing } from './typing.ts';
import type { Vocabulary } from './word-cast.ts';
import { WORLD } from './word-cast.ts';
import { PREPOSITIONS } from './word-fringes.ts';

/** What a number in a table may be called. */
const QUANTITIES = [
  'score',
  'price',
  'count',
  'result',
  'temperature',
  'height',
  'weight',
  'age',
  'distance',
  'amount',
  'total',
  'cost',
];

const SCALES: readonly (readonly [number, number])[] = [
  [11, 99],
  [11, 99],
  [1, 20],
  [1, 99],
  [100, 999],
  [10, 700],
  [100, 3000],
];

export function drawTableQuestion(random: Random, size: number, vocabulary: Vocabulary = WORLD): Task {
  for (;;) {
    const task = tryToDraw(random, size, vocabulary);
    if (task !== undefined) return task;
  }
}

function drawNames(random: Random, size: number, vocabulary: Vocabulary): readonly string[] {
  const groups = LABELS.filter((labels) => labels.length >= size);
  const way = random();
  if (way < 0.25 && groups.length > 0) {
    const labels = pick(random, groups);
    return random() < 0.4 ? labels.slice(0, size) : pickSome(random, labels, size);
  }
  const draw = way < 0.45 ? openLabel : vocabulary.name;
  const names = new Map<string, string>();
  while (names.size < size) {
    const name = draw(random);
    names.set(name.toLowerCase(), name);
  }
  return [...names.values()];
}

function tryToDraw(random: Random, size: number, vocabulary: Vocabulary): Task | undefined {
  const typing = { ...drawTyping(random), inWords: 0, commas: false };
  const typed = (text: string) => (typing.lower ? text.toLowerCase() : text);
  const names = drawNames(random, size, vocabulary).map(typed);
  const scale = pick(random, SCALES);
  const cells = names.map(() => between(random, ...scale));
  const item = random() < 0.35 ? pick(random, MEASURES) : vocabulary.item(random);
  const order = pickSome(random, [...names.keys()], size);
  const layout = drawLayout(item, names, cells, typing, random);
  const asked = drawQuestion(order, names, cells, item, typing, random);
  if (asked === undefined) return undefined;
  const { groups, combination, text } = asked;
  // What is counted is what the rows say, and otherwise what the question says.
  const counted = layout.item ?? (asked.saysItem ? item : undefined);
  // Most solutions shall be short.
  if (groups[0]!.rows.length + (groups[1]?.rows.length ?? 0) > 14 && random() < 0.75) return undefined;
  const facts: TableFacts = {
    names,
    ...(counted === undefined ? {} : { item: counted }),
    cells,
    separator: layout.separator,
    first: groups[0]!,
    ...(groups[1] === undefined ? {} : { second: groups[1], combination: combination! }),
  };
  return tableTask(facts, layout.text + text);
}

/** A problem from what it says. */
export function tableTask(facts: TableFacts, prompt: string): Task | undefined {
  const answer = solvedTable(facts);
  if (answer === undefined) return undefined;
  return {
    key: JSON.stringify({ ...facts, separator: '' }).toLowerCase(),
    prompt,
    answer,
    size: facts.names.length,
    steps: tableSteps(facts),
  };
}

interface Layout {
  readonly text: string;
  readonly separator: string;
  /** What the rows say that they count. */
  readonly item: string | undefined;
}

function drawLayout(
  item: string,
  names: readonly string[],
  cells: readonly number[],
  typing: Typing,
  random: Random,
): Layout {
  const rows = (separator: string) => names.map((name, row) => entry(name, separator, cells[row]!));
  const typed = (text: string) => (typing.lower ? text.toLowerCase() : text);
  const way = random();
  if (way < 0.2) {
    const separator = random() < 0.8 ? ' ' : ': ';
    const named = random() < 0.8;
    return {
      text: `${[...(named ? [item] : []), ...rows(separator)].join(' | ')}\n`,
      separator,
      item: named ? item : undefined,
    };
  }
  if (way < 0.36) {
    const separator = ` ${random() < 0.5 ? 'has' : pick(random, DID)} `;
    const withItem = random();
    const said = rows(separator).map((text, row) => (withItem < 0.5 || row === 0 ? `${text} ${item}` : text));
    const joined = random() < 0.6 || said.length < 3 ? listed(said) : said.join(', ');
    const stops = random() < 0.25 ? said.join('. ') : joined;
    return { text: `${stops}${random() < typing.dropsStops ? '' : '.'} `, separator, item };
  }
  const title = () => {
    const head = pick(random, HEADS);
    const slot = (name: string) => (name === 'i' ? item : openTitle(item, random));
    const words = sayPattern(head, { slot, tense: 'present', plain: () => false }, random);
    return typing.lower ? words.toLowerCase() : words.charAt(0).toUpperCase() + words.slice(1);
  };
  const columns = (link: string) =>
    typed(
      `${random() < 0.5 ? pick(random, COLUMNS) : capital(pick(random, COLUMNS))}${link}${random() < 0.5 ? item : capital(item)}`,
    );
  if (way < 0.44) {
    // As Markdown has it.
    const lines = [
      `| ${columns(' | ')} |`,
      pick(random, ['|---|---|', '| --- | --- |', '|------|------|']),
      ...rows(' | ').map((row) => `| ${row} |`),
    ];
    return { text: `${lines.slice(random() < 0.2 ? 2 : 0).join('\n')}\n`, separator: ' | ', item: undefined };
  }
  if (way < 0.72) {
    const separator = pick(random, [' ', ': ', ': ', ': ', ' = ', ' - ', ', ', ',', ' | ', '\t', '  ', ': ']);
    const withItem = random() < 0.15 && separator !== ',' && separator !== '\t';
    const bullet = random() < 0.2 && separator !== ' - ' ? pick(random, ['- ', '- ', '* ']) : '';
    const lines = rows(separator).map((row) => `${bullet}${row}${withItem ? ` ${item}` : ''}`);
    const headed = random();
    const head =
      headed < 0.4
        ? [`${title()}${random() < 0.8 ? ':' : ''}`]
        : headed < 0.6 && bullet === ''
          ? [columns(separator === ': ' && random() < 0.5 ? ' | ' : separator)]
          : [];
    return {
      text: `${[...head, ...lines].join('\n')}\n${random() < 0.3 ? '\n' : ''}`,
      separator,
      item: withItem ? item : undefined,
    };
  }
  const separator = pick(random, [' ', ' ', ': ', ': ', '=', ' = ', ' - ', ' (', ':']);
  const withItem = random() < 0.15 && separator !== ' (';
  const said = rows(separator).map((row) => (withItem ? `${row} ${item}` : row));
  const link = pick(random, [', ', ', ', ', ', ', ', '; ', ' | ', ' / ']);
  const joined = link === ', ' && random() < 0.4 ? listed(said) : said.join(link);
  const head = random() < 0.7 ? `${title()}: ` : '';
  return {
    text: `${head}${joined}${random() < typing.dropsStops ? ' ' : random() < 0.2 ? '.\n' : '. '}`,
    separator,
    item: withItem ? item : undefined,
  };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

interface Question {
  /** Whether it says what is counted. */
  readonly saysItem: boolean;
  readonly groups: readonly Group[];
  readonly combination?: Combination;
  readonly text: string;
}

function drawQuestion(
  order: readonly number[],
  names: readonly string[],
  cells: readonly number[],
  item: string,
  typing: Typing,
  random: Random,
): Question | undefined {
  let saysItem = false;
  const found = questionOf(order, names, cells, item, typing, random, () => {
    saysItem = true;
  });
  return found && { ...found, saysItem };
}

function questionOf(
  order: readonly number[],
  names: readonly string[],
  cells: readonly number[],
  item: string,
  typing: Typing,
  random: Random,
  saysItem: () => void,
): Omit<Question, 'saysItem'> | undefined {
  const all = [...names.keys()];
  const say = (
    pattern: Parameters<typeof sayPattern>[0],
    who: readonly number[],
    others: readonly number[],
    stop: string,
  ): string => {
    const slot = (name: string): string => {
      if (name === 'i') {
        saysItem();
        return item;
      }
      if (name === 'vb') return pick(random, DONE);
      if (name === 'vp') return pick(random, DID);
      if (name === 'q') return random() < 0.5 ? pick(random, QUANTITIES) : openNoun(random);
      return listedWho(
        (name === 'w' ? who : others).map((row) => names[row]!),
        random,
      );
    };
    const saying = { slot, tense: 'present', plain: () => true } as const;
    const text = sayPattern(pattern, saying, random);
    const around = random();
    const open = (name: string) => (name === 'prep' ? pick(random, PREPOSITIONS) : openNoun(random));
    const idle = { slot: open, tense: 'present', plain: () => true } as const;
    const lead =
      around < 0.06 ? sayPattern(random() < 0.7 ? LEAD : pick(random, OPEN_LEADS), idle, random) : '';
    const tail =
      around > 0.88 ? sayPattern(random() < 0.6 ? TAIL : pick(random, OPEN_TAILS), idle, random) : '';
    return sentence(lead + text + tail, stop, typing, random);
  };
  const group = (
    from: number,
  ):
    | { readonly rows: readonly number[]; readonly reduction: Reduction; readonly scope: Scope }
    | undefined => {
    const left = order.slice(from);
    const way = random();
    if (way < 0.22)
      return { rows: all, reduction: pick(random, ['sum', 'largest', 'smallest'] as const), scope: 'all' };
    if (left.length === 0) return undefined;
    if (way < 0.4 || left.length < 2) return { rows: left.slice(0, 1), reduction: 'sum', scope: 'one' };
    const count = between(random, 2, Math.min(left.length, random() < 0.8 ? 4 : 7));
    return {
      rows: left.slice(0, count),
      reduction: pick(random, ['sum', 'sum', 'largest', 'smallest'] as const),
      scope: 'some',
    };
  };
  const phraseFor = (phrases: typeof ASKS, found: NonNullable<ReturnType<typeof group>>) => {
    const fitting = phrases.filter(
      ({ reduction, scope }) => reduction === found.reduction && scope === found.scope,
    );
    return fitting.length === 0 ? undefined : pick(random, fitting);
  };
  const way = random();
  if (way < 0.4 || (way < 0.48 && names.length < 3)) {
    const first = group(0);
    const phrase = first && phraseFor(ASKS, first);
    if (phrase === undefined) return undefined;
    return { groups: [first!], text: say(phrase.pattern, first!.rows, [], stopOf(phrase.pattern)) };
  }
  if (way < 0.5) {
    const first = group(0);
    const second = first && group(first.scope === 'all' ? 0 : first.rows.length);
    const phrases = first && second && [phraseFor(ASKS, first), phraseFor(ASKS, second)];
    if (!phrases?.[0] || !phrases[1]) return undefined;
    const texts = [
      say(phrases[0].pattern, first!.rows, [], stopOf(phrases[0].pattern)),
      say(phrases[1].pattern, second!.rows, [], stopOf(phrases[1].pattern)),
    ];
    return { groups: [first!, second!], combination: 'both', text: texts.join(' ') };
  }
  if (way < 0.72) {
    const kind = pick(random, ['rows', 'rows', 'groups', 'extremes'] as const);
    const fitting = DIFFERENCES.filter((phrase) => phrase.between === kind);
    if (fitting.length === 0) return undefined;
    const phrase = pick(random, fitting);
    if (kind === 'extremes') {
      const groups = (['largest', 'smallest'] as const).map((reduction) => ({ rows: all, reduction }));
      return { groups, combination: 'difference', text: say(phrase.pattern, [], [], '?') };
    }
    const sizes = kind === 'rows' ? [1, 1] : [between(random, 2, 3), between(random, 1, 3)];
    if (sizes[0]! + sizes[1]! > order.length) return undefined;
    const one = order.slice(0, sizes[0]);
    const other = order.slice(sizes[0], sizes[0]! + sizes[1]!);
    const groups = [one, other].map((rows) => ({ rows, reduction: 'sum' as const }));
    const text = say(phrase.pattern, one, other, '?');
    const [left, right] = groups.map((group) => reduced(group, cells)) as [number, number];
    // "More" is asked where there is more, though the answer would be the same.
    if (/\b(more|beat|lead|higher)\b/i.test(text) && left <= right) return undefined;
    if (/\b(fewer|less|lower|trail)\b/i.test(text) && left >= right) return undefined;
    return { groups, combination: 'difference', text };
  }
  const first = group(0);
  const second = first && group(first.scope === 'all' ? 0 : first.rows.length);
  const phrases = first && second && [phraseFor(REQUESTS, first), phraseFor(REQUESTS, second)];
  if (!phrases?.[0] || !phrases[1]) return undefined;
  const combination = random() < 0.5 ? 'difference' : 'total';
  const last = pick(
    random,
    COMBINATIONS.filter((phrase) => phrase.combination === combination),
  );
  const one = say(phrases[0].pattern, first!.rows, [], '.');
  const other = say(phrases[1].pattern, second!.rows, [], '.');
  const linked = random() < 0.2 ? `Then ${other.charAt(0).toLowerCase()}${other.slice(1)}` : other;
  const text = [
    one,
    typing.lower ? linked.toLowerCase() : linked,
    say(last.pattern, [], [], stopOf(last.pattern)),
  ].join(' ');
  return { groups: [first!, second!], combination, text };
}

function listedWho(words: readonly string[], random: Random): string {
  return words.length > 2 && random() < 0.15
    ? `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`
    : listed(words);
}

/** Requests end in a full stop, questions in a question mark. */
const stopOf = (pattern: readonly { readonly kind: string; readonly text?: string }[]): string =>
  /^(how|what|by)/.test(pattern[0]?.text ?? '') ? '?' : '.';
