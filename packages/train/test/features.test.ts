import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyModel } from '@judge-decoding/backend-contract';
import { JudgeDecodingError, type Model, type OutputRequest, type TokenId } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { extractFeatures, type LabelledSolution, readFeatures, readShard } from '../src/index.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'judge-features-'));
const target = () => toyModel({ seed: 5 });

const solutionOf = (i: number): LabelledSolution => {
  const solution = Array.from({ length: 23 }, (_, at) => 1 + ((at * 7 + i * 3) % 16));
  return {
    problem: `p${i}`,
    domain: 'toy',
    source: 'made-up',
    prompt: [1, 2 + i, 3],
    solution: [...solution, 0],
    labels: i % 2 === 0 ? 'o'.repeat(24) : `${'o'.repeat(10)}w${'d'.repeat(13)}`,
  };
};
const data = { solutions: Array.from({ length: 5 }, (_, i) => solutionOf(i)), fingerprint: 'abc' };

test('states, choices and probabilities are those of one long pass, whatever the width of the blocks', async () => {
  const folder = await newFolder();
  const model = target();
  await extractFeatures({ data, target: model, folder, draftLength: 4, solutionsPerShard: 2 });
  const { hiddenSize, columns, states, solutions, fingerprint } = await readFeatures(folder);
  expect(fingerprint).toBe('abc');
  expect(solutions).toHaveLength(5);
  let labelled = 0;
  for (let row = 0; row < columns.token.length; row++) {
    if (columns.correct[row]! < 0) continue;
    labelled++;
    const { prompt, solution, labels } = data.solutions[columns.solution[row]!]!;
    const position = columns.position[row]!;
    const session = await model.openSession();
    const text = [...prompt, ...solution.slice(0, position + 1)];
    const outputs = await session.forward(text, {
      argmax: true,
      chosen: true,
      top: 1,
      hidden: ['pre-norm', 'post-norm'],
    });
    const own = text.length - 1;
    expect(columns.token[row]).toBe(solution[position]);
    expect(columns.correct[row]).toBe(labels[position] === 'o' ? 1 : 0);
    expect(columns.argmax[row]).toBe(outputs.argmax[own - 1]);
    expect(columns.chosen[row]).toBeCloseTo(outputs.chosen[own - 1]!, 5);
    expect(columns.topLogProb[row]).toBeCloseTo(outputs.top.logProbs[own - 1]!, 5);
    expect(columns.entropy[row]).toBeCloseTo(outputs.top.entropy[own - 1]!, 5);
    for (const [i, state] of (['pre-norm', 'post-norm'] as const).entries()) {
      for (const [shift, at] of [
        [0, own],
        [-1, own - 1],
      ] as const) {
        const stored = new Float32Array(hiddenSize);
        states[state]!.read(row + shift, stored, 0);
        const expected = outputs.hidden[i]!.subarray(at * hiddenSize, (at + 1) * hiddenSize);
        for (const [unit, value] of stored.entries()) expect(value).toBeCloseTo(expected[unit]!, 5);
      }
    }
    await session.dispose();
  }
  // the end token is never judged; after the wrong token nothing has a label
  expect(labelled).toBe(3 * 23 + 2 * 11);
});

test('tokens that might have stood there have the rows that they would have had, and nothing is asked of blocks without labels', async () => {
  const folder = await newFolder();
  const [model, draft] = [target(), toyModel({ seed: 6 })];
  const positions = [0, 3, 7, 8, 19];
  const swaps = positions.map((position) => ({ position, token: 9, correct: position % 2 === 0 }));
  const solution = { ...solutionOf(0), labels: '-'.repeat(24), swaps };
  let asked = 0;
  const counted: Model = {
    ...model,
    openSession: async () => {
      const session = await model.openSession();
      return new Proxy(session, {
        get(of, name) {
          if (name !== 'forward') return Reflect.get(of, name, of);
          return (tokens: readonly TokenId[], request: OutputRequest) => {
            if (Object.keys(request).length > 0) asked++;
            return of.forward(tokens, request);
          };
        },
      });
    },
  };
  const one = { solutions: [solution], fingerprint: 'abc' };
  await extractFeatures({ data: one, target: counted, draft, folder, draftLength: 4 });
  expect(asked).toBe(positions.length);
  const { columns, states, hiddenSize } = await readFeatures(folder);
  const rows = [...columns.correct.keys()].filter((row) => columns.correct[row]! >= 0);
  expect(rows.map((row) => columns.position[row])).toEqual([...positions].reverse());
  for (const row of rows) {
    const position = columns.position[row]!;
    const text = [...solution.prompt, ...solution.solution.slice(0, position), 9];
    const [theirs, ours] = await Promise.all(
      [draft, model].map(async (one) =>
        (await one.openSession()).forward(text, { logits: true, hidden: ['pre-norm'] }),
      ),
    );
    const before = text.length - 2;
    const softmax = (logits: Float32Array) => {
      const some = logits.subarray(before * model.info.vocabSize, (before + 1) * model.info.vocabSize);
      const sum = some.reduce((all, value) => all + Math.exp(value), 0);
      return [...some].map((value) => Math.exp(value) / sum);
    };
    const [p, q] = [softmax(ours!.logits), softmax(theirs!.logits)];
    expect(columns.divergence[row]).toBeCloseTo(
      p.reduce((all, share, id) => all + share * Math.log(share / q[id]!), 0),
      4,
    );
    expect(columns.correct[row]).toBe(position % 2 === 0 ? 1 : 0);
    const stored = new Float32Array(hiddenSize);
    states['pre-norm']!.read(row, stored, 0);
    const expected = ours!.hidden[0]!.subarray((text.length - 1) * hiddenSize);
    for (const [unit, value] of stored.entries()) expect(value).toBeCloseTo(expected[unit]!, 5);
  }
});

test('a share of what the target agrees with is left out, mismatches and wrong tokens never', async () => {
  const [all, some] = [await newFolder(), await newFolder()];
  await extractFeatures({ data, target: target(), folder: all });
  await extractFeatures({ data, target: target(), folder: some, keepAgreed: 0 });
  const kept = (set: Awaited<ReturnType<typeof readFeatures>>) =>
    [...set.columns.correct.keys()]
      .filter((row) => set.columns.correct[row]! >= 0)
      .map((row) => `${set.columns.solution[row]}:${set.columns.position[row]}`);
  const full = await readFeatures(all);
  const asked = [...full.columns.correct.keys()]
    .filter(
      (row) =>
        full.columns.correct[row]! === 0 ||
        (full.columns.correct[row] === 1 && full.columns.argmax[row] !== full.columns.token[row]),
    )
    .map((row) => `${full.columns.solution[row]}:${full.columns.position[row]}`);
  expect(kept(await readFeatures(some))).toEqual(asked);
});

test('killed in the middle and started again, extraction ends with the same data', async () => {
  const [whole, broken] = [await newFolder(), await newFolder()];
  const options = { data, target: target(), draftLength: 3, keepAgreed: 0.5, solutionsPerShard: 2 };
  await extractFeatures({ ...options, folder: whole });
  let asked = 0;
  const signal = {
    get aborted() {
      return ++asked > 25;
    },
  };
  await expect(extractFeatures({ ...options, folder: broken, signal })).rejects.toSatisfy((error) =>
    JudgeDecodingError.is(error, 'aborted'),
  );
  const names = (await readdir(whole)).sort();
  expect((await readdir(broken)).length).toBeLessThan(names.length);
  await extractFeatures({ ...options, folder: broken });
  for (const name of names)
    expect(await readFile(join(broken, name))).toEqual(await readFile(join(whole, name)));
});

test('what is no shard of features is refused', async () => {
  await expect(readShard(join(await newFolder(), 'none.safetensors'))).rejects.toSatisfy((error) =>
    JudgeDecodingError.is(error, 'not-found'),
  );
});

test('of labels that have grown only the new states are read, and the data are the same', async () => {
  const [whole, grown] = [await newFolder(), await newFolder()];
  const all = { ...data, fingerprintOfFirst: (count: number) => `first ${count}` };
  const first = { solutions: data.solutions.slice(0, 3), fingerprint: 'first 3' };
  const options = { target: target(), draftLength: 4, solutionsPerShard: 2 };
  await extractFeatures({ ...options, data: all, folder: whole });
  await extractFeatures({ ...options, data: first, folder: grown });
  const read: number[] = [];
  await extractFeatures({
    ...options,
    data: all,
    folder: grown,
    onProgress: ({ done }) => read.push(done),
  });
  // the first shard was whole: nothing of it is told one by one
  expect(read).toEqual([2, 3, 4, 4, 5, 5]);
  for (const name of await readdir(whole))
    expect(await readFile(join(grown, name))).toEqual(await readFile(join(whole, name)));

  // labels of which nobody knows whether they begin in the same way
  const other = { ...data, solutions: [...data.solutions, solutionOf(9)], fingerprint: 'other' };
  for (const one of [other, { ...other, fingerprintOfFirst: () => 'not abc' }])
    await expect(extractFeatures({ ...options, data: one, folder: grown })).rejects.toSatisfy((error) =>
      JudgeDecodingError.is(error, 'mismatch'),
    );
});
