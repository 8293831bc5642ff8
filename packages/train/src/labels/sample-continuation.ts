import type { ModelInfo, Session, TokenId } from '@judge-decoding/core';
import { seededRandom } from '@judge-decoding/tasks';

export interface SampleOptions {
  /** The text before `first`; the session may hold more, which is forgotten. */
  readonly history: readonly TokenId[];
  readonly info: ModelInfo;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
}

/** Drawn in one call to the device at a time. */
const AT_A_TIME = 64;

/** A continuation after `first`, drawn by the model itself; without `first`. */
export async function sampleContinuation(
  session: Session,
  first: TokenId,
  { history, info, maxTokens, temperature, seed }: SampleOptions,
): Promise<readonly TokenId[]> {
  const random = seededRandom('continuation', seed);
  const ends = new Set(info.endTokens);
  session.truncate(history.length);
  const written = [first];
  const room = Math.min(maxTokens, info.contextLength - history.length - 1);
  while (written.length - 1 < room) {
    const count = Math.min(AT_A_TIME, room - (written.length - 1));
    const { tokens } = await session.propose([written.at(-1)!], {
      count,
      endTokens: info.endTokens,
      sampling: {
        options: { temperature },
        history: [...history, ...written],
        uniforms: Float64Array.from({ length: count }, random),
      },
    });
    written.push(...tokens);
    if (ends.has(written.at(-1)!)) break;
  }
  return written.slice(1);
}
