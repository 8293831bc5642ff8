import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

// Properties are tried on the same examples each time, so that a change fails for what it changed.
// JUDGE_SEED=random tries others, JUDGE_SEED=123 the examples of a failure.
const { testPath } = expect.getState();
const { JUDGE_SEED: given = '20260101' } = process.env;
if (testPath && given !== 'random' && /from 'fast-check'/.test(readFileSync(testPath, 'utf8'))) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(given) });
}
