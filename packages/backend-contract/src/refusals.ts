import type { ErrorCode, OutputRequest } from '@judge-decoding/core';
import type { ClauseContext } from './clause.ts';
import { ensureRejects, ensureSame } from './ensure.ts';
import { ensureSameRows, evidence, freshEvidence } from './evidence.ts';

/** Either code says that the caller asked for what cannot be. */
export const BAD_CALL: readonly ErrorCode[] = ['invalid-input', 'invalid-option'];

export type RefusedCall = readonly [
  what: string,
  tokens: number[],
  request: OutputRequest,
  codes: readonly ErrorCode[],
];

/** Every call is refused, on a new session and in the middle of a text that then goes on as if nothing was. */
export async function refusedAndAsBefore(
  context: ClauseContext,
  calls: readonly RefusedCall[],
): Promise<void> {
  const session = await context.openSession();
  const text = context.tokens(9);
  const attempt = async () => {
    for (const [what, tokens, request, codes] of calls) {
      const { length } = session;
      await ensureRejects(() => session.forward(tokens, request), codes, what);
      ensureSame(session.length, length, `length after ${what}`);
    }
  };
  await attempt();
  const seen = await evidence(context, session, text.slice(0, 4));
  await attempt();
  seen.push(...(await evidence(context, session, text.slice(4))));
  const fresh = await freshEvidence(context, text.slice(0, 4), text.slice(4));
  ensureSameRows(context, seen, fresh, 'the text around the refused calls');
}
