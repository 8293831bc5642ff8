import type { Model, Session } from '../backend.ts';
import { cachedText } from '../decode/cached-text.ts';
import { invalidOption } from '../errors.ts';
import { givenRows, processedRows } from '../sampling/rows.ts';
import { adjustsLogits, GREEDY } from '../sampling/sampling.ts';
import { hostDistributions } from '../sessions/verify-by-forward.ts';
import type { DraftSource } from './draft.ts';

export interface DraftSessionOptions {
  /**
   * Greedy drafts end before a token to which the draft gives less than this (such a first token is the whole draft):
   * what a target will hardly accept is not verified. Drafts that are drawn never end so, nor any where it is absent.
   */
  readonly leastProbability?: number;
}

/**
 * A draft model: proposes what it would write itself, greedily or by sampling as the target does.
 *
 * @throws JudgeDecodingError `invalid-option` for what is no model or no session, `invalid-input` for a session that is not empty
 */
export function draftSession(
  model: Model,
  session: Session,
  { leastProbability }: DraftSessionOptions = {},
): DraftSource {
  if (typeof model?.info !== 'object') throw invalidOption('model', 'a model that is open', model);
  if (typeof session?.forward !== 'function')
    throw invalidOption(
      'session',
      'a session of the draft, as `await draft.openSession()` gives it',
      session,
    );
  const cache = cachedText(session);
  return {
    name: model.info.name,
    hasDistribution: true,
    contextLength: model.info.contextLength,
    tokenizer: model.info.fingerprint.tokenizer,
    device: model.info.device,
    get readBacks() {
      return session.readBacks;
    },
    async propose({ text, count, sampling, uniforms, endTokens, distributions, keep, signal }) {
      const { prefillChunk } = model.info;
      // a long text in parts, so that it can be given up between them; what a round adds goes with the draft
      let unread = cache.rest(text);
      if (unread.length > prefillChunk) {
        await cache.follow(text, prefillChunk, signal);
        unread = text.slice(-1);
      }
      const greedy = sampling.temperature === 0;
      const draws = !greedy || adjustsLogits(sampling);
      const proposed = await session.propose(unread, {
        count,
        endTokens,
        ...(draws || leastProbability === undefined ? {} : { leastProbability }),
        ...(draws
          ? {
              sampling: {
                ...{ options: sampling, history: text, uniforms },
                // what nobody reads may as well stay where it is
                ...(keep || !distributions ? { keep: true } : {}),
              },
            }
          : {}),
        ...(distributions && greedy ? { logits: true } : {}),
      });
      const { tokens, logits, probs } = proposed;
      cache.fed([...unread, ...tokens.slice(0, -1)]);
      if (!distributions) return { tokens };
      if (keep && !greedy) return { tokens, kept: proposed.kept ?? hostDistributions(probs!, tokens.length) };
      if (!greedy) {
        const rows = givenRows(probs!, tokens.length, tokens);
        return { tokens, target: rows, belief: rows };
      }
      const belief = processedRows(logits!, tokens.length, GREEDY, text, tokens);
      const target = draws ? processedRows(logits!, tokens.length, sampling, text, tokens) : belief;
      return { tokens, target, belief };
    },
  };
}
