import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = '@judge-decoding/source';

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
      restoreMocks: true,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  });
