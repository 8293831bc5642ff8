import { expect, test } from 'vitest';
import { markdown } from '../src/merge.ts';

test('the limit of a pass is over the faster of the copies before and after, as a GPU that was idle copies slower', () => {
  const pass = { context: 512, width: 1, outputs: 'argmax', milliseconds: 1, spread: [1, 1], digest: 'aa' };
  const report = markdown([
    {
      ...{ part: 'speed', engine: 'aa', quick: false, environment: {} },
      items: {
        'llama-3.1-8b:bf16': {
          ...{ model: 'llama-3.1-8b:bf16', dtype: 'bf16', weightBytes: 1, openSeconds: 1, host: [] },
          ...{ readBandwidth: [4e12, 4e12], copyBandwidth: [2e12, 4e12] },
          ...{ draftTokenMilliseconds: 1, plainTokenMilliseconds: 1 },
          passes: [{ ...pass, limitMilliseconds: 0.8 }],
        },
      },
    },
  ]);
  expect(report).toContain('| 1.000 | 1.000 – 1.000 | 0.400 | 40 % |');
});
