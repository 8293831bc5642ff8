import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../pocket-pair', import.meta.url));
const python = [process.env.PYTHON, 'python3', 'python'].find((name) => {
  if (name === undefined) return false;
  const tried = spawnSync(name, ['-c', 'import numpy, tokenizers, torch, transformers'], {
    encoding: 'utf8',
  });
  return tried.status === 0;
});

if (python === undefined) {
  const why = 'not run: no Python on the PATH has torch, tokenizers and transformers.';
  test(`the steps that make heads: ${why}`, () => console.log(`pocket-pair, test_judges.py: ${why}`));
} else {
  test('the steps that make heads', () => {
    const said = spawnSync(python, ['-m', 'unittest', 'test_judges'], { cwd: folder, encoding: 'utf8' });
    expect(said.stderr).toMatch(/\nOK\n$/);
  });
}
