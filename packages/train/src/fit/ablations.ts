import { JudgeDecodingError } from '@judge-decoding/core';
import { isOurs, type ShardShare } from '@judge-decoding/long-work';
import type { FeatureSet } from '../features/feature-set.ts';
import type { FeatureName } from '../features/feature-shard.ts';
import type { Watch } from '../progress.ts';
import { type AucEstimate, aucEstimate } from './auc-interval.ts';
import {
  type Examples,
  examplesOf,
  examplesWhere,
  type HeadShape,
  inputsOf,
  splitByProblem,
} from './examples.ts';
import { fitLogistic } from './fit-logistic.ts';
import { fitMlp } from './fit-mlp.ts';
import { logitsOf } from './linear-model.ts';

/** One head that was fitted to be compared, and how it does on problems that it has not seen. */
export interface Ablation {
  /** What is varied: layer, norm, row, kind of head, which models, data, domain. */
  readonly group: string;
  readonly name: string;
  /** Tokens that it was fitted on. */
  readonly fitted: number;
  /** Numbers that it reads. */
  readonly inputs: number;
  /** Where standard verification rejects. */
  readonly mismatches: AucEstimate;
  /** Over all labelled tokens. */
  readonly all: AucEstimate;
  /** Why it could not be fitted: too few tokens of a class, say. */
  readonly failed?: string;
}

export interface AblationOptions extends Watch {
  readonly train: FeatureSet;
  /** Problems that nothing is fitted on. */
  readonly heldOut: FeatureSet;
  readonly fitOn?: 'all' | 'mismatches';
  readonly validationShare?: number;
  /** C of the logistic regressions: the one with the best validation AUC counts. */
  readonly grid?: readonly number[];
  readonly groups?: readonly AblationGroup[];
  /** Tokens fitted on for the learning curve. */
  readonly sizes?: readonly number[];
  readonly hiddenUnits?: number;
  readonly seed?: number;
  readonly budget?: number;
  /** Several processes may share the work; each gets the ablations of its share. */
  readonly share?: ShardShare;
}

/** What heads are made to differ in, one thing at a time. */
export const ABLATION_GROUPS = ['layer', 'norm', 'row', 'kind', 'models', 'data', 'domain'] as const;
export type AblationGroup = (typeof ABLATION_GROUPS)[number];

const SIZES = [1000, 2000, 5000, 10_000, 20_000, 30_000];

/**
 * Heads that differ in one thing each from logistic regression on the last layer's pre-norm state, as
 * far as the features allow: other layers, the other norm, the row before, an MLP, several layers, the
 * draft's state, fewer tokens, a domain left out. All by the same recipe, so that the differences mean something.
 */
export async function ablations(options: AblationOptions): Promise<readonly Ablation[]> {
  const { train, heldOut, groups = ABLATION_GROUPS, onProgress, signal } = options;
  const { fitOn = 'mismatches', validationShare = 0.15, grid = [1e-4, 1e-3, 1e-2, 1e-1] } = options;
  const { seed = 0, sizes = SIZES, hiddenUnits = 32, budget } = options;
  const all = examplesOf(train);
  const asked = fitOn === 'all' ? all : examplesWhere(all, (i) => all.mismatch[i] === 1);
  const { rest, part } = splitByProblem(asked, validationShare, seed);
  const measured = examplesOf(heldOut);
  const plan: { group: AblationGroup; name: string; run: () => Promise<Ablation> }[] = [];
  const rate = (scores: Float64Array, examples: Examples, mismatches: boolean) => {
    const kept = examplesWhere(examples, (i) => !mismatches || examples.mismatch[i] === 1);
    const picked = mismatches ? scores.filter((_, i) => examples.mismatch[i] === 1) : scores;
    return aucEstimate(picked, kept, { seed });
  };
  const linear =
    (group: AblationGroup, name: string, shape: HeadShape, fitted = rest, on = measured) =>
    async (): Promise<Ablation> => {
      const inputs = inputsOf(train, shape);
      const { model } = await fitLogistic(inputs, fitted, part, { grid, budget, signal });
      const scores = logitsOf(model, inputsOf(heldOut, shape), on);
      return ablation(group, name, fitted, model.weights.length, scores, on);
    };
  const ablation = (
    group: AblationGroup,
    name: string,
    { count }: Examples,
    inputs: number,
    scores: Float64Array,
    on: Examples,
  ): Ablation => ({
    group,
    name,
    fitted: count,
    inputs,
    mismatches: rate(scores, on, true),
    all: rate(scores, on, false),
  });
  const add = (group: AblationGroup, name: string, terms: HeadShape['terms']) => {
    if (terms.every(({ state }) => train.states[state] !== undefined && heldOut.states[state] !== undefined))
      plan.push({ group, name, run: linear(group, name, { name, terms }) });
  };
  const own = (state: FeatureName) => ({ state, row: 'own' as const });
  const before = (state: FeatureName) => ({ state, row: 'previous' as const });

  const layers = Object.keys(train.states).filter((name): name is FeatureName => /^layer-\d+$/.test(name));
  layers.sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)));
  for (const layer of layers) add('layer', layer.replace('-', ' '), [own(layer)]);
  add('layer', 'last', [own('pre-norm')]);
  add('norm', 'pre-norm', [own('pre-norm')]);
  add('norm', 'post-norm', [own('post-norm')]);
  add('row', 'own', [own('pre-norm')]);
  add('row', 'previous', [before('pre-norm')]);
  add('row', 'own and previous', [own('pre-norm'), before('pre-norm')]);
  add('kind', 'linear', [own('pre-norm')]);
  plan.push({
    group: 'kind',
    name: `MLP, ${hiddenUnits} units`,
    async run() {
      const shape: HeadShape = { name: 'mlp', terms: [own('pre-norm')] };
      const inputs = inputsOf(train, shape);
      const score = await fitMlp(inputs, rest, part, { hidden: hiddenUnits, seed, budget, signal });
      const scores = await score(inputsOf(heldOut, shape), measured);
      return ablation('kind', this.name, rest, train.hiddenSize, scores, measured);
    },
  });
  const middle = layers[layers.length >> 1];
  if (middle !== undefined)
    add('kind', `linear, ${middle.replace('-', ' ')} and last`, [own(middle), own('pre-norm')]);
  add('models', 'target', [own('pre-norm')]);
  add('models', 'draft', [own('draft-pre-norm')]);
  add('models', 'target and draft', [own('pre-norm'), own('draft-pre-norm')]);
  const base: HeadShape = { name: 'base', terms: [own('pre-norm')] };
  for (const size of [...sizes.filter((one) => one < rest.count), rest.count])
    plan.push({
      group: 'data',
      name: `${size} tokens`,
      run: linear('data', `${size} tokens`, base, firstProblems(rest, size)),
    });
  const domains = [...new Set(train.solutions.map(({ domain }) => domain))];
  const domainOf = (set: FeatureSet, row: number) => set.solutions[set.columns.solution[row]!]!.domain;
  for (const domain of domains.length < 2 ? [] : domains) {
    const there = examplesWhere(measured, (i) => domainOf(heldOut, measured.row[i]!) === domain);
    const others = examplesWhere(rest, (i) => domainOf(train, rest.row[i]!) !== domain);
    plan.push(
      {
        group: 'domain',
        name: `all, on ${domain}`,
        run: linear('domain', `all, on ${domain}`, base, rest, there),
      },
      {
        group: 'domain',
        name: `without ${domain}, on ${domain}`,
        run: linear('domain', `without ${domain}, on ${domain}`, base, others, there),
      },
    );
  }
  const wanted = plan
    .filter(({ group }) => groups.includes(group))
    .filter((_, i) => isOurs(i, options.share));
  const found: Ablation[] = [];
  for (const [done, one] of wanted.entries()) {
    onProgress?.({ phase: 'ablations', done, total: wanted.length });
    found.push(
      await one.run().catch((error): Ablation => {
        if (!JudgeDecodingError.is(error, 'invalid-input')) throw error;
        const none: AucEstimate = { auc: Number.NaN, low: Number.NaN, high: Number.NaN, tokens: 0, wrong: 0 };
        const { group, name } = one;
        return { group, name, fitted: 0, inputs: 0, mismatches: none, all: none, failed: error.message };
      }),
    );
  }
  onProgress?.({ phase: 'ablations', done: wanted.length, total: wanted.length });
  return found;
}

/** As many whole problems, in the order of their numbers, as have about so many tokens. */
function firstProblems(examples: Examples, tokens: number): Examples {
  if (tokens >= examples.count) return examples;
  let [last, count] = [-1, 0];
  const counts = new Map<number, number>();
  for (const problem of examples.problem) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  for (const problem of [...counts.keys()].sort((a, b) => a - b)) {
    if (count >= tokens) break;
    count += counts.get(problem)!;
    last = problem;
  }
  return examplesWhere(examples, (i) => examples.problem[i]! <= last);
}
