import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cudaBackend, engineAt } from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { readHead } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { buildStandIn, compiler, NO_COMPILER } from '../../../packages/backend-cuda/test/stand-in.ts';
import { type Recorded, type RecordedProblem, recordedRounds } from '../src/recorded.ts';
import type { ReplayResult } from '../src/replay.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

if (compiler === undefined) {
  test(`parts over the stand-in: ${NO_COMPILER}`, () => console.log(`gpu-report: ${NO_COMPILER}`));
} else {
  const library = buildStandIn();
  const out = mkdtempSync(join(tmpdir(), 'judge-gpu-report-'));
  const run = (part: string, more: readonly string[] = []) =>
    execFileSync(
      process.execPath,
      [
        ...['--import', 'tsx', '--conditions=@judge-decoding/source', main],
        ...[part, '--quick', '--library', library, '--out', out, ...more],
      ],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)) },
    );

  test('parts run, and a second run has nothing left to do', () => {
    for (const part of ['rows', 'speed', 'prefill', 'sessions', 'open', 'faults'])
      expect(run(part)).toContain('report.md');
    // what keeps items is one piece of code for all parts
    for (const part of ['rows', 'open']) expect(run(part)).toContain('done before');
    expect(() => run('rows', ['--only', 'no such'])).toThrow(/no item of rows/);
    const { engines, parts } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    expect(engines).toHaveLength(1);
    const items = (name: string) =>
      Object.values(parts.find(({ part }: { part: string }) => part === name).items) as Record<
        string,
        unknown
      >[];
    for (const { differ, compared } of items('rows')) {
      expect(differ).toBe(0);
      expect(compared).toBeGreaterThanOrEqual(1000);
    }
    // longer than what is read behind the context
    expect(items('speed')[0]!.prefill).toMatchObject({ tokens: 200 });
    for (const { outcome, seen } of items('faults'))
      expect([outcome, seen]).toEqual(['kept', expect.any(String)]);
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    for (const heading of ['## speed', '## prefill', '## sessions', '## open', '## rows', '## faults'])
      expect(report).toContain(heading);
    expect(report).toContain('which is assumed');
  });

  // a head that reads the row before, too: its first row of a round is the round's own
  test.each(['pre-norm', 'pre-norm-and-previous'])(
    'rounds that the same arithmetic decided with %s are decided alike; a changed one is found and told',
    async (kind) => {
      const pair = fileURLToPath(new URL('../../../packages/pocket-pair', import.meta.url));
      const engine = await engineAt(library);
      const backend = cudaBackend({ engine, dtype: 'bf16' });
      const [target, draft] = [
        await backend.open(join(pair, 'target')),
        await backend.open(join(pair, 'draft')),
      ];
      const head = readHead(readFileSync(join(pair, 'heads', `${kind}.safetensors`)));
      const checkpoint = await openCheckpoint(join(pair, 'target'));
      const problems: RecordedProblem[] = [];
      const decoding = { target, draft, head, tokenizer: checkpoint.tokenizer, count: 1, maxTokens: 64 };
      for await (const problem of recordedRounds(decoding)) problems.push(problem);
      const { weights } = target.info.fingerprint;
      await Promise.all([target.dispose(), draft.dispose(), checkpoint.dispose()]);
      const replayed = (name: string, changed: readonly RecordedProblem[]) => {
        const file = join(out, `${kind}-${name}.json`);
        const recorded: Recorded = {
          ...{ by: 'stand-in bf16', weights, head: kind, threshold: head.threshold, problems: changed },
        };
        writeFileSync(file, JSON.stringify(recorded));
        const folder = join(out, `${kind}-${name}`);
        run('replay', ['--out', folder, '--recorded', file]);
        const { items } = JSON.parse(readFileSync(join(folder, 'replay.json'), 'utf8'));
        return Object.values(items)[0] as ReplayResult;
      };
      const same = replayed('same', problems);
      expect(same.differ).toEqual([]);
      expect(same.scoreLargest).toBeLessThan(1e-5);
      expect(same.decisions).toBeGreaterThan(20);
      const { rounds } = problems[0]!;
      // one whose last token no threshold excuses
      const far = rounds.findIndex(({ tokens, scores }) => {
        const score = scores[tokens.length - 1];
        return score === undefined || Math.abs(score - head.threshold) > 0.01;
      });
      const first = rounds[far];
      const tokens = first!.tokens.map((id, at) => (at === first!.tokens.length - 1 ? (id + 1) % 100 : id));
      const other = [{ ...problems[0]!, rounds: [...rounds.slice(0, far), { ...first!, tokens }] }];
      const { differ } = replayed('other', other);
      expect(differ).toMatchObject([{ round: far + 1, at: tokens.length - 1, excused: null }]);
    },
  );

  test('a pair of somebody’s models answers questions, strictly and plainly, and is read in few bits', async () => {
    const [target, draft] = [join(out, 'target'), join(out, 'draft')];
    await makeTinyCheckpoint(target, { contextLength: 2048 });
    await makeTinyCheckpoint(draft, { contextLength: 2048, seed: 2 });
    const questions = join(out, 'questions.jsonl');
    const rows = ['How many?', 'How much?'].map((prompt) => ({ prompt, grader: 'number', answer: '1' }));
    writeFileSync(questions, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    run('real-pair', ['--target', target, '--draft', draft, '--questions', questions]);
    const { items } = JSON.parse(readFileSync(join(out, 'real-pair.json'), 'utf8'));
    expect(items['answers, int4 0']).toMatchObject({ kind: 'answers', questions: 2, differ: [] });
    expect(items['answers, bf16 0'].tokens).toBeGreaterThan(2);
    // bf16's own answers, predicted again
    expect(items['few bits, int8 0'].rows).toBe(items['answers, bf16 0'].tokens);
    expect(items['few bits, int8 0'].klMean).toBeLessThan(items['few bits, int4 0'].klMean);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('## real-pair');
  });

  test('models over ranks agree with one rank, and the planner’s word stands beside', () => {
    expect(run('several')).toContain('report.md');
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    expect(report).toContain('## several');
    expect(report).toContain('cuda:0,0,0,0,0,0,0,0');
    expect(report).not.toMatch(/\| NO \||OTHER BITS/);
  });

  test('the contract over two ranks leaves out what does not divide, and says so', () => {
    const folder = join(out, 'two');
    run('contract', ['--device', 'cuda:0,0', '--only', 'odd widths', '--out', folder]);
    const { items } = JSON.parse(readFileSync(join(folder, 'contract.json'), 'utf8'));
    expect(items['bf16, odd widths'].refused).toContain('to divide by 2 GPUs');
    const report = readFileSync(join(folder, 'report.md'), 'utf8');
    expect(report).not.toContain('| bf16, odd widths |');
    expect(report).toContain('they do not divide by the GPUs: bf16, odd widths.');
  });
}
