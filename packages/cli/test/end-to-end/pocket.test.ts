import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { DOMAINS, drawKnownProblem, drawProblem } from '@judge-decoding/tasks';
import { beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS } from '../../src/pair/backends.ts';
import { pocketNotice } from '../../src/pocket/pocket-prompt.ts';
import { pairForFile } from '../pair-for-file.ts';
import { runJudge as runJudgeFresh } from '../run-judge.ts';

/** A made-up pair where the embedded one would be. */
const { pair, kept } = pairForFile({ contextLength: 384 });
const runJudge: typeof runJudgeFresh = (argv, options) =>
  runJudgeFresh(argv, { backends: kept.backends, ...options });
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  await mkdir(join(pair.folder, 'heads'));
  await cp(pair.head, join(pair.folder, 'heads', `${USUAL_HEAD}.safetensors`));
  env = { ...pair.env, JUDGE_POCKET: pair.folder, JUDGE_MODELS: pair.folder };
});

describe('the pocket world', () => {
  test('is answered without a warning, and nothing else is', () => {
    for (const prompt of [
      'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?',
      'books | Amy 99 | Otto 25\nHow many books do Amy and Otto have together?',
      'Start with the list 3, 9, 4. Sort it in ascending order. What is the last number?',
    ]) {
      expect(pocketNotice(prompt), prompt).toBeUndefined();
    }
    for (const prompt of ['Hello', 'What is the capital of France?', 'Write a list of 3 animals.']) {
      expect(pocketNotice(prompt)).toContain(prompt);
    }
  });

  test('says nothing of a prompt that does not fit but that', async () => {
    const { code, err } = await runJudge(['generate', 'Why pens? '.repeat(300)], { env });
    expect(code).not.toBe(0);
    expect(err).toContain('Expected a prompt of fewer than 384 tokens');
    expect(err).not.toContain('does not have');
  });

  test('judge problems draws the same problem for the same index, the domains in turn', async () => {
    const { out } = await runJudge(['problems', '--count', '4', '--index', '1', '--json']);
    const drawn = JSON.parse(out) as readonly { readonly id: string }[];
    const inTurn = Array.from({ length: 5 }, (_, i) => {
      const round = Math.floor(i / DOMAINS.length);
      return `${DOMAINS[i % DOMAINS.length]}/dev/${round}`;
    });
    expect(drawn.map(({ id }) => id)).toEqual(inTurn.slice(1));
    const named = await runJudge(['problems', '--domain', 'lists', '--split', 'train', '--index', '5']);
    expect(named.out).toBe(`${drawProblem({ domain: 'lists', split: 'train', index: 5 }).prompt}\n`);
  });

  test('judge problems --solve answers and grades', async () => {
    const { code, out, err } = await runJudge(
      ['problems', '--count', '2', '--solve', '--verify', 'judge', '-n', '20'],
      { env },
    );
    expect(code, err).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^words\/dev\/0\s+no answer\s+20 tokens/);
    expect(err).toContain('0 of 2 right');
  });

  test('judge train answers asks its training problems where no questions are named', async () => {
    const file = join(pair.folder, 'answers.jsonl');
    const asked = ['train', 'answers', '--count', '2', '--takes', '1', '--max-tokens', '20', '--out', file];
    const { code, err } = await runJudge(asked, { env });
    expect(code, err).toBe(0);
    const rows = (await readFile(file, 'utf8')).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).id)).toEqual(['words/train/0', 'tables/train/0']);
  });

  test('a question of another world is answered with a word of warning', async () => {
    const asked = await runJudge(['generate', 'What is the capital of France?', '-n', '4'], { env });
    expect(asked.code, asked.err).toBe(0);
    expect(asked.err).toContain('does not have "What is the capital of France?"');
    const own = await runJudge(
      [
        'generate',
        'Start with the list 3, 9, 4. Sort it in ascending order. What is the last number?',
        '-n',
        '4',
      ],
      {
        env,
      },
    );
    expect(own.err).not.toContain('pocket pair');
  });

  test('--verify judge finds the embedded head', async () => {
    const { code, err } = await runJudge(['generate', 'Tom', '--verify', 'judge', '-n', '8'], { env });
    expect(code, err).toBe(0);
    expect(err).toContain('verify=judge (LOSSY)');
  });

  test('without the pair, says where it should be', async () => {
    const { code, err } = await runJudge(['generate', 'Tom'], {
      env: { JUDGE_POCKET: join(pair.folder, 'gone') },
    });
    expect(code).toBe(3);
    expect(err).toContain('Expected the embedded pocket pair at');
  });
});

test('judge demo shows problem, marked answer, legend, comparison and the warning', async () => {
  const { code, out, err } = await runJudge(['demo', '--no-color'], { env, isTerminal: true });
  expect(code, err).toBe(0);
  const order = [
    'A problem',
    'Answer in judge mode',
    '[only the judge accepted]',
    'verify=judge (LOSSY)',
    'accepted a round',
    'x plain',
    'plain',
    'strict',
    'Judge mode is lossy',
  ].map((text) => out.indexOf(text));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
  // no colour; what models of random weights write may hold any byte
  expect(out).not.toContain('\u001b[');
  // outside of a clone `npm start` is a program of the user's
  expect(out).toContain('Another problem: judge demo --index 0');
});

test('judge demo offers the problem after the one that it showed, of the same kind', async () => {
  const { out } = await runJudge(['demo', '--domain', 'lists', '--split', 'train', '--no-color'], {
    env,
    isTerminal: true,
  });
  expect(out).toContain('Problem lists/train/0');
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'Another problem: judge demo --index 1 --domain lists --split train',
  );
});

test('judge demo offers no problem that its own reader does not know', async () => {
  const { out } = await runJudge(['demo', '--domain', 'words', '--index', '0', '--no-color'], {
    env,
    isTerminal: true,
  });
  const { index } = drawKnownProblem({ domain: 'words', split: 'dev', index: 1 });
  expect(index).toBeGreaterThan(1);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    `Another problem: judge demo --index ${index} --domain words`,
  );
});

test.each([
  ['an empty one', ['']],
  ['nothing but blanks', ['  ', ' ']],
])('judge demo refuses %s', async (got, words) => {
  const { code, out, err } = await runJudge(['demo', ...words], { env });
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(`Expected a problem with some text, got ${got}.`);
});

test('judge demo stops at Ctrl-C with 130', async () => {
  const { code, out } = await runJudge(['demo'], { env, interruptAfter: 15 });
  expect(code).toBe(130);
  expect(out).toContain('interrupted');
});

test('judge models lists the pair, the folders and the graphs', async () => {
  await runJudge(['generate', 'Tom', '-n', '1'], { env });
  await writeFile(join(pair.folder, 'small.gguf'), '');
  const { code, out } = await runJudge(['models', '--json'], { env });
  expect(code).toBe(0);
  const found = JSON.parse(out) as Readonly<Record<string, readonly { readonly name: string }[]>>;
  expect(found.embedded?.map(({ name }) => name)).toEqual(['target', 'draft', 'head']);
  expect(found.models?.map(({ name }) => name)).toEqual(['draft', 'target', 'small.gguf']);
  expect(found.graphs?.length).toBeGreaterThanOrEqual(2);
  // a name in $JUDGE_MODELS is as good as a path
  const named = await runJudge(['generate', 'Tom', '--target', 'target', '--draft', 'draft', '-n', '1'], {
    env,
  });
  expect(named.code, named.err).toBe(0);
});

test.each([
  ['nowhere', 'JUDGE_MODELS names a folder that does not exist'],
  ['empty', 'no folder with a config.json in it, and no GGUF file'],
])('judge models says why there is none: %s', async (name, said) => {
  const folder = join(pair.folder, 'none', name);
  await mkdir(join(pair.folder, 'none', 'empty'), { recursive: true });
  const { code, out } = await runJudge(['models'], { env: { ...env, JUDGE_MODELS: folder } });
  expect(code).toBe(0);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(said);
});

describe('judge doctor', () => {
  test('finds this machine well', async () => {
    const { code, out } = await runJudge(['doctor'], { env });
    expect(out).toContain('strict decoding writes what plain decoding writes');
    expect(out).toMatch(/Drafting (pays|cannot pay) here.* A step of plain decoding takes \d+\.\d\d ms\./);
    for (const length of [4, 8, 16]) {
      expect(out).toMatch(
        new RegExp(`^ +${length} +\\d+\\.\\d\\d steps +(at once|from \\d+\\.\\d accepted|never)$`, 'm'),
      );
    }
    expect(code).toBe(0);
  });

  test('finds a cache folder that cannot be written', async () => {
    const { code, out } = await runJudge(['doctor'], {
      env: { ...env, JUDGE_CACHE: join(pair.target, 'config.json', 'cache') },
    });
    expect(out).toMatch(/bad\s+cache folder/);
    expect(code).toBe(3);
  });

  test.each([{ argv: [] }, { argv: ['--dtype', 'int8', '--exact'] }])(
    '--contract $argv holds the backend to every clause',
    async ({ argv }) => {
      // the contract closes models and sees that they are closed
      const { code, out } = await runJudgeFresh(['doctor', '--contract', '--json', ...argv], { env });
      const findings = JSON.parse(out) as readonly {
        readonly what: string;
        readonly state: string;
        readonly detail: string;
      }[];
      expect(findings.filter(({ state }) => state === 'bad')).toEqual([]);
      expect(findings.find(({ what }) => what === 'contract')?.detail).toContain('0 broken');
      expect(code).toBe(0);
    },
  );
});

test('judge inspect says what a head was fitted for', async () => {
  const { code, out } = await runJudge(['inspect', pair.head]);
  expect(code).toBe(0);
  expect(out).toContain('target (fp32), hidden size 32');
  expect(out).toContain('last layer, pre-norm, own row');
  expect(out).toContain('wrong stopped');
});

test('judge inspect says of which threshold counts are, what rows are read, and what is a control', async () => {
  const { headFile, targetFolder } = await import('@judge-decoding/pocket-pair');
  const head = await runJudge(['inspect', headFile('pre-norm-and-previous')], { columns: 200 });
  expect(head.out).toMatch(
    /recall on wrong tokens at mismatches +0\.\d+ \(at the threshold it was fitted with\)/,
  );
  const { out } = await runJudge(['inspect', targetFolder], { columns: 400 });
  expect(out).toMatch(/\/pre-norm\.safetensors: fits\. Reads pre-norm, /);
  expect(out).toMatch(
    /\/pre-norm-and-previous\.safetensors: fits\. Reads pre-norm and pre-norm of the row before, /,
  );
  expect(out).toMatch(/\/shuffled\.safetensors: fits\. A control/);
});

test('judge inspect says what a model is, and which heads fit', async () => {
  const other = await pair.writeHead('other.safetensors', (head) => ({
    ...head,
    provenance: {
      ...head.provenance,
      fingerprint: { ...head.provenance.fingerprint, tokenizer: 'another' },
    },
  }));
  const run = await runJudge(['inspect', pair.target, '--head', pair.head, other]);
  expect(run.code).toBe(0);
  // long lines are broken
  const out = run.out.replace(/\s+/g, ' ');
  expect(out).toMatch(/layers +2, hidden size 32/);
  expect(out).toMatch(/cache +0\.3 KiB a token/);
  expect(out).toContain(`${pair.head}: fits. Reads pre-norm, scored by cpu.`);
  expect(out).toContain('<|begin|><|turn|>user⏎…<|end|>⏎<|turn|>assistant⏎');
  expect(out).toMatch(/layers\.\*\.self_attn\.q_proj\.weight 32 × 32 2 F32/);
  expect(out).toMatch(/other\.safetensors: does not fit\. .*tokenizer another/);
  const beside = await runJudge(['inspect', pair.target]);
  expect(beside.out).toContain(`${USUAL_HEAD}.safetensors: fits`);
  const facts = JSON.parse((await runJudge(['inspect', pair.target, '--json'])).out);
  const { hiddenSize, layers } = facts.config;
  expect([hiddenSize, layers, facts.kvBytesPerToken]).toEqual([32, 2, 2 * 2 * 2 * 8 * 4]);
  const [cpu] = facts.backends;
  const dtypes = cpu.dtypes.map(({ dtype }: { readonly dtype: string }) => dtype);
  expect(dtypes).toEqual(BACKENDS.cpu!.dtypes);
  expect((await runJudge(['inspect', 'nowhere'])).code).toBe(3);
});

describe('help', () => {
  test('of the whole ends with examples and exit codes', async () => {
    const { code, out } = await runJudge(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('judge demo');
    expect(out).toContain('130  interrupted');
    expect((await runJudge([])).out).toBe(out);
  });

  test.each([
    [['help', 'chatt'], 'Expected a command of judge, got chatt. Did you mean chat?'],
    [['train', 'fitt'], 'Expected a command of judge train, got fitt. Did you mean fit?'],
  ])('%s asks for what there is not', async (argv, said) => {
    const { code, err } = await runJudge(argv);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  test('of replay claims no defaults of other commands', async () => {
    const { out } = await runJudge(['replay', '--help'], { columns: 200 });
    expect(out.replace(/\s+/g, ' ').match(/default: as in the trace/g)?.length).toBe(8);
    expect(out).not.toMatch(/default: (the embedded|auto|the model)/);
  });

  test.each([['train'], ['help', 'train']])('%s %s shows what can be trained', async (...argv) => {
    const { code, out } = await runJudge(argv);
    expect(code).toBe(0);
    expect(out).toContain('fit [options]');
  });

  test.each([
    [],
    ['demo'],
    ['generate'],
    ['chat'],
    ['problems'],
    ['train', 'fit'],
    ['inspect'],
    ['replay'],
    ['models'],
    ['doctor'],
  ])('of %s %s fits 60 columns, but for commands to copy, and shows some', async (...argv) => {
    const { code, out } = await runJudge([...argv, '--help'], { columns: 60 });
    expect(code).toBe(0);
    const long = out
      .split('\n')
      .filter((line) => line.length > 60 && !/^ {2}(\w+=\S+ )?judge |^ {4}--[a-z-]+ '/.test(line));
    expect(long).toEqual([]);
    expect(out).toContain('Examples:');
  });

  test('of a command groups its flags and lists familiar names', async () => {
    const { code, out } = await runJudge(['generate', '--help']);
    expect(code).toBe(0);
    for (const text of ['Verification:', 'Sampling:', '-md, --model-draft', "--speculative-config '{"]) {
      expect(out).toContain(text);
    }
  });
});
