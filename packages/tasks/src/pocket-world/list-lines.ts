import { applied, type Change, isBound, shown, stays } from './list-facts.ts';
import type { Random } from './random.ts';
import { fork, type Wording } from './wording.ts';

export type Words = readonly string[] | undefined;

export const otherWord = (entry: number, words: readonly string[], random: Random): number =>
  words.length < 2 ? entry : (entry + 1 + Math.floor(random() * (words.length - 1))) % words.length;

export const opening: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'From there');

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
export function told(
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

export function kept(
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

export function changed(
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
