import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildStandIn, compiler, NO_COMPILER } from './stand-in.ts';

const example = fileURLToPath(new URL('../native/example/forward.py', import.meta.url));

const python = ['python3', 'python'].find((name) => {
  const { status, stdout } = spawnSync(name, ['-c', 'import ctypes, sys; print(sys.version_info >= (3, 9))']);
  return status === 0 && String(stdout).trim() === 'True';
});

if (compiler === undefined || python === undefined) {
  const why = compiler === undefined ? NO_COMPILER : 'not run: no Python 3.9 or newer is on the PATH.';
  test(`the example in Python: ${why}`, () => console.log(`backend-cuda, example in Python: ${why}`));
} else {
  test('the example in Python reads a text at once and token by token, to the same bits', () => {
    const said = execFileSync(python, [example, buildStandIn()], { encoding: 'utf8' });
    expect(said).toContain('1 GPU(s)');
    expect(said).toContain('40 tokens at once and one by one: the same 40,960 bytes of logits');
  });

  test('it says of a library of another version, and how it is called', () => {
    const other = spawnSync(python, [example, buildStandIn(['-DSTAND_IN_ABI=77'])], { encoding: 'utf8' });
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('has 77')]);
    const nothing = spawnSync(python, [example], { encoding: 'utf8' });
    expect([nothing.status, nothing.stderr]).toEqual([1, expect.stringContaining('python3 forward.py')]);
  });
}
