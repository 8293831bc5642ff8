// Training text that is nothing but the hard parts, said over and over: looking up, sums, sorting. One
// look-up in five tokens, where a table question has one in thirty: a model finds out early how a name
// leads to its number. Short tables come more often than long ones: in them a guess is right more often, so
// that there is something to learn from before anything is understood. No problem of the world is like this.
import { openListed } from '../../packages/tasks/src/pocket-world/open-words.ts';
import { between, pick, pickSome, type Random } from '../../packages/tasks/src/pocket-world/random.ts';
import { entry } from '../../packages/tasks/src/pocket-world/table-lines.ts';
import { ITEMS } from '../../packages/tasks/src/pocket-world/things.ts';
import { WORLD } from '../../packages/tasks/src/pocket-world/word-cast.ts';
import { NOISY } from './noise.ts';

export interface Document {
  readonly prompt: string;
  readonly text: string;
}

const MOST_ROWS = 14;
const DIGITS: readonly (readonly [number, number])[] = [
  [11, 99],
  [11, 99],
  [1, 99],
  [100, 999],
  [1, 9999],
];

function table(random: Random, rows: number) {
  const vocabulary = random() < 0.7 ? WORLD : NOISY;
  const item = pick(random, ITEMS);
  const lower = random() < 0.15;
  const drawn = new Set<string>();
  while (drawn.size < rows)
    drawn.add(lower ? vocabulary.name(random).toLowerCase() : vocabulary.name(random));
  const scale = pick(random, DIGITS);
  const separator = random() < 0.7 ? ' ' : pick(random, [': ', ' = ', ' - ', ' has ', ' | ']);
  const names = [...drawn];
  const cells: number[] = [];
  while (cells.length < rows) {
    const cell = between(random, ...scale);
    if (!cells.includes(cell)) cells.push(cell);
  }
  const entries = names.map((name, row) => entry(name, separator, cells[row]!));
  const link = pick(random, [' | ', ' | ', '\n', ', ']);
  return { item, names, cells, entries, link };
}

export function readingDrill(random: Random): Document {
  const rows = between(random, 1, between(random, 2, MOST_ROWS));
  const { item, names, entries, link } = table(random, rows);
  const order = pickSome(random, [...names.keys()], rows);
  const asked = order.map((row) => names[row]).join(', ');
  const read = order.map((row) => entries[row]).join(', ');
  return {
    prompt: `${[item, ...entries].join(link)}\nRead out the ${item} of ${asked}.`,
    text: `We read ${read}.`,
  };
}

const SIGNS = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'divided by' } as const;

function sum(
  random: Random,
): readonly [left: number, sign: keyof typeof SIGNS, right: number, result: number] {
  const largest = pick(random, [20, 99, 99, 999, 999, 9999]);
  const sign = pick(random, ['+', '+', '-', '-', '*', '*', '/'] as const);
  if (sign === '+' || sign === '-') {
    const total = between(random, 2, largest);
    const part = random() < 0.5 ? between(random, 1, total - 1) : between(random, 1, Math.min(total - 1, 99));
    const [one, other] = random() < 0.5 ? [part, total - part] : [total - part, part];
    return sign === '+' ? [one, '+', other, total] : [total, '-', one, other];
  }
  const factor = between(random, 2, random() < 0.85 ? 9 : 12);
  const many = between(
    random,
    factor > 9 ? 2 : factor,
    Math.max(factor, Math.min(factor > 9 ? 99 : 1500, Math.floor(largest / factor))),
  );
  return sign === '*' ? [many, '*', factor, many * factor] : [many * factor, '/', factor, many];
}

export function sumDrill(random: Random): Document {
  const sums = Array.from({ length: between(random, 1, 9) }, () => sum(random));
  const sign = random() < 0.2;
  const equals = pick(random, [' = ', ' = ', ' is ', ' makes ']);
  const asked = sums.map(([left, by, right]) => `${left} ${sign ? SIGNS[by] : by} ${right}`);
  return {
    prompt: `${pick(random, ['Work out', 'What is', 'Compute'])} ${asked.join(', ')}.`,
    text: `${sums.map(([, , , result], at) => `${asked[at]}${equals}${result}`).join(', ')}.`,
  };
}

export function sortDrill(random: Random): Document {
  const scale = pick(random, [
    [1, 20],
    [1, 99],
    [11, 99],
    [100, 999],
    [1, 2000],
  ] as const);
  const low = between(random, scale[0], Math.ceil(scale[1] / 2));
  const list = Array.from({ length: between(random, 2, between(random, 4, 12)) }, () =>
    between(random, low, random() < 0.5 ? scale[1] : Math.min(scale[1], low + 45)),
  );
  const way = pick(random, ['ascending', 'descending', 'largest', 'smallest', 'backwards', 'sum'] as const);
  const said = {
    ascending: () => [...list].sort((a, b) => a - b).join(', then '),
    descending: () => [...list].sort((a, b) => b - a).join(', then '),
    largest: () => String(Math.max(...list)),
    smallest: () => String(Math.min(...list)),
    backwards: () => [...list].reverse().join(', then '),
    sum: () =>
      list
        .slice(1)
        .map((value, at) => {
          const before = list.slice(0, at + 1).reduce((total, one) => total + one, 0);
          return `${before} + ${value} = ${before + value}`;
        })
        .join(', then '),
  };
  return { prompt: `${list.join(', ')}: ${way}`, text: `${said[way]()}.` };
}

/** Words in the order of the alphabet, or backwards; and how each begins, on which that order hangs. */
export function wordDrill(random: Random): Document {
  const vocabulary = random() < 0.6 ? WORLD : NOISY;
  const count = between(random, 2, between(random, 3, 12));
  const words = openListed(random, count, vocabulary.name);
  const sorted = [...words].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const way = pick(random, [
    'alphabetical',
    'alphabetical',
    'alphabetical',
    'backwards',
    'letters',
    'from z to a',
  ] as const);
  const said = {
    alphabetical: () => sorted.join(', then '),
    backwards: () => [...words].reverse().join(', then '),
    'from z to a': () => [...sorted].reverse().join(', then '),
    letters: () =>
      words.map((word) => `${word} ${[...word.toLowerCase()].slice(0, 3).join(' ')}`).join(', then '),
  };
  return { prompt: `${words.join(', ')}: ${way}`, text: `${said[way]()}.` };
}

/** A whole table in the order of its numbers, as a solution says it: what a target of World 7 got wrong most. */
export function rankDrill(random: Random): Document {
  const { item, names, cells, entries, link } = table(
    random,
    between(random, 2, between(random, 4, MOST_ROWS)),
  );
  const order = pick(random, ['ascending', 'descending'] as const);
  const rows = [...names.keys()].sort((a, b) => (order === 'ascending' ? 1 : -1) * (cells[a]! - cells[b]!));
  return {
    prompt: `${[item, ...entries].join(link)}\nSort the rows in ${order} order.`,
    text: `First, sorting the rows in ${order} order gives ${narrated(rows.map((row) => entries[row]!))}.`,
  };
}

/** A list without its smallest or largest number, once or twice. */
export function dropDrill(random: Random): Document {
  const scale = pick(random, [
    [1, 99],
    [11, 99],
    [100, 999],
    [1, 2000],
  ] as const);
  const count = between(random, 3, between(random, 5, 12));
  const list = pickSome(
    random,
    Array.from({ length: 3 * count }, () => between(random, ...scale)).filter(
      (value, at, all) => all.indexOf(value) === at,
    ),
    count,
  );
  const ends = [
    pick(random, ['smallest', 'largest'] as const),
    pick(random, ['smallest', 'largest'] as const),
  ];
  let left = list;
  const lines = ends.slice(0, left.length > 3 ? between(random, 1, 2) : 1).map((end) => {
    const gone = end === 'smallest' ? Math.min(...left) : Math.max(...left);
    left = left.filter((value) => value !== gone);
    return `Then dropping the ${end} number leaves ${narrated(left.map(String))}.`;
  });
  return {
    prompt: `${list.join(', ')}: drop the ${ends.slice(0, lines.length).join(', then the ')}`,
    text: lines.join('\n'),
  };
}

const narrated = (said: readonly string[]): string =>
  said.length < 2 ? said.join() : `${said.slice(0, -1).join(', then ')}, and finally ${said.at(-1)}`;

/** Mostly look-ups, which come late and all at once; the others grow slowly beside them. */
export function drill(random: Random, look: number): Document {
  const way = random();
  if (way < look) return readingDrill(random);
  const other = (way - look) / (1 - look);
  if (other < 0.25) return sumDrill(random);
  if (other < 0.55) return rankDrill(random);
  if (other < 0.7) return dropDrill(random);
  return other < 0.85 ? sortDrill(random) : wordDrill(random);
}
