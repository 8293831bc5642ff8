import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toyPair } from '@judge-decoding/backend-contract';
import { main } from '@judge-decoding/cli';
import {
  type AdmissionRow,
  buildRule,
  draftSession,
  exactMatch,
  exampleTextOf,
  generate,
  parseRule,
  RULES,
  type RuleRow,
  rule,
  signatureOf,
  UNGUARDED,
  verify,
} from '@judge-decoding/core';
import { parseArm, ruleOf } from '@judge-decoding/eval';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf, written } from '../src/documents.ts';

// CONTRIBUTING's recipe, followed: its file stands beside core's rules, its row behind the table
const extracted = fileURLToPath(new URL(`./.recipe-${process.pid}.ts`, import.meta.url));
let row: AdmissionRow;
let rules: readonly RuleRow[];

beforeAll(async () => {
  const text = await readFile(pathOf('CONTRIBUTING.md'), 'utf8');
  const code = /## Add an accept rule[\s\S]*?```ts\n([\s\S]*?)```/.exec(text)![1]!;
  await writeFile(extracted, code.replaceAll("from './", "from '../../../packages/core/src/rules/"));
  ({ CLOSE_CALL: row } = await import(/* @vite-ignore */ extracted));
  rules = [...RULES, row];
});
afterAll(() => rm(extracted, { force: true }));

/** The command line over the table, what it prints as one line. */
async function judge(...argv: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const sink = { isTerminal: false, columns: 80, write };
  const terminal = {
    ...{ out: sink, err: sink, input: { isTerminal: true, stream: process.stdin }, env: {} },
    ...{ onInterrupt: () => () => undefined, leave: () => undefined, now: () => 0 },
  };
  const code = await main(argv, { terminal, rules });
  return { code, said: said.replaceAll(/\s+/g, ' ') };
}

/** Every package's tests, and docs/. */
async function testsAndDocuments(): Promise<readonly string[]> {
  const folders = [pathOf('docs')];
  for (const group of ['packages', 'apps', 'tools'])
    for (const name of await readdir(pathOf(group))) folders.push(join(pathOf(group), name, 'test'));
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder, { recursive: true }).catch(() => [])).map((name) => join(folder, name)),
    ),
  );
  return found.flat().filter((path) => path !== extracted && /\.(?:ts|md)$/.test(path));
}

describe('a rule added as CONTRIBUTING says', () => {
  test('is read, built and held to its ranges', () => {
    const { admission } = buildRule(
      parseRule('close-call:0.7', { rules }),
      { sampling: { temperature: 0 } },
      rules,
    );
    expect(admission!.name).toBe('close-call');
    expect(() => parseRule('close-call:2', { rules })).toThrow('a number above 0, at most 1 for ratio');
    expect(() => parseRule('close-cal', { rules })).toThrow('Did you mean close-call?');
  });

  test('is in the help, with its sentence, source and default', async () => {
    const { code, said } = await judge('generate', '--help');
    expect(code).toBe(0);
    expect(said).toContain(`${signatureOf(row)} ${row.sentence} (${row.source}; ratio 0.5)`);
  });

  test.each([
    [['--verify', 'close-call:0']],
    [['--speculative-config', '{"verify":{"allOf":["close-call:0","topk:2"]}}']],
  ])('is refused by %s as ours are', async (flags) => {
    const { code, said } = await judge('generate', 'x', ...flags);
    expect(code).toBe(2);
    expect(said).toContain('a number above 0, at most 1 for ratio in close-call[:ratio]');
  });

  test('is an arm of evaluations', () => {
    const arm = parseArm('close-call:0.7+kl:0.3/4', { draftLength: 16, rules });
    expect(arm).toMatchObject({ name: 'close-call:0.7+kl:0.3', draftLength: 4 });
    if (arm.decode !== 'speculative') expect.unreachable();
    else
      expect(ruleOf(arm.verify, undefined as never, { rules }, { temperature: 0 }).name).toContain(
        'close-call',
      );
  });

  test('keeps the law: an admission only adds', async () => {
    let more = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { target, draft } = toyPair({ seed, vocab: 11, agreement: 0.7, context: 64 });
      const admission = row.build({ ratio: 0.2 }, { sampling: { temperature: 0 } });
      const rounds = generate({
        model: target.info,
        target: await target.openSession(),
        draft: draftSession(draft, await draft.openSession()),
        ...{ prompt: [1, 2, 3], maxTokens: 30, rule: rule(exactMatch(), admission) },
      });
      for await (const { round } of rounds) {
        const alone = verify(round, rule(exactMatch()), UNGUARDED).sources.length;
        const withIt = verify(round, rule(exactMatch(), admission), UNGUARDED).sources;
        expect(withIt.length).toBeGreaterThanOrEqual(alone);
        more += withIt.length - alone;
      }
    }
    expect(more).toBeGreaterThan(5);
  });

  test('is in every document that shows the table', async () => {
    for (const document of ['README.md', 'docs/rules.md'])
      expect(await written(document, rules)).toContain(`| \`${signatureOf(row)}\` | ${row.sentence} |`);
    expect(exampleTextOf(row)).toBe('close-call');
  });

  test('has a name that no row of tests and documents bears: those rows could not stand beside it', async () => {
    const others = (await testsAndDocuments()).filter((path) => path !== fileURLToPath(import.meta.url));
    expect(others.length).toBeGreaterThan(100);
    for (const path of others)
      expect(await readFile(path, 'utf8'), path).not.toContain(`name: '${row.name}'`);
  });
});
