import { expect, test } from 'vitest';
import { cudaBackend } from '../src/index.ts';
import { compiler, NO_COMPILER, openStandIn } from './stand-in.ts';

const MODEL = 'synthetic:random:hidden=64,layers=1,heads=2,kv=2,headDim=32,ff=64,rows=256';

test('a way of reading prompts that nobody knows is refused', () => {
  expect(() => cudaBackend({ prefill: 'quick' as 'fast' })).toThrow(
    expect.objectContaining({
      code: 'invalid-option',
      message: expect.stringContaining("'exact' or 'fast'"),
    }),
  );
});

if (compiler === undefined) {
  test(`prompts over the stand-in: ${NO_COMPILER}`, () => console.log(`prefill: ${NO_COMPILER}`));
} else {
  test('read fast, passes are longer and not exact, and the model takes more memory', async () => {
    const { engine } = await openStandIn();
    const backend = cudaBackend({ engine, contextLength: 4096 });
    const [exact, fast] = [
      await backend.open(`${MODEL}:bf16`),
      await backend.open(`${MODEL}:bf16`, { prefill: 'fast' }),
    ];
    expect(exact.info).toMatchObject({ exact: true, prefillChunk: 512 });
    expect(fast.info).toMatchObject({ exact: false, prefillChunk: 2048 });
    expect(fast.memory.weights).toBeGreaterThan(exact.memory.weights);
    expect(fast.memory.session).toBe(exact.memory.session);
    const short = await backend.open(`${MODEL}:bf16`, { prefill: 'fast', prefillChunk: 64 });
    expect(short.info.prefillChunk).toBe(64);
    await Promise.all([exact, fast, short].map((model) => model.dispose()));
  });

  test.each([
    ['over two ranks', 'bf16', { device: 'cuda:0,0' }, 'one GPU'],
    ['for float16', 'fp16', {}, 'got fp16'],
  ] as const)('%s it is refused by name', async (_, dtype, options, named) => {
    const { engine } = await openStandIn();
    await expect(
      cudaBackend({ engine, prefill: 'fast', ...options }).open(`${MODEL}:${dtype}`),
    ).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(new RegExp(`^Expected .*${named}.*prefill 'exact'`)),
    });
    await cudaBackend({ engine, ...options })
      .open(`${MODEL}:${dtype}`)
      .then((model) => model.dispose());
  });

  test('without cuBLASLt it is refused, and its absence is told; where it is, its version', async () => {
    const { engine, set } = await openStandIn();
    expect(await engine.matrixLibrary()).toBe('13.0.2');
    set('cublaslt', 0);
    await expect(engine.matrixLibrary()).rejects.toMatchObject({ code: 'unsupported' });
    await expect(cudaBackend({ engine, prefill: 'fast' }).open(`${MODEL}:bf16`)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('cuBLASLt'),
    });
  });
}
