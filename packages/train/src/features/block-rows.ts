import {
  type HiddenName,
  JudgeDecodingError,
  klDivergence,
  type OutputRequest,
  type Outputs,
  type Session,
  type TokenId,
  throwIfAborted,
} from '@judge-decoding/core';
import type { Swap } from '../labels/labelled-solution.ts';
import type { Watch } from '../progress.ts';
import type { FeatureName } from './feature-shard.ts';

/** What the target knows about one token of a solution, from the pass in which it was verified. */
export interface TokenRow {
  /** Index in the solution. */
  readonly position: number;
  readonly token: TokenId;
  /** The target's own choice in its place: standard verification rejects where it differs. */
  readonly argmax: TokenId;
  /** ln of the target's probability of the token. */
  readonly chosen: number;
  /** ln of the probability of the target's own choice. */
  readonly topLogProb: number;
  /** Nats. */
  readonly entropy: number;
  /** Raw logit of the second choice over that of the first. */
  readonly topRatio: number;
  /** KL of target and draft, nats; NaN without a draft. Reckoned when it is asked for: it takes a vocabulary. */
  readonly divergence: number;
  /** By state as asked for: [its width] after reading the token. Views, valid until the next row. */
  readonly own: readonly Float32Array[];
  /** Likewise after reading the token before it. */
  readonly previous: readonly Float32Array[];
}

export interface BlockOptions extends Pick<Watch, 'signal'> {
  readonly states: readonly FeatureName[];
  readonly draftLength: number;
  readonly target: ReadBy;
  /** Given where states of the draft are asked for, or how far it differs from the target. */
  readonly draft?: ReadBy | undefined;
}

/** A session, and what must be known of its model. */
export interface ReadBy {
  readonly session: Session;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly prefillChunk: number;
}

/**
 * Reads solutions as verification does: after the prefix, blocks of a last committed token t0 and
 * `draftLength` drafted ones, so that every token comes from a row that it would have had in a
 * round. The next block begins with the last token of this one, read again, as after an accepted
 * draft.
 */
export interface BlockReader {
  /** Rows of the text's own tokens, as far as `end`; blocks in which none is wanted are read and give none. */
  own(end: number, isWanted: (position: number) => boolean): AsyncGenerator<TokenRow, void, undefined>;
  /** The row of a token that stands in another's place, in the block in which that would be verified. */
  swapped(swap: Swap): Promise<TokenRow>;
}

export async function readBlocks(
  prompt: readonly TokenId[],
  solution: readonly TokenId[],
  options: BlockOptions,
): Promise<BlockReader> {
  const { draftLength, target, draft, signal } = options;
  const text = [...prompt, ...solution];
  const first = prompt.length - 1;
  for (const { session, prefillChunk } of draft === undefined ? [target] : [target, draft]) {
    session.truncate(0);
    for (let start = 0; start < first; start += prefillChunk) {
      throwIfAborted(signal);
      await session.forward(text.slice(start, Math.min(start + prefillChunk, first)), {});
    }
  }
  return {
    async *own(end, isWanted) {
      const last = first + end;
      for (let start = first; start < last; start += draftLength) {
        throwIfAborted(signal);
        const block = text.slice(start, start + draftLength + 1);
        const rows = Array.from({ length: Math.min(block.length - 1, last - start) }, (_, i) => i + 1);
        const wanted = rows.filter((row) => isWanted(start + row - prompt.length));
        if (wanted.length === 0) {
          await fill([target, draft], start, block);
          continue;
        }
        const rowOf = await readBlock(block, start, options);
        for (const row of wanted) yield rowOf(row, start + row - prompt.length);
      }
    },
    async swapped({ position, token }) {
      throwIfAborted(signal);
      const start = first + Math.floor(position / draftLength) * draftLength;
      const block = text.slice(start, start + draftLength + 1);
      const row = position + prompt.length - start;
      block[row] = token;
      return (await readBlock(block, start, options))(row, position);
    },
  };
}

async function readBlock(
  block: readonly TokenId[],
  start: number,
  { states, target, draft }: BlockOptions,
): Promise<(row: number, position: number) => TokenRow> {
  const ofTarget = states.filter((name): name is HiddenName => !name.startsWith('draft-'));
  const ofDraft = states.flatMap((name) =>
    name.startsWith('draft-') ? [name.slice('draft-'.length) as HiddenName] : [],
  );
  const withDraft = draft !== undefined;
  const outputs = await pass(target, start, block, {
    argmax: true,
    chosen: true,
    top: Math.min(2, target.vocabSize),
    hidden: ofTarget,
    ...(withDraft ? { logits: true as const } : {}),
  });
  const drafts = withDraft
    ? await pass(draft, start, block, { hidden: ofDraft, logits: true as const })
    : undefined;
  // in the order asked for
  let [nextTarget, nextDraft] = [0, 0];
  const sources = states.map((name) =>
    name.startsWith('draft-')
      ? { hidden: drafts!.hidden[nextDraft++]!, width: draft!.hiddenSize }
      : { hidden: outputs.hidden[nextTarget++]!, width: target.hiddenSize },
  );
  const statesAt = (row: number) =>
    sources.map(({ hidden, width }) => hidden.subarray(row * width, (row + 1) * width));
  const { argmax, chosen, top } = outputs;
  return (row, position) => {
    // row j predicts token j + 1
    const before = row - 1;
    const { count, logProbs, logSumExp, entropy } = top;
    const logitsOf = ({ logits }: { readonly logits: Float32Array }) =>
      logits.subarray(before * target.vocabSize, row * target.vocabSize);
    const logit = (choice: number) => logProbs[before * count + choice]! + logSumExp[before]!;
    return {
      position,
      token: block[row]!,
      argmax: argmax[before]!,
      chosen: chosen[before]!,
      topLogProb: logProbs[before * count]!,
      entropy: entropy[before]!,
      topRatio: count < 2 ? 0 : logit(1) / logit(0),
      get divergence() {
        return drafts === undefined ? Number.NaN : klDivergence(logitsOf(outputs), logitsOf(drafts));
      },
      own: statesAt(row),
      previous: statesAt(before),
    };
  };
}

/** Puts a block into the caches, in a pass as wide as any, and asks for nothing. */
async function fill(
  readers: readonly (ReadBy | undefined)[],
  start: number,
  block: readonly TokenId[],
): Promise<void> {
  for (const reader of readers) {
    reader?.session.truncate(start);
    await reader?.session.forward(block, {});
  }
}

type BlockOutputs = Outputs<Required<Pick<OutputRequest, 'argmax' | 'chosen' | 'top' | 'hidden' | 'logits'>>>;

/** One pass over a block, its results held to their shapes. */
async function pass(
  { session, hiddenSize, vocabSize }: ReadBy,
  start: number,
  block: readonly TokenId[],
  request: OutputRequest,
): Promise<BlockOutputs> {
  session.truncate(start);
  const outputs = (await session.forward(block, request)) as BlockOutputs;
  const rows = block.length;
  if (session.length !== start + rows) throw misaligned('session.length', start + rows, session.length);
  const { argmax, chosen, top, hidden, logits } = outputs;
  const expected: readonly (readonly [string, number, number | undefined])[] = [
    ...(request.argmax ? ([['argmax', rows, argmax?.length]] as const) : []),
    ...(request.chosen ? ([['chosen', rows - 1, chosen?.length]] as const) : []),
    ...(request.top === undefined
      ? []
      : ([
          ['top.logProbs', rows * request.top, top?.logProbs.length],
          ['top.entropy', rows, top?.entropy.length],
        ] as const)),
    ...(request.logits ? ([['logits', rows * vocabSize, logits?.length]] as const) : []),
    ['hidden', request.hidden?.length ?? 0, hidden?.length ?? 0],
    ...(hidden ?? []).map((state, i) => [`hidden[${i}]`, rows * hiddenSize, state.length] as const),
  ];
  for (const [name, want, got] of expected) if (want !== got) throw misaligned(name, want, got);
  return outputs;
}

function misaligned(name: string, want: number, got: number | undefined): JudgeDecodingError {
  return new JudgeDecodingError(
    'device',
    `Expected \`${name}\` to be ${want} after a block, got ${got}. The backend breaks its contract: run \`judge doctor --contract\`.`,
  );
}
