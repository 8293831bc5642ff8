import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cudaBackend, mpsFolder } from '../src/index.ts';
import { compiler, NO_COMPILER, openStandIn } from './stand-in.ts';

afterEach(() => void vi.unstubAllEnvs());

/** A folder as the control daemon of MPS leaves it, or one that it has not come to. */
function pipes(hasControl: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'judge-mps-'));
  if (hasControl) writeFileSync(join(folder, 'control'), '');
  return folder;
}

test('a process is a client of MPS where the folder has a control pipe', () => {
  const folder = pipes(true);
  expect(mpsFolder({ CUDA_MPS_PIPE_DIRECTORY: folder })).toBe(folder);
  expect(mpsFolder({ CUDA_MPS_PIPE_DIRECTORY: pipes(false) })).toBeUndefined();
});

if (compiler === undefined) {
  test(`a model under MPS over the stand-in: ${NO_COMPILER}`, () => console.log(`mps: ${NO_COMPILER}`));
} else {
  test.each([true, false])('a control pipe is there: %s; passes are exact where it is not', async (is) => {
    vi.stubEnv('CUDA_MPS_PIPE_DIRECTORY', pipes(is));
    const { engine } = await openStandIn();
    const shape = 'synthetic:random:hidden=64,layers=1,heads=2,kv=2,headDim=32,ff=64,rows=256:bf16';
    const model = await cudaBackend({ engine, contextLength: 256 }).open(shape);
    expect(model.info.exact).toBe(!is);
    await model.dispose();
  });
}
