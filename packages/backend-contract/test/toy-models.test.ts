import { JudgeDecodingError, type Model, type TokenId } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { tableModel, toyBackend, toyLocation, toyModel, toyPair } from '../src/index.ts';

async function greedy(model: Model, prompt: readonly TokenId[], count: number): Promise<readonly TokenId[]> {
  const session = await model.openSession();
  const { tokens } = await session.propose(prompt, { count });
  await session.dispose();
  return tokens;
}

test('the same options make the same model', async () => {
  const prompt = [3, 1, 4, 1, 5];
  const location = toyLocation({ seed: 9, vocab: 13, endTokens: [] });
  const opened = await toyBackend().open(location);
  expect(await greedy(opened, prompt, 20)).toEqual(
    await greedy(toyModel({ seed: 9, vocab: 13 }), prompt, 20),
  );
  expect(opened.info.endTokens).toEqual([]);
  expect(opened.info.fingerprint).toEqual(toyModel({ seed: 9, vocab: 13 }).info.fingerprint);
});

test.each([
  ['elsewhere', 'not-found'],
  ['toy:seed=x', 'invalid-file'],
  ['toy:colour=3', 'invalid-file'],
  ['toy:vocab=1', 'invalid-option'],
] as const)('%s is refused as %s', async (location, code) => {
  await expect(toyBackend().open(location)).rejects.toSatisfy((error) => JudgeDecodingError.is(error, code));
});

test('agreement decides how often draft and target have the same favourite', async () => {
  const shares: number[] = [];
  for (const agreement of [0, 0.7, 1]) {
    let same = 0;
    for (let seed = 0; seed < 50; seed++) {
      const { target, draft } = toyPair({ seed, agreement });
      const prompt = [1 + (seed % 16), 2, 3, 1 + ((seed * 5) % 16)];
      const outputs = await Promise.all(
        [target, draft].map(async (model) => (await model.openSession()).forward(prompt, { argmax: true })),
      );
      for (let row = 0; row < prompt.length; row++) {
        if (outputs[0]?.argmax[row] === outputs[1]?.argmax[row]) same += 1;
      }
    }
    shares.push(same / 200);
  }
  expect(shares[0]).toBeLessThan(0.25);
  expect(shares[1]).toBeGreaterThan(0.5);
  expect(shares[1]).toBeLessThan(0.95);
  expect(shares[2]).toBe(1);
});

test('every earlier token has a say in the last row', async () => {
  const model = toyModel();
  const session = await model.openSession();
  const prompt = [5, 9, 2, 7, 3, 11, 4, 8];
  const { hidden } = await session.forward(prompt, { hidden: ['pre-norm'] });
  for (let changed = 0; changed < prompt.length; changed++) {
    session.truncate(0);
    const other = await session.forward(
      prompt.map((token, index) => (index === changed ? 1 : token)),
      { hidden: ['pre-norm'] },
    );
    const width = model.info.hiddenSize;
    expect(other.hidden[0]?.subarray(-width)).not.toEqual(hidden[0]?.subarray(-width));
    expect(other.hidden[0]?.subarray(0, changed * width)).toEqual(hidden[0]?.subarray(0, changed * width));
  }
});

test.each([1, 2] as const)('a table of order %i gives its own probabilities', async (order) => {
  const next = (last: TokenId, previous?: TokenId) => {
    const raw = [1 + last, 2 + (previous ?? 3), 0];
    const sum = raw.reduce((total, value) => total + value, 0);
    return raw.map((value) => value / sum);
  };
  const model = tableModel({ vocab: 3, order, next });
  const session = await model.openSession();
  const text = [0, 1, 1, 0];
  const { logits, hidden } = await session.forward(text, { logits: true, hidden: ['pre-norm'] });
  text.forEach((last, row) => {
    const previous = order === 2 ? text[row - 1] : undefined;
    const probs = Array.from(logits.subarray(row * 3, row * 3 + 3), Math.exp);
    next(last, previous).forEach((prob, id) => {
      expect(probs[id]).toBeCloseTo(prob, 6);
    });
    const width = model.info.hiddenSize;
    const lit = hidden[0]?.subarray(row * width, (row + 1) * width).indexOf(1);
    expect(lit).toBe(model.stateOf(last, previous));
  });
});
