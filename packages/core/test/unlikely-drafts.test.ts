import { describe, expect, test } from 'vitest';
import {
  checkedSession,
  draftSession,
  GREEDY,
  type Model,
  type ModelInfo,
  type ProposeRequest,
  type SessionCore,
} from '../src/index.ts';

const VOCABULARY = 8;
const info = {
  name: 'a row of tokens',
  vocabSize: VOCABULARY,
  contextLength: 64,
  prefillChunk: 16,
  device: 'test',
  fingerprint: { architecture: 'a', tokenizer: 't', weights: 'w' },
} as ModelInfo;

/** After token t comes t + 1, with the probability that stands at t. */
const PROBABILITIES = [0.9, 0.8, 0.6, 0.7, 0.3, 0.9, 0.9, 0.9];

/** A core of passes, which says what was read. */
function passes(read: number[] = []): SessionCore {
  return {
    forward(tokens, request) {
      read.push(...tokens);
      const logits = new Float32Array(tokens.length * VOCABULARY);
      for (const [row, token] of tokens.entries()) {
        const p = PROBABILITIES[token]!;
        logits.fill(Math.log((1 - p) / (VOCABULARY - 1)), row * VOCABULARY, (row + 1) * VOCABULARY);
        logits[row * VOCABULARY + ((token + 1) % VOCABULARY)] = Math.log(p);
      }
      const argmax = Int32Array.from(tokens, (token) => (token + 1) % VOCABULARY);
      return { ...(request.argmax ? { argmax } : {}), ...(request.logits ? { logits } : {}) };
    },
  };
}

describe('a draft ends before a token that it finds unlikely', () => {
  test.each([
    ['none is less likely', 0, 4, 0.5, [1, 2, 3, 4]],
    ['the fifth is', 0, 8, 0.5, [1, 2, 3, 4]],
    ['the third is', 0, 8, 0.65, [1, 2]],
    ['the first is: it is the whole draft', 4, 8, 0.5, [5]],
    ['as likely as the least is likely enough', 3, 2, 0.3, [4, 5]],
  ])('%s', async (_, last, count, leastProbability, drafted) => {
    const session = checkedSession(passes(), { info });
    await session.forward([7], {});
    const { tokens } = await session.propose([last], { count, leastProbability });
    expect(tokens).toEqual(drafted);
    // the last token drawn is not fed
    expect(session.length).toBe(1 + drafted.length);
    // and what was cut is no part of the text
    expect((await session.propose([0], { count: 2 })).tokens).toEqual([1, 2]);
  });

  test('a backend that does not know the option drafts by passes', async () => {
    const read: number[] = [];
    const own: ProposeRequest[] = [];
    const core: SessionCore = {
      ...passes(read),
      propose(_, request) {
        own.push(request);
        return { tokens: [3] };
      },
    };
    const session = checkedSession(core, { info });
    expect((await session.propose([0], { count: 8, leastProbability: 0.65 })).tokens).toEqual([1, 2]);
    expect([own, read]).toEqual([[], [0, 1, 2]]);
    await session.propose([0], { count: 1 });
    expect(own).toHaveLength(1);
    const knowing = checkedSession({ ...core, endsUnlikely: true }, { info });
    await knowing.propose([0], { count: 1, leastProbability: 0.65 });
    expect(own[1]).toEqual({ count: 1, leastProbability: 0.65 });
  });

  test.each([
    ['0', { leastProbability: 0 }],
    ['more than 1', { leastProbability: 1.5 }],
    ['not a number', { leastProbability: Number.NaN }],
    [
      'tokens that are drawn',
      {
        leastProbability: 0.5,
        sampling: { options: { temperature: 1 }, history: [0], uniforms: new Float64Array(2) },
      },
    ],
  ])('%s is refused', async (_, request) => {
    const session = checkedSession(passes(), { info });
    await expect(session.propose([0], { count: 2, ...request })).rejects.toMatchObject({
      code: 'invalid-option',
    });
    expect(session.length).toBe(0);
  });

  test('a draft session asks for it where tokens are greedy, and only there', async () => {
    const asked: ProposeRequest[] = [];
    const session = checkedSession(
      {
        ...passes(),
        endsUnlikely: true,
        propose(_, request) {
          asked.push(request);
          return { tokens: [1], probs: new Float64Array(VOCABULARY).fill(1 / VOCABULARY) };
        },
      },
      { info },
    );
    const source = draftSession({ info } as Model, session, { leastProbability: 0.5 });
    const request = { text: [0], count: 2, uniforms: new Float64Array(4), endTokens: [] };
    await source.propose({ ...request, sampling: GREEDY, distributions: false });
    await source.propose({ ...request, sampling: { ...GREEDY, temperature: 1 }, distributions: true });
    expect(asked.map(({ leastProbability }) => leastProbability)).toEqual([0.5, undefined]);
  });
});
