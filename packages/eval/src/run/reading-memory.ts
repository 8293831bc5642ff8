import type { ForwardOutputs, HeadTerm, OutputRequest, TokenId } from '@judge-decoding/core';

/** What a model knows behind one text: the row of its last token. Filled as it is asked for. */
export interface Read {
  readonly next: Map<TokenId, Read>;
  /** ln p of a token that was read next. */
  readonly chosen: Map<TokenId, number>;
  readonly judge: Map<HeadTerm, number>;
  argmax?: TokenId;
  logits?: Float32Array;
  top?: TopRow;
}

interface TopRow {
  readonly ids: Int32Array;
  readonly logProbs: Float32Array;
  readonly logSumExp: number;
  readonly entropy: number;
}

export const nothingRead = (): Read => ({ next: new Map(), chosen: new Map(), judge: new Map() });

/** The text one token longer. */
export function behind(read: Read, token: TokenId): Read {
  const found = read.next.get(token);
  if (found !== undefined) return found;
  const made = nothingRead();
  read.next.set(token, made);
  return made;
}

/** Whether a row can be given again; `following` is the token fed behind it, where there is one. */
export function knows(
  row: Read,
  { argmax, chosen, top, judge = [], logits }: OutputRequest,
  following: TokenId | undefined,
): boolean {
  return (
    (!argmax || row.argmax !== undefined) &&
    (!chosen || following === undefined || row.chosen.has(following)) &&
    (top === undefined || (row.top !== undefined && row.top.ids.length >= top)) &&
    (!logits || row.logits !== undefined) &&
    judge.every((term) => row.judge.has(term))
  );
}

/** Keeps what a pass over `rows` said; `fed` are its tokens. Returns how many numbers were kept. */
export function keep(
  rows: readonly Read[],
  fed: readonly TokenId[],
  outputs: Partial<ForwardOutputs>,
  { judge = [] }: OutputRequest,
): number {
  const { argmax, chosen, top, logits } = outputs;
  const width = (logits?.length ?? 0) / rows.length;
  for (const [at, row] of rows.entries()) {
    if (argmax !== undefined) row.argmax = argmax[at]!;
    if (chosen !== undefined && at + 1 < fed.length) row.chosen.set(fed[at + 1]!, chosen[at]!);
    for (const [column, term] of judge.entries())
      row.judge.set(term, outputs.judge![at * judge.length + column]!);
    if (logits !== undefined) row.logits = logits.slice(at * width, (at + 1) * width);
    if (top !== undefined) {
      const [from, to] = [at * top.count, (at + 1) * top.count];
      row.top = {
        ids: top.ids.slice(from, to),
        logProbs: top.logProbs.slice(from, to),
        logSumExp: top.logSumExp[at]!,
        entropy: top.entropy[at]!,
      };
    }
  }
  return rows.length * (width + judge.length + 2 * (top?.count ?? 0));
}

/** Rows as a pass over them would have returned them. */
export function given(
  rows: readonly Read[],
  fed: readonly TokenId[],
  { argmax, chosen, top, judge, logits }: OutputRequest,
): Partial<ForwardOutputs> {
  return {
    ...(argmax ? { argmax: Int32Array.from(rows, (row) => row.argmax!) } : {}),
    ...(chosen
      ? { chosen: Float32Array.from(fed.slice(1), (token, at) => rows[at]!.chosen.get(token)!) }
      : {}),
    ...(judge === undefined
      ? {}
      : { judge: Float32Array.from(rows.flatMap((row) => judge.map((term) => row.judge.get(term)!))) }),
    ...(logits ? { logits: joined(rows.map((row) => row.logits!)) } : {}),
    ...(top === undefined
      ? {}
      : {
          top: {
            count: top,
            ids: Int32Array.from(rows.flatMap((row) => [...row.top!.ids.subarray(0, top)])),
            logProbs: Float32Array.from(rows.flatMap((row) => [...row.top!.logProbs.subarray(0, top)])),
            logSumExp: Float32Array.from(rows, (row) => row.top!.logSumExp),
            entropy: Float32Array.from(rows, (row) => row.top!.entropy),
          },
        }),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
