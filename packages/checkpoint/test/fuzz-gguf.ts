import { readFile } from 'node:fs/promises';
import { integers, mutate, type Outcome, openMutant, soundGguf } from './gguf-mutations.ts';

/*
 * Opens mutated GGUF files until one is neither read nor refused, or so many are done:
 *
 *     pnpm --filter @judge-decoding/checkpoint fuzz [count] [seed]
 *
 * Prints the outcomes, the slowest input and the largest heap; on a failure the number of the
 * input, which `mutate` makes again from the seed.
 */
const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const { sentencePiece } = JSON.parse(
  await readFile(new URL('fixtures/gguf-tokenizers.json', import.meta.url), 'utf8'),
);
const sound = [await soundGguf(), await soundGguf(sentencePiece)] as const;
const outcomes: Record<Outcome, number> = { read: 0, 'invalid-file': 0, unsupported: 0, mismatch: 0 };
let slowest = 0;
let heap = 0;
const start = performance.now();
for (let i = 0; i < count; i++) {
  const mutant = mutate(sound[i % 2]!, integers(seed * 1_000_003 + i));
  const before = performance.now();
  try {
    outcomes[openMutant(mutant)]++;
  } catch (error) {
    console.error(`input ${i} of seed ${seed} was neither read nor refused:`, error);
    process.exit(1);
  }
  slowest = Math.max(slowest, performance.now() - before);
  if (i % 1000 === 0) heap = Math.max(heap, process.memoryUsage().rss);
}
console.log(
  `${count} inputs in ${((performance.now() - start) / 1000).toFixed(0)} s:`,
  outcomes,
  `slowest ${slowest.toFixed(0)} ms, memory at most ${(heap / 2 ** 20).toFixed(0)} MiB`,
);
