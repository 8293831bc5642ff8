import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const folder = () => mkdtempSync(join(tmpdir(), 'judge-on-gpu-'));
const of = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

/** A program that is none: a shell script of so many lines. */
function script(at: string, ...lines: readonly string[]): string {
  writeFileSync(at, ['#!/bin/bash', ...lines, ''].join('\n'));
  chmodSync(at, 0o755);
  return at;
}

/** What stands for judge: cannot be opened beside `broken`, says that the others are open, waits for them to be let go, and writes a row. */
const judgeIn = (work: string, broken: string) =>
  script(
    join(work, 'judge.sh'),
    'while test $# -gt 0; do case $1 in --arms) arms=$2 ;; --out) out=$2 ;; esac; shift; done',
    `case $arms in *${broken}*) echo "no image for this device" >&2; exit 1 ;; esac`,
    'for each in transformers node-llama-cpp; do touch "$ANCHORS_WAIT_FOR.$each"; done',
    'until test -f "$ANCHORS_WAIT_FOR"; do sleep 0.1; done',
    'mkdir -p "$out"; echo "$arms" >> "$out/runs.jsonl"',
  );

const races = async (work: string, broken: string) => {
  const { stdout } = await run('bash', [of('../on-gpu/quiet.sh'), '300'], {
    env: { ...process.env, WORK: work, JUDGE: judgeIn(work, broken) },
  });
  const armsOf = (type: string) => readFileSync(join(work, `race-${type}/runs.jsonl`), 'utf8').trim();
  return { stdout, armsOf };
};

test.skipIf(process.platform !== 'linux')(
  'races follow one another, bf16 first, beside all that opens',
  async () => {
    const { stdout, armsOf } = await races(folder(), 'nothing-is');
    expect(stdout.match(/(int4|int8|bf16): \d rows/g)).toEqual([
      'bf16: 1 rows',
      'int8: 1 rows',
      'int4: 1 rows',
    ]);
    expect(armsOf('bf16')).toBe('plain,strict/4,strict/8,transformers,node-llama-cpp');
    expect(armsOf('int4')).toBe('plain,strict/4,strict/8,node-llama-cpp');
  },
);

test.skipIf(process.platform !== 'linux')('what cannot be opened is left out', async () => {
  const work = folder();
  const { armsOf } = await races(work, 'transformers');
  expect(armsOf('bf16')).toBe('plain,strict/4,strict/8,node-llama-cpp');
  expect(readFileSync(join(work, 'log/race-bf16.err'), 'utf8')).toContain('no image');
  const none = folder();
  expect((await races(none, 'node-llama-cpp')).armsOf('int8')).toBe('plain,strict/4,strict/8');
});

test('an anchor is open at once, and its first text waits for the file', async () => {
  const work = folder();
  const go = join(work, 'go');
  process.env.ANCHORS_WAIT_FOR = go;
  process.env.PYTHON = script(
    join(work, 'python.sh'),
    `read -r _; echo '{"facts":"of no weights"}'`,
    `while read -r _; do echo '{"tokens":[7],"at":[1],"milliseconds":1}'; done`,
  );
  const { default: programs } = await import(of('../../bench/anchors/on-cuda.mjs'));
  const transformers = programs.find(({ name }: { name: string }) => name === 'transformers');
  const opened = await transformers.open({ target: 'none.gguf', contextLength: 8, endTokens: [] });
  expect(readFileSync(`${go}.transformers`, 'utf8')).toBe('of no weights\n');
  let written = false;
  const text = opened.decode({ prompt: [1], maxTokens: 1 }).then((answer: unknown) => {
    written = true;
    return answer;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(written).toBe(false);
  writeFileSync(go, '');
  expect(await text).toEqual({ tokens: [7], at: [1], milliseconds: 1 });
  await opened.dispose();
});

const python = process.env.PATH?.split(':').some((path) => existsSync(join(path, 'python3')));

/** An ELF file with a section .nv_fatbin of modules that are so many bytes long. */
function libraryOf(sizes: readonly number[]): Buffer {
  const modules = sizes.map((size) => {
    const bytes = Buffer.alloc(size, 0xee);
    bytes.writeUInt32LE(0xba55ed50, 0);
    bytes.writeUInt16LE(1, 4);
    bytes.writeUInt16LE(16, 6);
    bytes.writeBigUInt64LE(BigInt(size - 16), 8);
    return bytes;
  });
  const names = Buffer.from('\0.nv_fatbin\0.shstrtab\0');
  const body = Buffer.concat(modules);
  const header = Buffer.alloc(64);
  header.writeBigUInt64LE(BigInt(64 + body.length + names.length), 0x28);
  header.writeUInt16LE(3, 0x3c);
  header.writeUInt16LE(2, 0x3e);
  const section = (name: number, offset: number, length: number) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(name, 0);
    bytes.writeBigUInt64LE(BigInt(offset), 24);
    bytes.writeBigUInt64LE(BigInt(length), 32);
    return bytes;
  };
  const sections = [
    section(0, 0, 0),
    section(1, 64, body.length),
    section(12, 64 + body.length, names.length),
  ];
  return Buffer.concat([header, body, names, ...sections]);
}

test.skipIf(!python || process.platform !== 'linux')(
  'machine code takes the place of a module, and no more',
  async () => {
    const work = folder();
    const at = (name: string) => join(work, name);
    writeFileSync(at('in.so'), libraryOf([64, 96]));
    script(at('cuobjdump'), 'echo one > x.1.sm_90.ptx; echo two > x.2.sm_90.ptx');
    script(at('ptxas'), 'shift $(($# - 2)); cp "$2" "$1"');
    // a fat binary of 16 bytes of header and eight that tell it from others
    script(
      at('fatbinary'),
      'for each in "$@"; do case $each in --create=*) out=$(cut -d= -f2 <<< "$each") ;; *file=*) file=$(cut -d= -f5 <<< "$each") ;; esac; done',
      `{ printf '\\x50\\xed\\x55\\xba\\x01\\x00\\x10\\x00\\x08\\x00\\x00\\x00\\x00\\x00\\x00\\x00'; head -c 3 "$file"; printf '12345'; } > "$out"`,
    );
    const { stdout } = await run('python3', [
      ...[of('../../bench/anchors/machine_code.py'), at('in.so'), at('out.so')],
      ...['--tools', work, '--work', at('work')],
    ]);
    expect(stdout).toContain('2 of 2 modules');
    const [before, after] = [readFileSync(at('in.so')), readFileSync(at('out.so'))];
    expect(after.length).toBe(before.length);
    expect(after.subarray(80, 88).toString()).toBe('one12345');
    expect(after.subarray(88, 128).every((byte) => byte === 0)).toBe(true);
    expect(after.subarray(128 + 16, 128 + 24).toString()).toBe('two12345');
    expect(after.subarray(64 + 160)).toEqual(before.subarray(64 + 160));
  },
);
