import type { ForwardOutputs, OutputRequest, Session, TokenId } from '@judge-decoding/core';
import type { ClauseContext } from './clause.ts';
import { ensure, ensureClose, ensureSame } from './ensure.ts';
import { argmaxOf, deviationOf } from './row-math.ts';

/** What one row says about everything the model has read. */
export interface EvidenceRow {
  readonly argmax: number;
  readonly logits?: Float32Array;
  readonly hidden?: Float32Array;
  /** Log-probabilities by token id, where logits are not to be had. */
  readonly top?: ReadonlyMap<number, number>;
}

const TOP = 8;

/** The most telling outputs that the backend declares. */
export function evidenceRequest({ outputs, model }: ClauseContext): OutputRequest {
  return {
    argmax: true,
    ...(outputs.has('logits')
      ? { logits: true }
      : outputs.has('top')
        ? { top: Math.min(TOP, model.info.vocabSize) }
        : {}),
    ...(outputs.has('hidden') ? { hidden: ['pre-norm'] } : {}),
  };
}

/** Feeds `tokens` in passes of at most `width` rows and returns what each row says. */
export async function evidence(
  context: ClauseContext,
  session: Session,
  tokens: readonly TokenId[],
  width: number = tokens.length,
): Promise<EvidenceRow[]> {
  const rows: EvidenceRow[] = [];
  for (const fed of inPassesOf(width, tokens)) {
    rows.push(...evidenceRows(context, await session.forward(fed, evidenceRequest(context)), fed.length));
  }
  return rows;
}

/**
 * What a fresh session says about a text fed in these passes: the oracle wherever state is the
 * question. Give it the passes that the examined session ran, so that nothing but state differs.
 */
export async function freshEvidence(
  context: ClauseContext,
  ...passes: readonly (readonly TokenId[])[]
): Promise<EvidenceRow[]> {
  const session = await context.openSession();
  const rows: EvidenceRow[] = [];
  for (const tokens of passes) {
    if (tokens.length > 0) rows.push(...(await evidence(context, session, tokens)));
  }
  await session.dispose();
  return rows;
}

/** `tokens` in passes of at most `width` rows. */
export function inPassesOf(width: number, tokens: readonly TokenId[]): TokenId[][] {
  const passes: TokenId[][] = [];
  for (let start = 0; start < tokens.length; start += width) passes.push(tokens.slice(start, start + width));
  return passes;
}

/** Splits the outputs of an evidence request into rows. */
export function evidenceRows(
  { model }: ClauseContext,
  outputs: Partial<ForwardOutputs>,
  rows: number,
): EvidenceRow[] {
  const { vocabSize, hiddenSize } = model.info;
  const { argmax, logits, hidden, top } = outputs;
  ensure(argmax?.length === rows, `argmax: expected ${rows} rows, got ${argmax?.length}`);
  return Array.from({ length: rows }, (_, row) => ({
    argmax: argmax[row]!,
    ...(logits ? { logits: logits.slice(row * vocabSize, (row + 1) * vocabSize) } : {}),
    ...(hidden?.[0] ? { hidden: hidden[0].slice(row * hiddenSize, (row + 1) * hiddenSize) } : {}),
    ...(top
      ? {
          top: new Map(
            Array.from({ length: top.count }, (_, index) => [
              top.ids[row * top.count + index]!,
              top.logProbs[row * top.count + index]!,
            ]),
          ),
        }
      : {}),
  }));
}

/** The row says the same to the last bit. */
export function ensureSameBits(actual: EvidenceRow | undefined, plain: EvidenceRow, where: string): void {
  const { argmax, logits = [], hidden = [], top = [] } = plain;
  ensureSame(actual?.argmax, argmax, `${where}: argmax`);
  ensureSame(actual?.logits ?? [], logits, `${where}: logits`);
  ensureSame(actual?.hidden ?? [], hidden, `${where}: hidden`);
  ensureSame([...(actual?.top ?? [])].flat(), [...top].flat(), `${where}: log-probabilities`);
}

/** The rows say the same, within the tolerance and the near-tie rule. `plain` is the reference. */
export function ensureSameRows(
  context: ClauseContext,
  actual: readonly EvidenceRow[],
  plain: readonly EvidenceRow[],
  what: string,
): void {
  const { close } = context.tolerance;
  ensure(actual.length === plain.length, `${what}: expected ${plain.length} rows, got ${actual.length}`);
  plain.forEach((expected, index) => {
    const got = actual[index]!;
    const where = `${what}, row ${index}`;
    if (expected.hidden && got.hidden) {
      ensureClose(got.hidden, expected.hidden, close, `${where}: hidden`, largest(expected.hidden));
    }
    if (expected.logits && got.logits) {
      ensureClose(got.logits, expected.logits, close, `${where}: logits`, largest(expected.logits));
    }
    if (expected.top && got.top) {
      for (const [id, logProb] of got.top) {
        const reference = expected.top.get(id);
        if (reference !== undefined)
          ensureClose([logProb], [reference], close, `${where}: log-probability of ${id}`);
      }
    }
    ensureSameFavourite(context, got.argmax, expected, where);
  });
}

/** The same argmax, or one whose logit in the plain row is a near tie with the largest. */
export function ensureSameFavourite(
  context: ClauseContext,
  argmax: number,
  plain: EvidenceRow,
  where: string,
): void {
  if (argmax === plain.argmax) return;
  const gap = gapOf(plain, argmax);
  const deviation = plain.logits ? deviationOf(plain.logits) : 1;
  const { nearTie } = context.tolerance;
  ensure(
    gap < nearTie * deviation,
    `${where}: expected argmax ${plain.argmax}, got ${argmax}, which is ${gap} behind; a near tie ends at ${nearTie * deviation}`,
  );
  context.excuse({ where, gap, share: gap / deviation });
}

/** How far `token` is behind the row's favourite; infinitely, where that cannot be told. */
function gapOf({ logits, top, argmax }: EvidenceRow, token: number): number {
  if (logits) return logits[argmaxOf(logits)]! - logits[token]!;
  return (top?.get(argmax) ?? Number.POSITIVE_INFINITY) - (top?.get(token) ?? Number.NEGATIVE_INFINITY);
}

function largest(row: Float32Array): number {
  let magnitude = 0;
  for (const value of row) {
    if (Number.isFinite(value)) magnitude = Math.max(magnitude, Math.abs(value));
  }
  return magnitude;
}
