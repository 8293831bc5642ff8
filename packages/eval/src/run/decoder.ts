import type { AbortSignalLike } from '@judge-decoding/core';
import {
  complete,
  draftSession,
  type Generation,
  GREEDY,
  type Model,
  type SamplingOptions,
  type Session,
} from '@judge-decoding/core';
import type { TokenProblem } from '@judge-decoding/tasks';
import type { Arm } from '../arms/arm.ts';
import { type Named, ruleOf } from '../arms/rule-of.ts';

/** A target and a draft with one session each, for one generation after another. */
export interface Decoder {
  decode(arm: Arm, problem: TokenProblem, options?: DecodeOptions): Promise<Timed>;
  readonly target: Model;
  readonly targetSession: Session;
  dispose(): Promise<void>;
}

export interface Timed {
  readonly generation: Generation;
  /** The whole generation, prefill included. */
  readonly milliseconds: number;
}

export interface DecodeOptions {
  readonly seed?: number;
  readonly signal?: AbortSignalLike | undefined;
}

export interface DecoderOptions {
  readonly target: Model;
  readonly draft: Model;
  readonly named?: Named;
  readonly maxTokens?: number;
  readonly sampling?: SamplingOptions;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Every generation starts from empty caches, so that no arm profits from the one before it. */
export async function openDecoder(options: DecoderOptions): Promise<Decoder> {
  const { target, draft, named = {}, maxTokens = 420, sampling = GREEDY, now } = options;
  const targetSession = await target.openSession();
  const draftsSession = await draft.openSession();
  return {
    target,
    targetSession,
    async decode(arm, problem, { seed = 0, signal } = {}) {
      targetSession.truncate(0);
      draftsSession.truncate(0);
      const common = { prompt: problem.prompt, maxTokens, sampling, seed, signal, now };
      const started = now();
      const generation = await complete(
        arm.decode === 'plain'
          ? {
              ...common,
              model: (arm.model === 'target' ? target : draft).info,
              target: arm.model === 'target' ? targetSession : draftsSession,
            }
          : {
              ...common,
              model: target.info,
              target: targetSession,
              draft: draftSession(draft, draftsSession),
              rule: ruleOf(arm.verify, problem, named, sampling),
              draftLength: arm.draftLength,
              guards: arm.guards,
              bonus: arm.bonus !== 'off',
            },
      );
      return { generation, milliseconds: now() - started };
    },
    async dispose() {
      await targetSession.dispose();
      await draftsSession.dispose();
    },
  };
}
