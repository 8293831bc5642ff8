import {
  type HiddenState,
  JudgeDecodingError,
  type Outputs,
  type Session,
  type TokenId,
  throwIfAborted,
} from '@judge-decoding/core';
import type { Watch } from '../progress.ts';

type BlockRequest = { argmax: true; chosen: true; top: 1; hidden: readonly HiddenState[] };

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
  /** By state as asked for: [hiddenSize] after reading the token. Views, valid until the next row. */
  readonly own: readonly Float32Array[];
  /** Likewise after reading the token before it. */
  readonly previous: readonly Float32Array[];
}

/**
 * Reads a solution as verification does: after the prefix, blocks of a last committed token t0 and
 * `draftLength` drafted ones, so that every token comes from a row that it would have had in a
 * round. The next block begins with the last token of this one, read again, as after an accepted
 * draft. The session is left with the text in it.
 */
export async function* blockRows(
  session: Session,
  prompt: readonly TokenId[],
  solution: readonly TokenId[],
  { states, draftLength, prefillChunk, hiddenSize, signal }: BlockOptions,
): AsyncGenerator<TokenRow, void, undefined> {
  const text = [...prompt, ...solution];
  session.truncate(0);
  for (let start = 0; start < prompt.length - 1; start += prefillChunk) {
    throwIfAborted(signal);
    await session.forward(text.slice(start, Math.min(start + prefillChunk, prompt.length - 1)), {});
  }
  for (let start = prompt.length - 1; start + 1 < text.length; start += draftLength) {
    throwIfAborted(signal);
    session.truncate(start);
    const block = text.slice(start, start + draftLength + 1);
    const request: BlockRequest = { argmax: true, chosen: true, top: 1, hidden: states };
    const outputs = await session.forward(block, request);
    assertShapes(outputs, block.length, hiddenSize, states.length);
    if (session.length !== start + block.length)
      throw misaligned('session.length', start + block.length, session.length);
    const rowOf = (row: number) =>
      outputs.hidden.map((state) => state.subarray(row * hiddenSize, (row + 1) * hiddenSize));
    for (let row = 1; row < block.length; row++) {
      yield {
        position: start + row - prompt.length,
        token: block[row]!,
        // row j predicts token j + 1
        argmax: outputs.argmax[row - 1]!,
        chosen: outputs.chosen[row - 1]!,
        topLogProb: outputs.top.logProbs[row - 1]!,
        entropy: outputs.top.entropy[row - 1]!,
        own: rowOf(row),
        previous: rowOf(row - 1),
      };
    }
  }
}

export interface BlockOptions extends Pick<Watch, 'signal'> {
  readonly states: readonly HiddenState[];
  readonly draftLength: number;
  readonly prefillChunk: number;
  readonly hiddenSize: number;
}

function assertShapes(
  outputs: Outputs<BlockRequest>,
  rows: number,
  hiddenSize: number,
  states: number,
): void {
  const { argmax, chosen, top, hidden } = outputs;
  const expected: readonly (readonly [string, number, number])[] = [
    ['argmax', rows, argmax.length],
    ['chosen', rows - 1, chosen.length],
    ['top.logProbs', rows, top.logProbs.length],
    ['top.entropy', rows, top.entropy.length],
    ['hidden', states, hidden.length],
    ...hidden.map((state, i) => [`hidden[${i}]`, rows * hiddenSize, state.length] as const),
  ];
  for (const [name, want, got] of expected) if (want !== got) throw misaligned(name, want, got);
}

function misaligned(name: string, want: number, got: number): JudgeDecodingError {
  return new JudgeDecodingError(
    'device',
    `Expected \`${name}\` to be ${want} after a block, got ${got}. The backend breaks its contract: run \`judge doctor --contract\`.`,
  );
}
