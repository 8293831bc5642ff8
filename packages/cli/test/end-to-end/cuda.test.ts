import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildStandIn, compiler, NO_COMPILER } from '../../../backend-cuda/test/stand-in.ts';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

/** The command line over the CUDA backend, whose library is a stand-in that needs no GPU. */
let pair: TinyPair;
const before = process.env.JUDGE_CUDA_LIBRARY;
beforeAll(async () => {
  pair = await tinyPair();
  if (compiler !== undefined) process.env.JUDGE_CUDA_LIBRARY = buildStandIn();
});
afterAll(async () => {
  if (before === undefined) delete process.env.JUDGE_CUDA_LIBRARY;
  else process.env.JUDGE_CUDA_LIBRARY = before;
  await pair.dispose();
});

const generate = (...argv: readonly string[]) =>
  runJudge(['generate', 'Tom has apples', '-n', '12', '--target', pair.target, ...argv], { env: pair.env });

describe('flags', () => {
  test.each([
    [
      ['--backend', 'cuda', '--device', 'cpu'],
      'Expected --device to be cuda:0 or another number, or several as in cuda:0,1, for the backend cuda',
    ],
    [['--backend', 'cuda', '--dtype', 'fp32'], 'Expected --dtype to be one of auto, bf16, fp16, fp8, int8'],
    [['--backend', 'cpu', '--dtype', 'bf16'], 'for the backend cpu, got bf16'],
    [['--backend', 'cuda', '--device', 'cuda:0,1', '-tp', '3'], 'as many GPUs as ranks, got cuda:0,1 and 3'],
    [['--backend', 'cuda', '-tp', '9'], 'an integer from 1 to 8'],
    [['-tp', '2'], 'Expected --tensor-parallel-size to be 1 for the backend cpu'],
    [['--prefill', 'fast'], 'Expected no --prefill fast for the backend cpu, which reads prompts in one way'],
    [['--backend', 'cuda', '--prefill', 'quick'], 'Expected --prefill to be exact or fast, got quick'],
    [['--backend', 'cuda', '--prefill', 'fast', '--exact'], 'got both'],
    [['--draft-backend', 'gpu'], 'Expected --draft-backend to be one of cpu, cuda, webgpu, got gpu'],
    [['--draft-backend', 'cuda', '--draft-dtype', 'fp32'], 'Expected --draft-dtype to be one of auto'],
    [['--draft-dtype', 'int3'], 'Expected --draft-dtype to be one of auto, fp32, int8, int4'],
  ])('%j is refused before anything is opened', async (argv, message) => {
    const { code, err, out } = await generate('--draft', pair.draft, ...argv);
    expect(err).toContain(message);
    expect([code, out]).toEqual([2, '']);
  });
});

test('inspect says what a model takes on a GPU, without one', async () => {
  const { out } = await runJudge(['inspect', pair.target, '--json'], { env: pair.env });
  const { backends } = JSON.parse(out);
  const cuda = backends.find(({ backend }: { backend: string }) => backend === 'cuda');
  expect(cuda.dtypes.map(({ dtype }: { dtype: string }) => dtype)).toEqual([
    'auto',
    'bf16',
    'fp16',
    'fp8',
    'int8',
    'int4',
    'q8_0',
    'q4_0',
  ]);
  const bytes = (dtype: string) =>
    cuda.dtypes.find((each: { dtype: string }) => each.dtype === dtype).weightBytes;
  expect(bytes('auto')).toBe(bytes('bf16'));
  expect(bytes('int4')).toBeLessThan(bytes('int8'));
  expect(bytes('int8')).toBeLessThan(bytes('bf16'));
});

test('where the backend cannot be used doctor says why once, and opens nothing', async () => {
  const library = process.env.JUDGE_CUDA_LIBRARY;
  process.env.JUDGE_CUDA_LIBRARY = '/nowhere/libjudge_cuda.so';
  try {
    const argv = ['doctor', '--backend', 'cuda', '--target', pair.target, '--json'];
    const { code, out } = await runJudge(argv, { env: pair.env });
    const bad = JSON.parse(out).filter(({ state }: { state: string }) => state === 'bad');
    expect(code).toBe(3);
    expect(bad).toEqual([
      { what: 'backend cuda', state: 'bad', detail: expect.stringContaining('/nowhere/libjudge_cuda.so') },
      { what: 'self-test', state: 'bad', detail: 'not begun: see backend cuda above' },
    ]);
  } finally {
    if (library === undefined) delete process.env.JUDGE_CUDA_LIBRARY;
    else process.env.JUDGE_CUDA_LIBRARY = library;
  }
});

if (compiler === undefined) {
  test(`the command line over the stand-in: ${NO_COMPILER}`, () =>
    console.log(`cli on cuda: ${NO_COMPILER}`));
} else {
  test('generates on it, strict text being plain text, and says so', async () => {
    const plain = await generate('--backend', 'cuda');
    const strict = await generate('--backend', 'cuda', '--draft', pair.draft, '--draft-dtype', 'int8');
    expect([plain.code, strict.code]).toEqual([0, 0]);
    expect(strict.out).toBe(plain.out);
    expect(strict.err).toContain('backend=cuda');
    expect(strict.err).toContain('target (bf16, exact)');
    expect(strict.err).toContain('draft (int8, exact)');
  });

  test('prompts may be read fast: passes are no longer called exact, and it says so once', async () => {
    const fast = await generate('--backend', 'cuda', '--prefill', 'fast', '--draft', pair.draft);
    expect(fast.code).toBe(0);
    expect(fast.err).toContain('target (bf16)');
    expect(fast.err).toContain('draft (bf16)');
    expect(fast.err.match(/prompts are read fast/g)).toHaveLength(1);
    const elsewhere = await generate(
      ...['--backend', 'cuda', '--prefill', 'fast', '--draft', pair.draft, '--draft-backend', 'cpu'],
    );
    expect(elsewhere.code).toBe(0);
    const exact = await generate('--backend', 'cuda', '--prefill', 'exact');
    expect(exact.err).toContain('target (bf16, exact)');
    expect(exact.err).not.toContain('read fast');
    const { out, err } = await generate('--backend', 'cuda', '--prefill', 'fast', '--json');
    expect(JSON.parse(out).settings).toMatchObject({
      exact: false,
      mayPart: expect.stringContaining('prompts are read fast'),
    });
    expect(err.match(/prompts are read fast/g)).toHaveLength(1);
  });

  test('a trace of prompts that were read fast is replayed as it was, unless a flag says otherwise', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'judge-fast-trace-')), 'trace.jsonl');
    const fast = ['--backend', 'cuda', '--prefill', 'fast', '--draft', pair.draft];
    expect((await generate(...fast, '--trace', file)).code).toBe(0);
    const replay = (...argv: readonly string[]) =>
      runJudge(
        ['replay', file, '--backend', 'cuda', '--target', pair.target, '--draft', pair.draft, ...argv],
        {
          env: pair.env,
        },
      );
    const again = await replay();
    expect(again.err).toContain('prompts are read fast');
    const { prefill, ...trace } = JSON.parse(readFileSync(file, 'utf8'));
    expect(prefill).toBe('fast');
    // before version 3 passes that were not exact are all that is known
    writeFileSync(file, JSON.stringify({ ...trace, version: 2 }));
    expect((await replay()).err).toContain('prompts are read fast');
    const exactly = await replay('--prefill', 'exact');
    expect(exactly.err).not.toContain('prompts are read fast');
    expect([again.code, exactly.code]).toEqual([0, 0]);
  });

  test('a trace says that its prompts were read exactly, and is replayed so', async () => {
    const trace = join(mkdtempSync(join(tmpdir(), 'judge-cuda-trace-')), 'trace.json');
    expect((await generate('--backend', 'cuda', '--trace', trace)).code).toBe(0);
    expect(JSON.parse(readFileSync(trace, 'utf8'))).toMatchObject({
      prefill: 'exact',
      target: { exact: true },
    });
    const replay = ['replay', trace, '--backend', 'cuda', '--target', pair.target];
    const again = await runJudge(replay, { env: pair.env });
    expect(again.err).not.toContain('prompts are read fast');
    expect(again.code).toBe(0);
  });

  test('two ranks on one GPU write a text, strict being plain, and say where', async () => {
    const plain = await generate('--backend', 'cuda', '--device', 'cuda:0,0');
    expect(plain.err).toContain('cuda:0,0');
    const strict = await generate('--backend', 'cuda', '--device', 'cuda:0,0', '--draft', pair.draft);
    expect([plain.code, strict.code]).toEqual([0, 0]);
    expect(strict.out).toBe(plain.out);
  });

  test('a draft may run elsewhere', async () => {
    const plain = await generate('--backend', 'cuda');
    const mixed = await generate('--backend', 'cuda', '--draft', pair.draft, '--draft-backend', 'cpu');
    expect(mixed.err).toContain('draft (fp32');
    expect(mixed.out).toBe(plain.out);
    const other = await generate('--draft', pair.draft, '--draft-backend', 'cuda', '--draft-dtype', 'int4');
    expect(other.code).toBe(0);
    expect(other.err).toContain('backend=cpu');
    expect(other.err).toContain('draft (int4, exact, cuda:0)');
  });

  test.each([
    [['--threads', '2'], 'no --threads for the backend cuda'],
    [['--no-exact'], 'no --no-exact for the backend cuda'],
    [['--device', 'cuda:7'], 'from cuda:0 to cuda:0, got cuda:7'],
    [['--tensor-parallel-size', '2'], 'from cuda:0 to cuda:0, got cuda:0,1'],
  ])('%j means nothing there: refused', async (argv, message) => {
    const { code, err } = await generate('--backend', 'cuda', ...argv);
    expect(err).toContain(message);
    expect(code).not.toBe(0);
  });

  test('doctor tells of library, GPU and the speed of its memory', async () => {
    const argv = ['doctor', '--backend', 'cuda', '--target', pair.target, '--dtype', 'int8', '--json'];
    const { out, code } = await runJudge(argv, { env: pair.env });
    const found = JSON.parse(out) as { what: string; state: string; detail: string }[];
    const about = (what: string) => found.find((finding) => finding.what === what);
    expect(about('backend cuda')).toMatchObject({ state: 'ok' });
    expect(about('cuda:0')?.detail).toContain('Stand-in');
    expect(about('memory speed')?.detail).toMatch(/reads .* copies .* data sheet/);
    expect(about('cuBLASLt')).toMatchObject({ state: 'ok', detail: expect.stringContaining('13.0.2') });
    expect(about('self-test')).toMatchObject({ state: 'ok' });
    expect(code).toBe(0);
  });

  test('doctor tells what a sum over two ranks takes, and where a draft goes', async () => {
    const argv = ['doctor', '--backend', 'cuda', '--device', 'cuda:0,0', '--target', pair.target, '--json'];
    const { out, code } = await runJudge(argv, { env: pair.env });
    const found = JSON.parse(out) as { what: string; state: string; detail: string }[];
    const about = (what: string) => found.find((finding) => finding.what === what);
    expect(about('link')).toMatchObject({ state: 'ok', detail: expect.stringContaining('cuda:0,0') });
    expect(about('draft placement')?.detail).toContain('unless --draft-device');
    expect(about('self-test')).toMatchObject({ state: 'ok' });
    expect(code).toBe(0);
  });

  test('a draft that does not divide by the target’s GPUs runs on the first of them, and it says so', async () => {
    const draft = `${pair.folder}/three-heads`;
    await makeTinyCheckpoint(draft, { hiddenSize: 48, attentionHeads: 3, keyValueHeads: 1 });
    const argv = ['--backend', 'cuda', '--device', 'cuda:0,0', '--draft', draft];
    const { code, err } = await generate(...argv);
    expect(err).toContain('note: the draft runs on cuda:0 alone, the target on cuda:0,0: ');
    expect(code).toBe(0);
    const asked = await generate(...argv, '--draft-device', 'cuda:0,0');
    expect(asked.err).toContain('divide by 2 GPUs');
    expect(asked.code).not.toBe(0);
  });

  test.each([
    ['one GPU', []],
    ['two ranks', ['--device', 'cuda:0,0']],
  ])('a trace of %s is replayed where it was written, without a flag', async (_, device) => {
    const trace = `${pair.folder}/cuda-trace-${device.length}.json`;
    const written = await generate('--backend', 'cuda', ...device, '--draft', pair.draft, '--trace', trace);
    expect(written.code).toBe(0);
    const { out, code } = await runJudge(['replay', trace], { env: pair.env });
    expect(code).toBe(0);
    expect(out).toContain('cuda');
    const json = await runJudge(['replay', trace, '--json'], { env: pair.env });
    expect(JSON.parse(json.out)).toMatchObject({ same: true, differences: [] });
  });

  test('a trace written on the CPU is replayed on it', async () => {
    const trace = `${pair.folder}/cpu-trace.json`;
    await generate('--draft', pair.draft, '--trace', trace);
    const { out, code } = await runJudge(['replay', trace, '--backend', 'cuda', '--json'], { env: pair.env });
    // a difference at a near tie is excused; rounding to bf16 may decide others
    expect([0, 4]).toContain(code);
    expect(JSON.parse(out).same).toBe(code === 0);
  });

  test('models of made-up weights are measured', async () => {
    const shape = 'random:hidden=64,layers=1,heads=2,kv=1,headDim=32,ff=96,rows=128';
    const { code, out } = await runJudge(
      [
        ...['bench', '--backend', 'cuda', '--synthetic', `${shape}:int8`, '--draft', `${shape}:int4`],
        ...['--synthetic-acceptance', 'length:3', '--draft-lengths', '4', '--context', '300'],
        ...['--problems', '1', '--max-tokens', '12', '--repeats', '1', '--prompt-tokens', '8'],
      ],
      { env: pair.env },
    );
    expect(code).toBe(0);
    expect(out).toContain('synthetic /4 (synthetic)');
    expect(out).toContain('assumed');
  });

  test('an assumed length drafts more than it accepts, unless flags say how many', async () => {
    const shape = 'random:hidden=64,layers=1,heads=2,kv=1,headDim=32,ff=96,rows=128';
    const { code, out } = await runJudge(
      [
        ...[
          'bench',
          '--backend',
          'cuda',
          '--synthetic',
          `${shape}:int8`,
          '--synthetic-acceptance',
          'length:19',
        ],
        ...['--context', '300', '--max-tokens', '30', '--prompt-tokens', '8', '--json'],
      ],
      { env: pair.env },
    );
    expect(code).toBe(0);
    const { settings, arms } = JSON.parse(out);
    expect(
      arms.map(({ name, draftLength }: { name: string; draftLength: number }) => [name, draftLength]),
    ).toEqual([
      ['plain', 0],
      ['synthetic', 25],
    ]);
    expect(settings.runs).toEqual([
      { arms: expect.anything(), from: 0, problems: 3, repeats: 3, warmUps: 1 },
    ]);
  });
}
