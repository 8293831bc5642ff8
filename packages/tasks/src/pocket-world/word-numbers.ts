import { between, pick, type Random } from './random.ts';
import { type Change, type Packs, product, result } from './word-facts.ts';

/** How large the numbers of a story are. */
export interface Scale {
  readonly start: readonly [number, number];
  readonly change: readonly [number, number];
  readonly largest: number;
}

export const SCALES: readonly Scale[] = [
  { start: [2, 30], change: [1, 20], largest: 150 },
  { start: [11, 99], change: [1, 99], largest: 600 },
  { start: [11, 99], change: [2, 99], largest: 999 },
  { start: [100, 999], change: [3, 600], largest: 5000 },
  { start: [100, 5000], change: [10, 3000], largest: 9999 },
];

const ZERO_ALLOWED = 0.02;

export function drawPacks(scale: Scale, random: Random): Packs {
  const few = between(random, 2, random() < 0.9 ? 9 : 12);
  const many = between(
    random,
    2,
    Math.max(3, Math.min(scale.start[1], Math.floor(scale.largest / few / 2), few > 9 ? 99 : 999)),
  );
  return random() < 0.75 || many > 12 ? [few, many] : [many, few];
}

/** Something that changes how many there are, where numbers allow it. */
export function drawChange(who: number, value: number, scale: Scale, random: Random): Change | undefined {
  const made = (operation: Change['operation'], by: number, packs?: Packs): Change | undefined =>
    result(operation, value, by) === undefined
      ? undefined
      : { kind: 'change', who, operation, by, ...(packs === undefined ? {} : { packs }) };
  const divisors = [2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12].filter(
    (divisor) => value % divisor === 0 && value > divisor,
  );
  const kinds: string[] = ['+', '+', '+', '+', '-', '-', '-', '-', 'packs'];
  if (value > 1 && value * 2 <= scale.largest) kinds.push('*');
  if (divisors.length > 0 && value > 8) kinds.push('/');
  switch (pick(random, kinds)) {
    case '*': {
      const most = Math.min(value > 99 ? 9 : 12, Math.floor(scale.largest / value));
      return made('*', between(random, 2, Math.max(2, random() < 0.7 ? Math.min(5, most) : most)));
    }
    case '/':
      return made('/', pick(random, divisors));
    case 'packs': {
      const packs: Packs = [
        between(random, 2, 9),
        between(random, 2, Math.max(2, Math.min(60, Math.floor(scale.change[1] / 3)))),
      ];
      const by = product(packs)!;
      if (value >= by && random() < 0.5) return made('-', by, packs);
      return value + by <= scale.largest ? made('+', by, packs) : undefined;
    }
    case '-': {
      const most = Math.min(scale.change[1], random() < ZERO_ALLOWED ? value : value - 1);
      if (most >= scale.change[0]) return made('-', between(random, scale.change[0], most));
      break;
    }
  }
  const most = Math.min(scale.change[1], scale.largest - value);
  return most < 1 ? undefined : made('+', between(random, Math.min(scale.change[0], most), most));
}
