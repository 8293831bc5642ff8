import { expect, test } from 'vitest';
import type { Model, Session } from '../src/backend.ts';
import { measureCosts } from '../src/drafts/measure-costs.ts';
import { StepsAhead, stepsAtOnce } from '../src/sessions/steps-ahead.ts';

const STEP = 2;
/** What a call takes beyond the device. */
const CALL = 0.4;

/** A model whose device takes `step` milliseconds for a row, however many rows, behind a clock of its own. */
function modelOf({ readsAhead = true, says = 3, step = STEP } = {}) {
  let [clock, length] = [0, 0];
  const info = { vocabSize: 100, contextLength: 512, prefillChunk: 64, endTokens: [] as number[] };
  const ahead = new StepsAhead(info, () => clock);
  const run = async (count: number) => {
    clock += count * step + CALL;
    return Array<number>(count).fill(says);
  };
  const session = {
    get length() {
      return length;
    },
    async forward(tokens: readonly number[]) {
      let argmax: number;
      if (tokens.length === 1 && readsAhead) argmax = await ahead.step(length, tokens[0]!, run);
      else {
        ahead.forget();
        argmax = (await run(1))[0]!;
      }
      length += tokens.length;
      return { argmax: Int32Array.of(argmax) };
    },
    truncate(to: number) {
      length = to;
    },
  } as unknown as Session;
  return { model: { info } as unknown as Model, session, now: () => clock };
}

test.each([3, 5])(
  'a plain step costs what it costs in a text, where several are read in one call, too: %i',
  async (says) => {
    const target = modelOf({ says });
    const { verify } = await measureCosts(target, undefined, target.now);
    expect(verify[0]![1]).toBeCloseTo(STEP + CALL / 8, 9);
    expect(verify.find(([rows]) => rows === 9)![1]).toBeCloseTo(STEP + CALL, 9);
  },
);

// 8, 7, 6, 5, 4, 3, 2 and 1 at once, as 60 ms allow
test.each([7, 8, 9.6, 11, 14, 17.2, 25, 90])(
  'a plain step of %f ms costs what it costs in a text, where fewer are read in one call',
  async (step) => {
    const target = modelOf({ step });
    for (const repeats of [1, 3, 7]) {
      const { verify } = await measureCosts(target, undefined, target.now, { repeats });
      const atOnce = stepsAtOnce(step + CALL / 8);
      expect(verify[0]![1]).toBeGreaterThan(step + CALL / (atOnce + 1));
      // few repeats begin while fewer are read at once
      expect(verify[0]![1]).toBeLessThan(step + CALL / Math.max(1, atOnce / 2) + 1e-9);
    }
  },
);

test('where every step is a call of its own it costs a call', async () => {
  const target = modelOf({ readsAhead: false });
  const { verify } = await measureCosts(target, undefined, target.now);
  expect(verify[0]![1]).toBeCloseTo(STEP + CALL, 9);
});

test('what one row takes is never told as nothing', async () => {
  const target = modelOf();
  const told: number[] = [];
  await measureCosts(target, undefined, target.now, {
    within: (oneRow) => {
      told.push(oneRow);
      return 1e6;
    },
  });
  expect(Math.min(...told)).toBeGreaterThanOrEqual(STEP);
});
