import {
  checkedModel,
  type ForwardOutputs,
  JudgeDecodingError,
  type Model,
  type OutputRequest,
  type Proposed,
  type ProposeRequest,
  type SessionCore,
  type TokenId,
  unite,
} from '@judge-decoding/core';
import { behind, given, keep, knows, nothingRead, type Read } from './reading-memory.ts';

/** A model that remembers, and how to make it forget. */
export interface SharedReadings {
  readonly model: Model;
  /** Between problems: what was read of one is of no use to the next. */
  forget(): void;
  /** Tokens that the model itself has read. */
  readonly read: () => number;
}

/** Numbers that are remembered at most: 512 MB of float32. */
const MOST_KEPT = 2 ** 27;

/** Tokens that are read again with what follows them. */
const FEW = 32;

/**
 * A model that reads a text once, whoever asks for it: where another arm stands at the same text, it is given the
 * rows that the first one was given. Plain, strict and a rule that admits nothing then cost one reading, and the
 * arms of a curve share what they agree on. It gives nothing that the model would not have said: a row depends on
 * its text alone where passes are exact, and other models are refused. Times mean nothing any more. Greedy only.
 *
 * @throws JudgeDecodingError `unsupported` for a model whose passes are not exact.
 */
export function sharedReadings(model: Model): SharedReadings {
  const { info } = model;
  if (info.exact !== true)
    throw new JudgeDecodingError(
      'unsupported',
      `Expected a model whose rows hang on their text alone, for arms to share what was read; ${info.name} (${info.dtype} on ${info.device}) does not promise it. Leave out --share-readings, or ask for exact passes where the backend has them.`,
    );
  let root = nothingRead();
  let kept = 0;
  let read = 0;
  // what one arm has asked for another will: asked for together, no text is read twice
  let asked: OutputRequest = {};
  const forget = () => {
    root = nothingRead();
    kept = 0;
  };

  async function openCore(): Promise<SessionCore> {
    const session = await model.openSession();
    /** What this session is said to hold, and what the model’s own holds. */
    const text: TokenId[] = [];
    const held: TokenId[] = [];
    /** The rows of `tokens` behind a text. */
    const rowsOf = (before: readonly TokenId[], tokens: readonly TokenId[]): readonly Read[] => {
      let row = root;
      for (const token of before) row = behind(row, token);
      return tokens.map((token) => {
        row = behind(row, token);
        return row;
      });
    };
    /** Brings the model's own session to the first `length` tokens of `whole`, or to fewer: returns how many. */
    const follow = async (whole: readonly TokenId[], length: number): Promise<number> => {
      let shared = 0;
      while (shared < Math.min(held.length, length) && held[shared] === whole[shared]) shared++;
      session.truncate(shared);
      held.length = shared;
      // a few more rows cost less than a pass of their own
      while (length - held.length > FEW) {
        const part = whole.slice(held.length, Math.min(length, held.length + info.prefillChunk));
        await session.forward(part, {});
        held.push(...part);
        read += part.length;
      }
      return held.length;
    };
    return {
      async forward(tokens, request, length): Promise<Partial<ForwardOutputs>> {
        text.length = length;
        if (kept > MOST_KEPT) forget();
        const rows = rowsOf(text, tokens);
        const missing = rows.findIndex((row, at) => !knows(row, request, tokens[at + 1]));
        if (missing >= 0) {
          asked = unite(asked, request);
          const whole = [...text, ...tokens];
          const from = await follow(whole, length + missing);
          const fed = whole.slice(from);
          const outputs = await session.forward(fed, asked);
          held.push(...fed);
          read += fed.length;
          kept += keep(rowsOf(whole.slice(0, from), fed), fed, outputs, asked);
        }
        text.push(...tokens);
        return given(rows, tokens, request);
      },
      async propose(tokens, request, length): Promise<Proposed> {
        text.length = length;
        if (request.sampling !== undefined)
          throw new JudgeDecodingError(
            'unsupported',
            'Expected greedy drafts where arms share what was read, got a request to sample. Leave out --share-readings.',
          );
        return drafted(tokens, request);
      },
      async dispose() {
        await session.dispose();
      },
    };

    async function drafted(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
      const { count, endTokens = [], logits } = request;
      const wanted: OutputRequest = logits ? { argmax: true, logits } : { argmax: true };
      const most = Math.min(count, info.contextLength - text.length - tokens.length + 1);
      let row = rowsOf(text, tokens).at(-1)!;
      text.push(...tokens);
      const drawn: TokenId[] = [];
      const rows: Read[] = [];
      for (;;) {
        if (!knows(row, wanted, undefined)) {
          const from = await follow(text, text.length - 1);
          const fed = text.slice(from);
          const left = { count: most - drawn.length, endTokens, ...(logits ? { logits } : {}) };
          const more = await session.propose(fed, left);
          held.push(...fed, ...more.tokens.slice(0, -1));
          read += fed.length + more.tokens.length - 1;
          remember(row, more);
        }
        const token = row.argmax!;
        drawn.push(token);
        rows.push(row);
        if (drawn.length === most || endTokens.includes(token)) break;
        row = behind(row, token);
        text.push(token);
      }
      if (!logits) return { tokens: drawn };
      return { tokens: drawn, logits: given(rows, drawn, { logits }).logits! };
    }

    function remember(first: Read, { tokens, logits }: Proposed): void {
      const width = (logits?.length ?? 0) / tokens.length;
      let row = first;
      for (const [at, token] of tokens.entries()) {
        row.argmax = token;
        if (logits !== undefined) row.logits = logits.slice(at * width, (at + 1) * width);
        row = behind(row, token);
      }
      kept += tokens.length * width;
    }
  }

  return {
    model: checkedModel({
      info,
      outputs: ['argmax', 'chosen', 'top', 'judge', 'logits'],
      openSession: openCore,
      dispose: () => model.dispose(),
    }),
    forget,
    read: () => read,
  };
}
