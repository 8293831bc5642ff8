import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { GGUF, TORCH, TRANSFORMERS } from './python-stand-ins.ts';

interface Program {
  readonly name: string;
  readonly about: string;
  open(options: object): Promise<{
    readonly facts: string;
    decode(request: object): Promise<{ readonly tokens: readonly number[]; readonly at: readonly number[] }>;
    dispose(): Promise<void>;
  }>;
}

/** A folder with on-cuda.mjs in it, as the archive that runs on a GPU has one, and what it starts. */
async function beside(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'judge-on-cuda-'));
  for (const name of ['on-cuda.mjs', 'transformers_child.py'])
    await copyFile(fileURLToPath(new URL(`../anchors/${name}`, import.meta.url)), join(folder, name));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const found = (await import(pathToFileURL(join(folder, 'on-cuda.mjs')).href)) as {
    default: readonly Program[];
  };
  const named = (name: string) => found.default.find((program) => program.name === name)!;
  return { folder, named };
}

const COUNTERS = `from collections import Counter, defaultdict
counters = defaultdict(Counter)
`;
const PACKAGE = { 'node_modules/node-llama-cpp/package.json': '{"version":"1.2.3"}' };
const CHILD = `process.on('message', ({ open, decode }) => {
  if (open?.target === 'dies') { console.error('first'); console.error('no CUDA here'); process.exit(3); }
  if (open?.target === 'wrong') return process.send({ error: 'not a GGUF file' });
  if (open) return process.send({ facts: JSON.stringify(open) });
  process.send({ tokens: [...decode.prompt, decode.maxTokens], at: [1], milliseconds: 1 });
});`;
const settings = { target: 'm.gguf', draft: 'd.gguf', contextLength: 64, endTokens: [2], threads: 3 };

test('node-llama-cpp is asked on CUDA, and with its draft where that is what the arm is', async () => {
  const { named } = await beside({ ...PACKAGE, 'node-llama-cpp-child.mjs': CHILD });
  const plain = await named('node-llama-cpp').open(settings);
  const { draft, ...rest } = settings;
  expect(JSON.parse(plain.facts)).toEqual({ ...rest, version: '1.2.3', gpu: 'cuda' });
  expect(await plain.decode({ prompt: [4, 5], maxTokens: 6 })).toMatchObject({ tokens: [4, 5, 6] });
  await plain.dispose();
  const drafted = await named('node-llama-cpp-draft').open(settings);
  expect(JSON.parse(drafted.facts)).toMatchObject({ draft, predictor: {} });
  await drafted.dispose();
});

test('what goes wrong in a program is said in its last words', async () => {
  const { named } = await beside({ ...PACKAGE, 'node-llama-cpp-child.mjs': CHILD });
  const open = (target: string) => named('node-llama-cpp').open({ ...settings, target });
  await expect(open('wrong')).rejects.toThrow('not a GGUF file');
  await expect(open('dies')).rejects.toThrow('ended with code 3: first | no CUDA here');
});

const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0,
);

if (python === undefined) {
  test('transformers’ side: not run, no Python 3.9 or newer is on the PATH', () =>
    console.log('bench, transformers_child.py: not run, no Python 3.9 or newer is on the PATH.'));
} else {
  // whether torch is there or not: stand-ins for it write the token after the last one
  test('transformers’ side finds every tensor its name, and writes to the end or as far as it may', async () => {
    const { folder, named } = await beside({
      'python/torch/__init__.py': TORCH,
      'python/torch/_dynamo/__init__.py': '',
      'python/torch/_dynamo/utils.py': COUNTERS,
      'python/transformers.py': TRANSFORMERS,
      'python/gguf.py': GGUF,
    });
    const before = { PYTHON: process.env.PYTHON, PYTHONPATH: process.env.PYTHONPATH };
    Object.assign(process.env, { PYTHON: python, PYTHONPATH: join(folder, 'python') });
    try {
      const open = (target: string) =>
        named('transformers').open({ target, contextLength: 64, endTokens: [9] });
      for (const kind of ['tied', 'untied']) {
        const program = await open(kind);
        expect(program.facts).toMatch(
          /^transformers 5\.x, torch 2\.x, bf16 on cpu, static cache of 64, step compiled .*, \d+ s before/,
        );
        const short = await program.decode({ prompt: [15, 16], maxTokens: 3 });
        expect(short.tokens).toEqual([17, 18, 19]);
        expect(short.at).toHaveLength(3);
        expect((await program.decode({ prompt: [7], maxTokens: 30 })).tokens).toEqual([8, 9]);
        await program.dispose();
      }
      await expect(open('absent')).rejects.toThrow('FileNotFoundError: absent');
      await expect(open('strange')).rejects.toThrow("KeyError: 'attn_other'");
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
}
