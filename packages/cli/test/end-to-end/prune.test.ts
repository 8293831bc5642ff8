import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
  const { code, err } = await judge(
    'generate',
    'Tom',
    '--target',
    pair.target,
    '--draft',
    pair.draft,
    '-n',
    '4',
  );
  expect(code, err).toBe(0);
});
afterAll(() => pair.dispose());

const judge = (...argv: readonly string[]) => runJudge(argv, { env: pair.env });
const graphs = () => readdir(join(pair.folder, 'cache', 'graphs'));

test('graphs are named by model, dtype and size, and pruned by name, by entry, or all', async () => {
  const { out } = await judge('models', '--json');
  const listed = JSON.parse(out) as { graphs: { id: string; model: string; dtype: string; bytes: number }[] };
  expect(listed.graphs.map(({ model, dtype }) => [model, dtype])).toEqual([
    ['draft', 'fp32'],
    ['target', 'fp32'],
  ]);
  expect(Math.min(...listed.graphs.map(({ bytes }) => bytes))).toBeGreaterThan(10_000);

  const unknown = await judge('models', '--prune', 'draft', 'targat');
  expect(unknown).toMatchObject({
    code: 3,
    err: expect.stringMatching(/got targat\. Did you mean target\?/),
  });
  expect(await graphs()).toHaveLength(2);

  const one = await judge('models', '--prune', 'draft');
  expect(one).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^deleted .*draft as fp32\n.* free again\.\n$/),
  });
  expect(await graphs()).toEqual([listed.graphs[1]!.id]);

  const entry = await judge('models', '--prune', listed.graphs[1]!.id.slice(0, 8));
  expect(entry.code, entry.err).toBe(0);
  expect(await graphs()).toEqual([]);

  // nothing but what is known to be ours goes with the rest
  expect(await judge('models', '--prune', 'all')).toMatchObject({ code: 0, out: 'Nothing is cached.\n' });
  expect(await readdir(join(pair.folder, 'cache'))).toEqual(['graphs']);
});
