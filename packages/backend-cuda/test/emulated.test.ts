import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildEmulated, whyNotEmulated } from './emulator/build.mjs';

const run = promisify(execFile);
const why = await whyNotEmulated();
/** A minute of compiling and a minute of work on a free core. */
const PATIENCE = 900_000;

if (why !== undefined) {
  test(`kernels on the processor: not run, ${why}`, () => console.log(`emulator: not run: ${why}.`));
} else {
  describe('kernels on the processor', () => {
    let built: Awaited<ReturnType<typeof buildEmulated>>;
    beforeAll(async () => {
      built = await buildEmulated();
    }, PATIENCE);

    test.each([
      ['cuts', 'top-k, top-p and min-p keep what sorting keeps'],
      ['rounds', 'where a draft leaves nothing to recover, the target draws'],
      ['packing', 'packed values lie where lanes look for them, and are those stored'],
      ['blocks', 'products are those of the weights as stored'],
      ['widths', 'a row is the same bits in passes of 1 to 128'],
      ['fast', 'prompts read fast leave nearly the cache that decoding leaves'],
      ['ranks', 'ranks hold the same bits, whoever carries what they say'],
    ])(
      '%s: %s',
      async (name) => {
        const env = {
          ...process.env,
          JC_EMULATED_NCCL: built.library,
          JUDGE_CUDA_CUBLASLT: built.library,
          // four ranks that share a device have two each
          JC_EMULATED_MULTIPROCESSORS: name === 'ranks' ? '8' : '3',
        };
        // one that crashed has said nothing of what was to come
        const { stdout, code, signal } = await run(built.checks, [name], { env }).catch((error) => error);
        expect([code ?? 0, signal ?? null]).toEqual([0, null]);
        const lines = String(stdout).trim().split('\n');
        expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
        expect(lines.length).toBeGreaterThan(3);
      },
      PATIENCE,
    );

    test(
      'the order in which warps go changes nothing',
      async () => {
        for (const order of ['backward', '7']) {
          const env = { ...process.env, JC_EMULATED_ORDER: order };
          for (const name of ['cuts', 'rounds']) {
            const { stdout, code, signal } = await run(built.checks, [name], { env }).catch((error) => error);
            expect([code ?? 0, signal ?? null]).toEqual([0, null]);
            expect(String(stdout)).not.toMatch(/FAIL|^$/);
          }
        }
      },
      PATIENCE,
    );
  });
}
