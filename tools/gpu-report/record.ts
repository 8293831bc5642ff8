/**
 * Writes what `gpu-report replay` asks for again: judged decoding of the pocket pair on the CPU, in float32.
 *
 *   npm run record -- [--problems 500] [--head KIND] [--out recorded.json]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { readHead } from '@judge-decoding/core';
import { USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { type Recorded, type RecordedProblem, recordedRounds } from './src/recorded.ts';

const { values } = parseArgs({
  options: {
    problems: { type: 'string', default: '500' },
    head: { type: 'string', default: USUAL_HEAD },
    out: { type: 'string', default: 'recorded.json' },
    pair: {
      type: 'string',
      default: fileURLToPath(new URL('../../packages/pocket-pair', import.meta.url)),
    },
  },
});
const [pair, count] = [values.pair, Number(values.problems)];
const head = readHead(await readFile(join(pair, 'heads', `${values.head}.safetensors`)));
const checkpoint = await openCheckpoint(join(pair, 'target'));
const backend = cpuBackend({});
const target = await backend.open(join(pair, 'target'), { dtype: 'fp32' });
const draft = await backend.open(join(pair, 'draft'), { dtype: 'fp32' });
const problems: RecordedProblem[] = [];
for await (const problem of recordedRounds({ target, draft, head, tokenizer: checkpoint.tokenizer, count })) {
  problems.push(problem);
  if (process.stderr.isTTY) process.stderr.write(`\r${problems.length} of ${count}`);
}
const recorded: Recorded = {
  by: `cpu ${target.info.dtype}`,
  weights: target.info.fingerprint.weights,
  head: values.head,
  threshold: head.threshold,
  problems,
};
await writeFile(values.out, `${JSON.stringify(recorded)}\n`);
console.log(
  `${values.out}: ${problems.length} problems, ${problems.reduce((sum, { rounds }) => sum + rounds.length, 0)} rounds`,
);
await target.dispose();
await draft.dispose();
await checkpoint.dispose();
