import {
  exactMatch,
  generate,
  type HeadTerm,
  type HiddenState,
  type JudgeHead,
  judged,
  judgeLogit,
  logitOf,
  probabilityOf,
  type Round,
  type RoundResult,
  rule,
  type TokenId,
} from '@judge-decoding/core';
import type { Clause, ClauseContext } from '../clause.ts';
import { ensure, ensureClose, ensureSame } from '../ensure.ts';
import { dotOf } from '../row-math.ts';
import { spoiledDraft } from '../spoiled-draft.ts';

const TEXTS = 4;
const LENGTH = 24;
const PROMPT = 6;
const STATES: readonly HiddenState[] = ['pre-norm', 'post-norm'];

/** What a head lets in, against the same head on the host. */
export const judgeClauses: readonly Clause[] = [
  {
    id: 'judge/same-decisions',
    promise:
      'a judge lets in the drafted tokens that the hidden states say it should, in float64, and no others',
    needs: ['argmax', 'judge', 'hidden'],
    async run(context) {
      const { model } = context;
      const head = await balancedHead(context);
      let [admitted, refused] = [0, 0];
      for (let index = 0; index < context.times(TEXTS); index++) {
        const prompt = context.tokens(PROMPT);
        const draft = spoiledDraft(context, [...prompt, ...context.tokens(LENGTH)]);
        const rounds = generate({
          model: model.info,
          target: await context.openSession(),
          prompt,
          draft,
          rule: rule(exactMatch(), judged(head)),
          guards: 'off',
          maxTokens: LENGTH,
        });
        for await (const result of rounds) {
          await ensureSameDecisions(context, head, result);
          admitted += result.tokens.filter(({ source }) => source === 'judge').length;
          refused += result.tokens.filter(({ source }) => source === 'recovered').length;
        }
      }
      ensure(
        admitted > 0 && refused > 0,
        `expected admitted and refused tokens, got ${admitted} and ${refused}`,
      );
    },
  },
];

/** A head of three terms that lets in about every other token of a random text. */
async function balancedHead(context: ClauseContext): Promise<JudgeHead> {
  const { model, uniform } = context;
  const { hiddenSize, dtype, fingerprint } = model.info;
  const term = (state: HiddenState, row: HeadTerm['row']): HeadTerm => ({
    layer: 'last',
    state,
    row,
    weights: Float32Array.from({ length: hiddenSize }, () => uniform() * 2 - 1),
  });
  const head: JudgeHead = {
    terms: [term('pre-norm', 'own'), term('post-norm', 'own'), term('pre-norm', 'previous')],
    bias: 0,
    threshold: 0.5,
    hiddenSize,
    provenance: { model: model.info.name, fingerprint, dtype, data: '', metrics: {}, calibration: [] },
  };
  const text = context.tokens(17);
  const logits = (await hostLogits(context, head, text, 1))
    .map(({ logit }) => logit)
    .sort((left, right) => left - right);
  return { ...head, bias: -logits[logits.length >> 1]! };
}

interface HostLogit {
  readonly logit: number;
  /** What the rounding of the backend's dot products is measured by. */
  readonly scale: number;
}

/** The head's score of every token from `first` on, from the hidden states of a fresh session. */
async function hostLogits(
  context: ClauseContext,
  head: JudgeHead,
  text: readonly TokenId[],
  first: number,
): Promise<HostLogit[]> {
  const { hiddenSize } = context.model.info;
  const session = await context.openSession();
  const { hidden } = await session.forward(text, { hidden: STATES });
  await session.dispose();
  const stateOf = ({ state }: HeadTerm, row: number) =>
    hidden[STATES.indexOf(state)]!.subarray(row * hiddenSize, (row + 1) * hiddenSize);
  return Array.from({ length: text.length - first }, (_, index) => {
    const row = first + index;
    let scale = Math.abs(head.bias);
    const logit = judgeLogit(head, row, (term, at) => {
      const state = stateOf(term, at);
      scale += Math.sqrt(dotOf(term.weights, term.weights) * dotOf(state, state));
      return dotOf(term.weights, state);
    });
    return { logit, scale };
  });
}

async function ensureSameDecisions(
  context: ClauseContext,
  head: JudgeHead,
  result: RoundResult,
): Promise<void> {
  const { round, scores, tokens } = result;
  const { close } = context.tolerance;
  if (round.draft.length === 0) return;
  const cut = logitOf(head.threshold);
  const host = await hostLogits(context, head, [...round.text, ...round.draft], round.text.length);
  ensureSame(scores.length, round.draft.length, 'number of scores');
  for (const [index, { logit, scale }] of host.entries()) {
    const where = `drafted token ${index} after ${round.text.length} tokens`;
    ensureClose([scores[index]!], [probabilityOf(logit)], close * scale, `score of ${where}`, 1);
    if (index >= tokens.length) continue;
    // A score this near the threshold may fall either way.
    if (Math.abs(logit - cut) <= close * scale) return;
    const { source } = tokens[index]!;
    ensureSame(source, decision(round, index, logit > cut), `source of ${where}`);
    if (source === 'recovered') return;
  }
}

function decision({ draft, target }: Round, index: number, passes: boolean): string {
  if (draft[index] === target.argmax(index)) return 'standard';
  return passes ? 'judge' : 'recovered';
}
