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
    test: { include: ['test/**/*.test.ts'], restoreMocks: true, testTimeout: 120_000, hookTimeout: 120_000 },
  });
