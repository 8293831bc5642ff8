import { buildRule, cachedText, GREEDY, type Model, parseRule, type RuleSpec } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  askAgain,
  atThreshold,
  keptOf,
  opinionsOf,
  rebuiltRound,
  replan,
  scriptedDraft,
  type Trace,
  watched,
  whyNotReplanned,
} from '../src/index.ts';
import { head, pair, toyTrace } from './toy-trace.ts';

/** The oracle: the models themselves, asked about the same drafts on the same texts. */
async function askModels(trace: Trace, spec: RuleSpec) {
  const target = pair.target as Model;
  const cache = cachedText(await target.openSession());
  const rule = watched(buildRule(spec, { sampling: GREEDY, head }));
  const text = [...trace.prompt];
  const answers = [];
  for (const { draft, tokens } of trace.rounds) {
    const { tokens: again } = await askAgain(
      { trace, target, stop: {}, rule, allowOtherWeights: false, signal: { aborted: false } },
      text,
      cache,
      scriptedDraft(draft, undefined, undefined),
    );
    answers.push(again.map(({ id, source }) => `${id} ${source}`));
    text.push(...tokens.map(({ id }) => id));
  }
  return answers;
}

const said = (trace: Trace, spec: RuleSpec) =>
  replan(trace, spec).map(({ tokens }) => tokens.map(({ id, source }) => `${id} ${source}`));

describe('what another rule would have decided, from a trace alone', () => {
  test.each([
    'judge',
    'judge:0.2',
    'judge:0.8',
    'judge:1',
    'strict',
    'topk:3',
    'mars:0.5',
    'typical',
    'fly:1',
    'floor:0.05',
    'judge:0.7+topk:2',
  ])('%s decides as the models do', async (other) => {
    const trace = await toyTrace(parseRule('judge'), { seed: 1 });
    const spec = parseRule(other);
    const models = await askModels(trace, spec);
    expect(said(trace, spec)).toEqual(models);
    expect(trace.rounds.length).toBeGreaterThan(5);
  });

  test('the threshold it ran with changes nothing, a lower one never accepts less', async () => {
    const trace = await toyTrace(parseRule('judge:0.6'), { seed: 2 });
    expect(replan(trace, trace.verify).some(({ differs }) => differs)).toBe(false);
    const accepted = (threshold: number) =>
      replan(trace, atThreshold(trace.verify, threshold)).map((round) => round.accepted);
    const thresholds = [1, 0.9, 0.6, 0.3, 0.1, 0];
    for (const [index, threshold] of thresholds.slice(1).entries()) {
      const [more, less] = [accepted(threshold), accepted(thresholds[index]!)];
      expect(more.every((count, round) => count >= less[round]!)).toBe(true);
    }
    expect(accepted(0).reduce((a, b) => a + b)).toBeGreaterThan(accepted(1).reduce((a, b) => a + b));
  });

  test('what a trace does not keep is said', async () => {
    const trace = await toyTrace(parseRule('judge'));
    expect(whyNotReplanned(trace, parseRule('kl:0.3'))).toMatch(/the draft’s distributions/);
    expect(whyNotReplanned(trace, parseRule('topk:50'))).toMatch(/more than the 5 most likely/);
    expect(whyNotReplanned(trace, parseRule('strict'))).toBeUndefined();
    const sampled = await toyTrace(parseRule('strict'), { sampling: { temperature: 1 } });
    expect(whyNotReplanned(sampled, parseRule('judge'))).toMatch(/sampled/);
    expect(() => replan(sampled, parseRule('judge'))).toThrow(/sampled/);
  });
});

test('opinions of a round begin with what was kept', async () => {
  const spec = parseRule('judge:0.6');
  const trace = await toyTrace(spec, { seed: 3 });
  const { base, admission } = buildRule(spec, { sampling: GREEDY, head });
  for (const [index, { tokens }] of trace.rounds.entries()) {
    const { round, guards } = rebuiltRound(trace, index);
    const opinions = opinionsOf(round, base, admission, guards);
    const accepted = tokens.filter(({ source }) => source !== 'recovered' && source !== 'bonus');
    if (index < trace.rounds.length - 1) expect(keptOf(opinions)).toBe(accepted.length);
    expect(opinions.slice(0, accepted.length)).toEqual(
      accepted.map(({ source }) => (source === 'judge' ? 'admitted' : 'standard')),
    );
  }
});
