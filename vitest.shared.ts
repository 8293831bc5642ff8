import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = '@judge-decoding/source';

/**
 * What hangs is ended after this; what is slow is not: several suites at once on two cores, with browsers
 * among them, take ten times as long as one alone. How fast things are is measured in tools/bench.
 */
const LONGEST = 600_000;

/** Files of a suite at a time: other suites run beside it, and a container may have fewer cores than its host. */
const MOST_WORKERS = 3;

/** Tests run on the sources of every workspace package: nothing has to be built first. */
export const packageTests = () =>
  defineConfig({
    ssr: {
      resolve: {
        conditions: [source, 'module', 'node', 'development|production'],
        externalConditions: [source],
      },
    },
    test: {
      include: ['test/**/*.test.ts'],
      globalSetup: [fileURLToPath(new URL('./vitest.temporary.ts', import.meta.url))],
      setupFiles: [fileURLToPath(new URL('./vitest.seed.ts', import.meta.url))],
      restoreMocks: true,
      testTimeout: LONGEST,
      hookTimeout: LONGEST,
      teardownTimeout: 60_000,
      expect: { poll: { timeout: 60_000 } },
      maxWorkers: Math.max(1, Math.min(availableParallelism() - 1, MOST_WORKERS)),
    },
  });
