import { expect, test } from 'vitest';
import { draftLengthFor } from '../../src/measure/acceptance.ts';

test.each([
  ['nothing assumed', undefined, 16],
  ['a rate', { kind: 'rate', rate: 0.9 }, 16],
  ['a profile', { kind: 'profile', rates: [0.9, 0.8] }, 16],
  ['a short length', { kind: 'length', length: 3 }, 16],
  ['the paper’s', { kind: 'length', length: 19 }, 25],
  ['a longer one', { kind: 'length', length: 30.5 }, 41],
  ['one that no round reaches', { kind: 'length', length: 1000 }, 63],
] as const)('%s: so many tokens are drafted where no flag says', (_, acceptance, drafted) => {
  expect(draftLengthFor(acceptance)).toBe(drafted);
});
