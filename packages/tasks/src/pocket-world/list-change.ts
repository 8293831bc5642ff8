import { between, pick, type Random } from './random.ts';
import { fork, type Wording } from './wording.ts';

export type Change =
  | { readonly kind: 'sort'; readonly order: 'ascending' | 'descending' }
  | { readonly kind: 'keep'; readonly test: 'above' | 'below'; readonly than: number }
  | { readonly kind: 'keep'; readonly test: 'even' | 'odd' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'drop'; readonly end: 'first' | 'last' }
  | { readonly kind: 'add'; readonly by: number };

export function drawChange(kind: Change['kind'], list: readonly number[], random: Random): Change {
  switch (kind) {
    case 'sort':
      return { kind, order: random() < 0.5 ? 'ascending' : 'descending' };
    case 'keep':
      return random() < 0.5
        ? { kind, test: random() < 0.5 ? 'even' : 'odd' }
        : { kind, test: random() < 0.5 ? 'above' : 'below', than: thresholdFor(list, random) };
    case 'reverse':
      return { kind };
    case 'drop':
      return { kind, end: random() < 0.5 ? 'first' : 'last' };
    case 'add':
      return { kind, by: between(random, 11, 49) };
  }
}

/** Round, and somewhere in the middle of the list. */
function thresholdFor(list: readonly number[], random: Random): number {
  const [low, high] = [Math.min(...list), Math.max(...list)];
  return Math.round((low + (high - low) * (0.3 + 0.4 * random())) / 5) * 5;
}

export const stays = (change: Change & { readonly kind: 'keep' }, value: number): boolean => {
  if (change.test === 'above') return value > change.than;
  if (change.test === 'below') return value < change.than;
  return (value % 2 === 0) === (change.test === 'even');
};

export function applied(change: Change, list: readonly number[]): readonly number[] {
  switch (change.kind) {
    case 'sort':
      return [...list].sort((a, b) => (change.order === 'ascending' ? a - b : b - a));
    case 'keep':
      return list.filter((value) => stays(change, value));
    case 'reverse':
      return [...list].reverse();
    case 'drop':
      return change.end === 'first' ? list.slice(1) : list.slice(0, -1);
    case 'add':
      return list.map((value) => value + change.by);
  }
}

export function request(change: Change, random: Random): string {
  switch (change.kind) {
    case 'sort':
      return pick(random, [`Sort it in ${change.order} order.`, `Put it in ${change.order} order.`]);
    case 'keep':
      return change.test === 'above' || change.test === 'below'
        ? pick(random, [
            `Keep what is ${change.test} ${change.than}.`,
            `Keep only numbers ${change.test} ${change.than}.`,
          ])
        : pick(random, [`Keep what is ${change.test}.`, `Keep only ${change.test} numbers.`]);
    case 'reverse':
      return pick(random, ['Reverse it.', 'Turn it around.']);
    case 'drop':
      return pick(random, [`Drop the ${change.end} number.`, `Remove the ${change.end} number.`]);
    case 'add':
      return pick(random, [`Add ${change.by} to each number.`, `Raise every number by ${change.by}.`]);
  }
}

/** "14, then 3, next 27, and finally 8": a fork before every number. */
export function narrated(list: readonly number[]): Wording {
  return list.map((value, index) => {
    if (index === 0) return value;
    return index === list.length - 1
      ? [fork(', and finally', ', and at the end', ', and lastly'), ' ', value]
      : [fork(', then', ', next', ', after it', ', followed by'), ' ', value];
  });
}

/** What a change does, number by number. */
export function told(change: Change, before: readonly number[], result = applied(change, before)): Wording {
  switch (change.kind) {
    case 'sort':
      return [
        fork('sorting', 'ordering', 'arranging'),
        ' in ',
        change.order,
        ' order ',
        fork('gives', 'puts out', 'leads to'),
        ' ',
        narrated(result),
      ];
    case 'reverse':
      return [
        fork('turned around', 'reversed', 'read backwards'),
        ' ',
        fork('the list is', 'we have', 'it reads'),
        ' ',
        narrated(result),
      ];
    case 'drop':
      return [
        fork('dropping', 'removing', 'leaving out'),
        ` the ${change.end} `,
        fork('number', 'one', 'entry'),
        ' ',
        fork('leaves', 'gives', 'keeps'),
        ' ',
        narrated(result),
      ];
    case 'keep':
      return kept(
        change,
        before,
        before.map((value) => stays(change, value)),
      );
    case 'add':
      return raised(change.by, before, result);
  }
}

export function kept(
  change: Change & { readonly kind: 'keep' },
  before: readonly number[],
  staying: readonly boolean[],
): Wording {
  const what =
    change.test === 'above' || change.test === 'below' ? `${change.test} ${change.than}` : change.test;
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

export function raised(by: number, before: readonly number[], result: readonly number[]): Wording {
  return [
    fork('adding', 'with a raise of', 'putting on'),
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
