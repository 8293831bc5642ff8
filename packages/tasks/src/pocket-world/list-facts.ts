export type Order = 'ascending' | 'descending';
export type End = 'first' | 'last' | 'largest' | 'smallest';
export type Bound = 'above' | 'below' | 'at least' | 'at most';

export type Change =
  /** Numbers by size, words by the alphabet. */
  | { readonly kind: 'sort'; readonly order: Order }
  | { readonly kind: 'keep'; readonly test: Bound; readonly than: number }
  | { readonly kind: 'keep'; readonly test: 'even' | 'odd' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'drop'; readonly end: End }
  /** Only so many at one end stay, or go. */
  | { readonly kind: 'pick' | 'cut'; readonly end: 'first' | 'last'; readonly count: number }
  | { readonly kind: 'remove'; readonly item: number }
  | { readonly kind: 'add' | 'take' | 'times'; readonly by: number }
  | { readonly kind: 'insert'; readonly end: 'first' | 'last'; readonly item: number };

export type Question =
  | 'count'
  | 'sum'
  | 'first'
  | 'second'
  | 'third'
  | 'fourth'
  | 'fifth'
  | 'last'
  | 'largest'
  | 'smallest';

/** What a list procedure says, whatever its words. */
export interface ListFacts {
  /** Numbers; or, where there are words, their places in `words`. */
  readonly list: readonly number[];
  readonly words?: readonly string[];
  readonly changes: readonly Change[];
  /** Nothing where the list itself is asked for; or two, and `combination` says what is made of them. */
  readonly questions: readonly Question[];
  /** `both`: two answers. */
  readonly combination?: 'difference' | 'both';
}

export const LARGEST_NUMBER = 9999;
export const LONGEST = 12;
/** About as many tokens as a solution may take to write its list. */
export const MOST_WRITTEN = 640;

export const PLACES = ['first', 'second', 'third', 'fourth', 'fifth'] as const;

/** How an entry is written. */
export const shown = ({ words }: Pick<ListFacts, 'words'>, entry: number): string =>
  words === undefined ? String(entry) : (words[entry] ?? '');

/** About as many tokens as it takes to write a list, and what stands between. */
const written = (facts: ListFacts, list: readonly number[]): number =>
  list.reduce((sum, entry) => sum + Math.min(6, shown(facts, entry).length) + 3, 0);

export const isBound = (test: string): test is Bound => test !== 'even' && test !== 'odd';

export function stays(change: Change & { readonly kind: 'keep' }, value: number): boolean {
  switch (change.test) {
    case 'above':
      return value > change.than;
    case 'below':
      return value < change.than;
    case 'at least':
      return value >= change.than;
    case 'at most':
      return value <= change.than;
    default:
      return (value % 2 === 0) === (change.test === 'even');
  }
}

/** The place of the entry that goes. */
function placeOf(end: End, list: readonly number[]): number {
  if (end === 'first') return 0;
  if (end === 'last') return list.length - 1;
  return list.indexOf(end === 'largest' ? Math.max(...list) : Math.min(...list));
}

const byAlphabet = (words: readonly string[]) => (one: number, other: number) => {
  const [a, b] = [(words[one] ?? '').toLowerCase(), (words[other] ?? '').toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
};

export function applied(
  change: Change,
  list: readonly number[],
  words: readonly string[] | undefined,
): readonly number[] {
  switch (change.kind) {
    case 'sort': {
      const sorted = [...list].sort(words === undefined ? (a, b) => a - b : byAlphabet(words));
      return change.order === 'ascending' ? sorted : sorted.reverse();
    }
    case 'keep':
      return list.filter((value) => stays(change, value));
    case 'reverse':
      return [...list].reverse();
    case 'drop': {
      const place = placeOf(change.end, list);
      return list.filter((_, at) => at !== place);
    }
    case 'pick':
      return change.end === 'first' ? list.slice(0, change.count) : list.slice(-change.count);
    case 'cut':
      return change.end === 'first' ? list.slice(change.count) : list.slice(0, -change.count);
    case 'remove':
      return list.filter((entry) => entry !== change.item);
    case 'insert':
      return change.end === 'first' ? [change.item, ...list] : [...list, change.item];
    default:
      return list.map((value) => raised(change, value));
  }
}

export function raised(
  { kind, by }: Change & { readonly kind: 'add' | 'take' | 'times' },
  value: number,
): number {
  if (kind === 'add') return value + by;
  return kind === 'take' ? value - by : value * by;
}

/** A number, or an entry. */
export function answered(question: Question, list: readonly number[]): number {
  switch (question) {
    case 'count':
      return list.length;
    case 'sum':
      return list.reduce((sum, value) => sum + value, 0);
    case 'last':
      return list.at(-1) ?? 0;
    case 'largest':
      return list.length === 0 ? 0 : Math.max(...list);
    case 'smallest':
      return list.length === 0 ? 0 : Math.min(...list);
    default:
      return list[PLACES.indexOf(question)] ?? 0;
  }
}

/** How an answer is written: `count` and `sum` are numbers also where the list has words. */
export const answerText = (facts: ListFacts, question: Question, value: number): string =>
  question === 'count' ? String(value) : shown(facts, value);

const NUMERIC: readonly string[] = ['keep', 'add', 'take', 'times'];

/** Nothing where a list gets empty or the solution too long, a number too large, or a question has no sense. */
export function solvedList(facts: ListFacts): string | undefined {
  const { list, words, changes, questions, combination } = facts;
  let now = list;
  let length = written(facts, list);
  const fits = () =>
    now.length >= 1 && now.length <= LONGEST && now.every((value) => value >= 0 && value <= LARGEST_NUMBER);
  if (!fits() || list.length < 2) return undefined;
  if (changes.length === 0 && questions.length === 0) return undefined;
  if (words !== undefined) {
    if (changes.some(({ kind }) => NUMERIC.includes(kind))) return undefined;
    if (questions.some((question) => question === 'sum' || isExtreme(question))) return undefined;
    if (new Set(words.map((word) => word.toLowerCase())).size < words.length) return undefined;
  }
  for (const change of changes) {
    if (change.kind === 'times' && (change.by < 2 || change.by > 12)) return undefined;
    if (change.kind === 'remove' && !now.includes(change.item)) return undefined;
    if ((change.kind === 'pick' || change.kind === 'cut') && (change.count < 1 || change.count > now.length))
      return undefined;
    // Which of two largest numbers goes is not said.
    if (change.kind === 'drop' && isExtreme(change.end)) {
      if (words !== undefined) return undefined;
      const best = answered(change.end, now);
      if (now.filter((value) => value === best).length > 1) return undefined;
    }
    length +=
      written(facts, now) *
      (change.kind === 'add' || change.kind === 'take' || change.kind === 'times' ? 2 : 1);
    now = applied(change, now, words);
    if (!fits()) return undefined;
  }
  for (const question of questions) {
    if (question === 'sum' || question === 'count') length += 3 * written(facts, now);
  }
  if (length > MOST_WRITTEN) return undefined;
  const place = (question: Question) => PLACES.indexOf(question as (typeof PLACES)[number]) + 1;
  if (questions.some((question) => now.length < place(question))) return undefined;
  const answers = questions.map((question) => answered(question, now));
  if (answers.some((answer) => answer > LARGEST_NUMBER)) return undefined;
  if (questions.length === 0) return now.map((entry) => shown(facts, entry)).join(', ');
  if (combination === 'difference') return String(Math.abs(answers[0]! - answers[1]!));
  return answers.map((answer, at) => answerText(facts, questions[at]!, answer)).join('; ');
}

export const isExtreme = (end: string): end is 'largest' | 'smallest' =>
  end === 'largest' || end === 'smallest';
