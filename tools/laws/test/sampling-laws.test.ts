import { tableModel } from '@judge-decoding/backend-contract';
import {
  buildRule,
  complete,
  draftSession,
  ensemble,
  fixedText,
  judged,
  lenience,
  lossless,
  parseRule,
  RULES,
  type Rule,
  rule,
  type TokenId,
} from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { chiSquare, critical, expectedTexts } from './chi-square.ts';
import { headFor } from './pair.ts';

// three tokens; what follows depends on the last one; draft and target disagree a good deal
const TARGET = [
  [0.6, 0.3, 0.1],
  [0.1, 0.2, 0.7],
  [0.35, 0.35, 0.3],
];
const DRAFT = [
  [0.2, 0.3, 0.5],
  [0.5, 0.3, 0.2],
  [0.3, 0.6, 0.1],
];
const DRAWS = 100_000;
const FIRST: TokenId = 1;

const target = tableModel({ vocab: 3, order: 2, next: (last) => TARGET[last]! });
const draft = tableModel({ vocab: 3, order: 2, next: (last) => DRAFT[last]! });

/** Texts of three tokens at draft length 3, so that rejected positions are drafted again in later rounds. */
async function draw(rule: Rule, oneHot = false): Promise<Map<string, number>> {
  const session = await target.openSession();
  const drafting = await draft.openSession();
  const source = draftSession(draft, drafting);
  const counts = new Map<string, number>();
  let cached: Awaited<ReturnType<typeof complete>>['target'] | undefined;
  for (let seed = 0; seed < DRAWS; seed++) {
    const { tokens, target: next } = await complete({
      model: target.info,
      target: cached ?? session,
      draft: oneHot ? fixedText([2, 0, 1], { promptLength: 2 }) : source,
      prompt: [0, FIRST],
      rule,
      draftLength: 3,
      maxTokens: 3,
      sampling: { temperature: 1 },
      seed,
      guards: 'off',
    });
    cached = next;
    const text = tokens.join(' ');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

const lastOf = (before: readonly TokenId[]) => before.at(-1) ?? FIRST;
const targetLaw = expectedTexts(3, 3, (before) => TARGET[lastOf(before)]!);

// whoever calls a rule lossless in the table is held to it
const keeping = RULES.filter((row) => row.kind === 'base' && row.lossless).map(
  (row) => [row.name, buildRule(parseRule(row.name), { sampling: { temperature: 1 } })] as const,
);

test('the table calls rules lossless', () => expect(keeping.length).toBeGreaterThanOrEqual(3));

test.each(keeping)('%s keeps the target’s distribution', async (_, lossy) => {
  const { statistic, freedom } = chiSquare(await draw(lossy), targetLaw, DRAWS);
  expect(freedom).toBe(26);
  expect(statistic).toBeLessThan(critical(freedom));
});

test('speculative sampling keeps the target’s distribution with a one-hot draft', async () => {
  const { statistic, freedom } = chiSquare(await draw(rule(lossless()), true), targetLaw, DRAWS);
  expect(statistic).toBeLessThan(critical(freedom));
});

/** One position's output with an admission J: min(p, q) + J max(0, q - p) + (R/D) max(0, p - q). */
function judgedLaw(p: readonly number[], q: readonly number[], admits: readonly boolean[]): number[] {
  const deficit = p.reduce((sum, value, x) => sum + Math.max(0, value - q[x]!), 0);
  const refused = q.reduce((sum, value, x) => sum + (admits[x] ? 0 : Math.max(0, value - p[x]!)), 0);
  return p.map(
    (value, x) =>
      Math.min(value, q[x]!) +
      (admits[x] ? Math.max(0, q[x]! - value) : 0) +
      (refused / deficit) * Math.max(0, value - q[x]!),
  );
}

test('judged sampling has the documented law, and not the target’s', async () => {
  // the judge admits token x after y in these pairs; the table model's state says which pair it is
  const ADMITS = [
    [false, true, true],
    [true, false, false],
    [false, true, false],
  ];
  const weights = new Float64Array(target.info.hiddenSize);
  ADMITS.forEach((row, previous) => {
    row.forEach((admitted, last) => {
      weights[target.stateOf(last, previous)] = admitted ? 5 : -5;
    });
  });
  const head = headFor(target, (i) => weights[i]!);
  const counts = await draw(rule(lossless(), judged(head, { threshold: 0.5 })));
  const law = expectedTexts(3, 3, (before) => {
    const last = lastOf(before);
    return judgedLaw(TARGET[last]!, DRAFT[last]!, ADMITS[last]!);
  });
  const { statistic, freedom } = chiSquare(counts, law, DRAWS);
  expect(statistic).toBeLessThan(critical(freedom));
  expect(chiSquare(counts, targetLaw, DRAWS).statistic).toBeGreaterThan(1000);
});

test('lenience has the law min(q, p/l) + rest of norm(max(0, p - q))', async () => {
  const l = 0.5;
  const law = expectedTexts(3, 3, (before) => {
    const [p, q] = [TARGET[lastOf(before)]!, DRAFT[lastOf(before)]!];
    const kept = p.map((value, x) => Math.min(q[x]!, value / l));
    const rest = 1 - kept.reduce((a, b) => a + b, 0);
    const deficit = p.reduce((sum, value, x) => sum + Math.max(0, value - q[x]!), 0);
    return p.map((value, x) => kept[x]! + (rest / deficit) * Math.max(0, value - q[x]!));
  });
  const { statistic, freedom } = chiSquare(await draw(rule(lenience(l))), law, DRAWS);
  expect(statistic).toBeLessThan(critical(freedom));
});

test('the static ensemble has the law w p + (1 - w) q', async () => {
  const w = 0.6;
  const law = expectedTexts(3, 3, (before) =>
    TARGET[lastOf(before)]!.map((p, x) => w * p + (1 - w) * DRAFT[lastOf(before)]![x]!),
  );
  const { statistic, freedom } = chiSquare(await draw(rule(ensemble(w, 'sampling'))), law, DRAWS);
  expect(statistic).toBeLessThan(critical(freedom));
});
