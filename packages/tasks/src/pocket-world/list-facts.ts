export type Order = 'ascending' | 'descending';
export type End = 'first' | 'last' | 'largest' | 'smallest';
export type Bound = 'above' | 'below' | 'at least' | 'at most';

export type Change =
  | { readonly kind: 'sort'; readonly order: Order }
  | { readonly kind: 'keep'; readonly test: Bound; readonly than: number }
  | { readonly kind: 'keep'; readonly test: 'even' | 'odd' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'drop'; readonly end: End }
  | { readonly kind: 'add' | 'take' | 'times'; readonly by: number }
  | { readonly kind: 'insert'; readonly end: 'first' | 'last'; readonly number: number };

export type Question = 'count' | 'sum' | 'first' | 'second' | 'third' | 'last' | 'largest' | 'smallest';

/** What a list procedure says, whatever its words. */
export interface ListFacts {
  readonly list: readonly number[];
  readonly changes: readonly Change[];
  /** One question; or two, and `combination` says what is made of them. */
  readonly questions: readonly Question[];
  /** `both`: the answer is the second's. */
  readonly combination?: 'difference' | 'both';
}

export const LARGEST_NUMBER = 9999;
export const LONGEST = 12;
/** About as many tokens as a solution may take to write its numbers. */
export const MOST_WRITTEN = 640;

/** About as many tokens as it takes to write the numbers of a list, and what stands between them. */
const written = (list: readonly number[]): number =>
  list.reduce((sum, value) => sum + String(value).length + 3, 0);

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

/** The number's place that a dropping means. */
function placeOf(end: End, list: readonly number[]): number {
  if (end === 'first') return 0;
  if (end === 'last') return list.length - 1;
  return list.indexOf(end === 'largest' ? Math.max(...list) : Math.min(...list));
}

export function applied(change: Change, list: readonly number[]): readonly number[] {
  switch (change.kind) {
    case 'sort':
      return [...list].sort((a, b) => (change.order === 'ascending' ? a - b : b - a));
    case 'keep':
      return list.filter((value) => stays(change, value));
    case 'reverse':
      return [...list].reverse();
    case 'drop': {
      const place = placeOf(change.end, list);
      return list.filter((_, at) => at !== place);
    }
    case 'insert':
      return change.end === 'first' ? [change.number, ...list] : [...list, change.number];
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

export function answered(question: Question, list: readonly number[]): number {
  switch (question) {
    case 'count':
      return list.length;
    case 'sum':
      return list.reduce((sum, value) => sum + value, 0);
    case 'first':
      return list[0] ?? 0;
    case 'second':
      return list[1] ?? 0;
    case 'third':
      return list[2] ?? 0;
    case 'last':
      return list.at(-1) ?? 0;
    case 'largest':
      return list.length === 0 ? 0 : Math.max(...list);
    case 'smallest':
      return list.length === 0 ? 0 : Math.min(...list);
  }
}

/** The answer, or nothing where a list gets empty or the solution too long, a number too large, or a question has no sense. */
export function solvedList({ list, changes, questions, combination }: ListFacts): number | undefined {
  let now = list;
  let length = written(list);
  const fits = () =>
    now.length >= 1 && now.length <= LONGEST && now.every((value) => value >= 0 && value <= LARGEST_NUMBER);
  if (!fits() || list.length < 2) return undefined;
  for (const change of changes) {
    if (change.kind === 'times' && (change.by < 2 || change.by > 12)) return undefined;
    // Which of two largest numbers goes is not said.
    if (change.kind === 'drop' && isExtreme(change.end)) {
      const best = answered(change.end, now);
      if (now.filter((value) => value === best).length > 1) return undefined;
    }
    length +=
      written(now) * (change.kind === 'add' || change.kind === 'take' || change.kind === 'times' ? 2 : 1);
    now = applied(change, now);
    if (!fits()) return undefined;
  }
  for (const question of questions) {
    if (question === 'sum' || question === 'count') length += 3 * written(now);
  }
  if (length > MOST_WRITTEN) return undefined;
  const need = { second: 2, third: 3 } as Partial<Record<Question, number>>;
  if (questions.some((question) => now.length < (need[question] ?? 1))) return undefined;
  const answers = questions.map((question) => answered(question, now));
  if (answers.some((answer) => answer > LARGEST_NUMBER)) return undefined;
  return combination === 'difference' ? Math.abs(answers[0]! - answers[1]!) : answers.at(-1);
}

export const isExtreme = (end: End): end is 'largest' | 'smallest' => end === 'largest' || end === 'smallest';
