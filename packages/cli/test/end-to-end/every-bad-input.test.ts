import { execFileSync } from 'node:child_process';
import { cp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTinyGguf } from '@judge-decoding/checkpoint/testing';
import { describe, expect, test } from 'vitest';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge } from '../run-judge.ts';

/**
 * What a newcomer gets wrong, one row each: every answer is one sentence on stderr that says what
 * was expected, what came and what to do next, and an exit code that `judge --help` documents.
 */
interface BadInput {
  readonly what: string;
  /** Makes the input; resolves to the command line. */
  readonly argv: () => Promise<readonly string[]> | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly code: 2 | 3 | 4 | 5;
  readonly expected: string | RegExp;
  readonly came: string | RegExp;
  readonly next: string | RegExp;
}

const { pair, kept } = pairForFile();

const generate = (...argv: readonly string[]) => ['generate', 'Tom has apples', '-n', '8', ...argv];
const models = () => ['--target', pair.target, '--draft', pair.draft];
const withHead = (head: string) => generate(...models(), '--head', head);

/** A copy of the target, spoilt. */
async function spoilt(name: string, spoil: (folder: string) => Promise<void>): Promise<readonly string[]> {
  const folder = join(pair.folder, name);
  await cp(pair.target, folder, { recursive: true });
  await spoil(folder);
  return generate('--target', folder);
}

async function overwrite(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, 0);
  await file.close();
}

const ROWS: readonly BadInput[] = [
  {
    what: 'a model folder that is not there',
    argv: () => generate('--target', join(pair.folder, 'nowhere')),
    code: 3,
    expected: 'Expected --target to be a model folder',
    came: /found nothing at .*nowhere/,
    next: '`judge models` lists what is at hand',
  },
  ...['HuggingFaceTB/SmolLM2-135M-Instruct', 'https://hub.example/a/model'].map((named) => ({
    what: `a model that is elsewhere, ${named}`,
    argv: () => generate('--target', named),
    code: 3 as const,
    expected: 'Expected --target to be a model folder or a GGUF file',
    came: `found nothing at ${named}`,
    next: 'never fetched: where that is a name on a hub, download it first and name the folder',
  })),
  // a pipe that nobody writes into, and a device without an end: reading them would never come back
  ...(process.platform === 'win32'
    ? []
    : [
        {
          what: 'a named pipe for a model',
          argv: () => {
            const pipe = join(pair.folder, 'pipe.gguf');
            execFileSync('mkfifo', [pipe]);
            return generate('--target', pipe);
          },
          code: 3 as const,
          expected: /Expected `.*pipe\.gguf` to be a file/,
          came: 'got something else',
          next: 'Name the file itself',
        },
        {
          what: 'a device for a head',
          argv: () => withHead('/dev/zero'),
          code: 3 as const,
          expected: 'no judge head file',
          came: 'it is a device',
          next: 'Name a file',
        },
      ]),
  {
    what: 'a model folder without its config',
    argv: () => spoilt('no-config', (folder) => rm(join(folder, 'config.json'))),
    code: 3,
    expected: 'Expected --target to be a model folder',
    came: 'has no config.json',
    next: 'fetch the model again',
  },
  {
    what: 'a folder that holds a GGUF file only',
    argv: () =>
      spoilt('holds-gguf', async (folder) => {
        await makeTinyGguf(pair.target, join(folder, 'm.gguf'));
        await rm(join(folder, 'config.json'));
      }),
    code: 3,
    expected: 'Expected --target to be a model folder',
    came: 'has no config.json',
    next: /Name its GGUF file itself: .*m\.gguf/,
  },
  {
    what: 'missing weights',
    argv: () => spoilt('no-weights', (folder) => rm(join(folder, 'model.safetensors'))),
    code: 3,
    expected: 'Expected `model.safetensors` or `model.safetensors.index.json`',
    came: 'found neither',
    next: 'Fetch the weights in safetensors format',
  },
  {
    what: 'a missing tokenizer',
    argv: () => spoilt('no-tokenizer', (folder) => rm(join(folder, 'tokenizer.json'))),
    code: 3,
    expected: 'Expected `tokenizer.json`',
    came: 'found none',
    next: 'save the tokenizer in its fast form',
  },
  {
    what: 'truncated weights',
    argv: () => spoilt('cut-weights', (folder) => truncate(join(folder, 'model.safetensors'), 20_000)),
    code: 3,
    expected: 'is not a sound safetensors file',
    came: /20000|truncated/,
    next: 'Fetch or write it again',
  },
  {
    what: 'a truncated config',
    argv: () => spoilt('cut-config', (folder) => truncate(join(folder, 'config.json'), 40)),
    code: 3,
    expected: /Expected .*config\.json` to hold JSON/,
    came: 'it does not (',
    next: 'Is it complete?',
  },
  {
    what: 'a truncated GGUF file',
    argv: async () => {
      const file = join(pair.folder, 'cut.gguf');
      await makeTinyGguf(pair.target, file);
      await truncate(file, 3000);
      return generate('--target', file);
    },
    code: 3,
    expected: 'is not a sound GGUF file',
    came: /more than the \d+ bytes left/,
    next: 'Fetch or convert it again',
  },
  {
    what: 'a safetensors header that lies about its length',
    argv: () =>
      spoilt('lying-length', (folder) => {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(1n << 60n);
        return overwrite(join(folder, 'model.safetensors'), length);
      }),
    code: 3,
    expected: 'is not a sound safetensors file',
    came: 'it claims a header of 1152921504606846976 bytes',
    next: 'Fetch or write it again',
  },
  {
    what: 'a safetensors header that lies about a tensor',
    argv: () =>
      spoilt('lying-tensor', async (folder) => {
        const path = join(folder, 'model.safetensors');
        const text = await readFile(path, 'latin1');
        const lie = (_: string, from: string, to: string) =>
          `"data_offsets":[${from},${'9'.repeat(to.length)}]`;
        await writeFile(path, text.replace(/"data_offsets":\[(\d+),(\d+)\]/, lie), 'latin1');
      }),
    code: 3,
    expected: 'is not a sound safetensors file',
    came: /takes \d+ bytes, its offsets say 9+/,
    next: 'Fetch or write it again',
  },
  {
    what: 'a draft with another tokenizer',
    argv: async () => {
      const folder = join(pair.folder, 'other-tokenizer');
      await cp(pair.draft, folder, { recursive: true });
      const path = join(folder, 'tokenizer.json');
      const swapped = (await readFile(path, 'utf8'))
        .replace('"A": 65', '"A": 66000')
        .replace('"B": 66', '"B": 65')
        .replace('"A": 66000', '"A": 66');
      await writeFile(path, swapped);
      return generate('--target', pair.target, '--draft', folder);
    },
    code: 4,
    expected: 'Expected the draft to have the target’s tokenizer',
    came: /they differ first at token 65: "A" in .*, "B" in/,
    next: 'Use two models of one family',
  },
  {
    what: 'a head of another model',
    argv: async () =>
      withHead(
        await pair.writeHead('another-model.safetensors', (head) => ({
          ...head,
          provenance: {
            ...head.provenance,
            fingerprint: { ...head.provenance.fingerprint, architecture: 'feedbeefcafe' },
          },
        })),
      ),
    code: 4,
    expected: 'The head was fitted for architecture feedbeefcafe',
    came: /the target target has [0-9a-f]{12}/,
    next: 'Use a head fitted on target, or fit one with @judge-decoding/train, or `judge train run`',
  },
  {
    what: 'a head of another hidden size',
    argv: async () =>
      withHead(
        await pair.writeHead('another-size.safetensors', (head) => ({
          ...head,
          hiddenSize: 8,
          terms: head.terms.map((term) => ({ ...term, weights: new Float32Array(8) })),
        })),
      ),
    code: 4,
    expected: 'The head was fitted for hidden size 8',
    came: 'has 32',
    next: 'or `judge train run`',
  },
  {
    what: 'a head of a norm that nobody knows',
    argv: async () => {
      const head = join(pair.folder, 'norm.safetensors');
      const file = await readFile(pair.head, 'latin1');
      await writeFile(head, file.replace('pre-norm', 'mid-norm'), 'latin1');
      return withHead(head);
    },
    code: 3,
    expected: /norm\.safetensors: This is no judge head file/,
    came: 'term 0 reads the state "mid-norm"',
    next: 'this reader knows "pre-norm" and "post-norm"',
  },
  {
    what: 'a judge without a head',
    argv: () => generate(...models(), '--verify', 'judge'),
    code: 2,
    expected: 'Expected a head for --verify judge',
    came: 'got none',
    next: 'fit one with `judge train run`',
  },
  {
    what: 'a head that is not there',
    argv: () => withHead(join(pair.folder, 'no-head.safetensors')),
    code: 3,
    expected: /Expected a judge head at .*no-head/,
    came: 'found nothing',
    next: '`judge train run` makes one',
  },
  ...[
    ['generate', () => generate(...models(), '--logit-bias', '5:1,999999:1')] as const,
    ['bench', () => ['bench', ...models(), '--problems', '1', '--logit-bias', '999999:1']] as const,
  ].map(([command, argv]) => ({
    what: `a token that is none, of ${command}`,
    argv,
    code: 2 as const,
    expected: /Expected --logit-bias to be made of token ids below \d+/,
    came: 'got 999999',
    next: 'below',
  })),
  {
    what: 'an empty prompt',
    argv: () => ['generate', ''],
    code: 2,
    expected: 'Expected a prompt with some text',
    came: 'got an empty one',
    next: 'Write it behind the command',
  },
  {
    what: 'a prompt longer than the context',
    argv: () => ['generate', 'the '.repeat(200), ...models(), '--context', '64'],
    code: 5,
    expected: 'Expected a prompt of fewer than 64 tokens, the context of target',
    came: /got 2\d\d/,
    next: 'ask for more with --context N, up to 256',
  },
  {
    what: 'a prompt longer than any context of the model',
    argv: () => ['generate', 'the '.repeat(300), ...models()],
    code: 5,
    expected: 'Expected a prompt of fewer than 256 tokens',
    came: /got 3\d\d/,
    next: 'Shorten it: the model holds no more',
  },
  {
    what: 'an unknown flag',
    argv: () => ['generate', 'x', '--temprature', '1'],
    code: 2,
    expected: 'Unknown option',
    came: "'--temprature'",
    next: 'Did you mean --temperature?',
  },
  {
    what: 'a flag that is like nothing we know',
    argv: () => ['generate', 'x', '--frobnicate'],
    code: 2,
    expected: 'Unknown option',
    came: "'--frobnicate'",
    next: 'See `judge generate --help`',
  },
  {
    what: 'a flag of another program that has no meaning here',
    argv: () => ['generate', 'x', '-ngl', '99'],
    code: 2,
    expected: 'Expected a flag of judge',
    came: 'got -ngl, which means nothing here: this version runs models on the CPU',
    next: 'Leave it out',
  },
  {
    what: 'a threshold outside 0..1',
    argv: () => ['generate', 'x', '--threshold', '1.5'],
    code: 2,
    expected: 'Expected --threshold to be a number from 0 to 1',
    came: 'got 1.5',
    next: 'from 0 to 1',
  },
  {
    what: 'a threshold outside 0..1 within the rule, said before models are opened',
    argv: () => generate(...models(), '--verify', 'judge:1.5', '--head', pair.head),
    code: 2,
    expected: 'a number from 0 to 1 for threshold in judge[:threshold]',
    came: 'got judge:1.5',
    next: 'from 0 to 1',
  },
];

describe('one clear sentence, one documented exit code', () => {
  test.each(ROWS)('$what', async ({ argv, env = pair.env, code, expected, came, next }) => {
    const run = await runJudge(await argv(), { env, backends: kept.backends });
    const errors = run.err.split('\n').filter((line) => line.startsWith('error:'));
    expect(errors, run.err).toHaveLength(1);
    for (const part of [expected, came, next]) expect(errors[0]).toMatch(part);
    expect(run.err).not.toMatch(/^\s+at /m);
    expect(run.out).toBe('');
    expect(run.code).toBe(code);
    const documented = (await runJudge(['--help'])).out;
    expect(documented).toMatch(new RegExp(`^ +${code}  `, 'm'));
  });
});
