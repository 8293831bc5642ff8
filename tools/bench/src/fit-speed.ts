/**
 * The paper's recipe on made-up features in the form that extraction writes, from the disk: seconds, and the most
 * memory that the process had. numpy's time for the same arithmetic: tools/fit-goldens/fit_goldens.py --time.
 *
 *   npm run fit-speed -- [rows] [inputs] [epochs] [megabytes that may stay in memory]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '@judge-decoding/long-work';
import {
  examplesOf,
  fitLinear,
  inputsOf,
  PAPER_RECIPE,
  readFeatures,
  writeShard,
} from '@judge-decoding/train';

const [rows = 30_000, inputs = 16_384, epochs = 5, megabytes] = process.argv.slice(2).map(Number);
const PER_SHARD = 1000;
const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'fit-speed-'));
try {
  const shards = Math.ceil(rows / PER_SHARD);
  const fingerprint = { architecture: 'a', tokenizer: 't', weights: 'w' };
  await writeAtomically(
    `${folder}/manifest.json`,
    JSON.stringify({
      kind: 'features',
      data: 'made up',
      solutions: shards,
      solutionsPerShard: 1,
      states: ['pre-norm'],
      target: { fingerprint, dtype: 'fp32', hiddenSize: inputs },
    }),
  );
  let state = 1;
  const values = new Float32Array(PER_SHARD * inputs);
  for (let shard = 0; shard < shards; shard++) {
    const count = Math.min(PER_SHARD, rows - shard * PER_SHARD);
    for (let i = 0; i < count * inputs; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      values[i] = state / 2 ** 30;
    }
    const numbers = (of: (row: number) => number) => Int32Array.from({ length: count }, (_, row) => of(row));
    const floats = new Float32Array(count);
    await writeShard(`${folder}/features-${String(shard).padStart(5, '0')}.safetensors`, {
      hiddenSize: inputs,
      solutions: [{ problem: `p${shard}`, domain: 'd', source: 's' }],
      columns: {
        solution: numbers(() => 0),
        position: numbers((row) => row - 1),
        // the first row is there for the one behind it
        correct: numbers((row) => (row === 0 ? -1 : Number(values[row * inputs]! > -1.2))),
        token: numbers(() => 1),
        argmax: numbers(() => 2),
        chosen: floats,
        topLogProb: floats,
        entropy: floats,
        topRatio: floats,
        divergence: floats,
      },
      states: { 'pre-norm': values.subarray(0, count * inputs) },
    });
  }
  const set = await readFeatures(folder);
  const started = performance.now();
  await fitLinear(
    inputsOf(set, { name: 'pre-norm', terms: [{ state: 'pre-norm', row: 'own' }] }),
    examplesOf(set),
    undefined,
    {
      ...PAPER_RECIPE,
      epochs,
      patience: epochs + 1,
      ...(megabytes === undefined ? {} : { budget: megabytes * 1e6 }),
    },
  );
  const seconds = (performance.now() - started) / 1000;
  const gigabytes = ((rows * inputs * 4) / 1e9).toFixed(2);
  const most = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({
      rows,
      inputs,
      epochs,
      gigabytes: Number(gigabytes),
      seconds: Number(seconds.toFixed(2)),
      mostMegabytes: most,
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
