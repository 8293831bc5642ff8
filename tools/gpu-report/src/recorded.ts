import {
  draftSession,
  exactMatch,
  generate,
  type JudgeHead,
  judged,
  type Model,
  rule,
  type TokenId,
  type TokenSource,
} from '@judge-decoding/core';
import { DOMAINS, type PocketTokenizer, pocketProblem } from '@judge-decoding/tasks';

/** Judged decoding of the pocket pair as another backend did it, round by round: what `replay` asks for again. */
export interface Recorded {
  /** Who decided: backend and type of weights. */
  readonly by: string;
  /** Fingerprint of the target's weights. */
  readonly weights: string;
  /** Of the head used, and its threshold. */
  readonly head: string;
  readonly threshold: number;
  readonly problems: readonly RecordedProblem[];
}

export interface RecordedProblem {
  readonly name: string;
  readonly prompt: readonly TokenId[];
  readonly rounds: readonly RecordedRound[];
}

export interface RecordedRound {
  readonly draft: readonly TokenId[];
  /** What was committed, and who let it in. */
  readonly tokens: readonly TokenId[];
  readonly sources: readonly TokenSource[];
  /** The judge's, of every drafted token. */
  readonly scores: readonly number[];
}

export const DRAFT_LENGTH = 16;

interface Decoding {
  readonly target: Model;
  readonly draft: Model;
  readonly head: JudgeHead;
  readonly tokenizer: PocketTokenizer;
  readonly count: number;
  readonly maxTokens?: number;
}

/** Decodes problems by exact match and the judge, one after the other. */
export async function* recordedRounds(decoding: Decoding): AsyncGenerator<RecordedProblem> {
  const { target, draft, head, tokenizer, count, maxTokens = 480 } = decoding;
  const session = await target.openSession();
  const drafting = await draft.openSession();
  const source = draftSession(draft, drafting);
  try {
    for (let index = 0; index < count; index++) {
      const domain = DOMAINS[index % DOMAINS.length]!;
      const { prompt } = pocketProblem({ domain, split: 'dev', index }, tokenizer);
      session.truncate(0);
      const rounds: RecordedRound[] = [];
      const decoded = generate({
        ...{
          model: target.info,
          target: session,
          draft: source,
          draftLength: DRAFT_LENGTH,
          prompt,
          maxTokens,
        },
        ...{ rule: rule(exactMatch(), judged(head)), allowOtherWeights: true },
      });
      for await (const { tokens, scores, round } of decoded) {
        rounds.push({
          draft: [...round.draft],
          tokens: tokens.map(({ id }) => id),
          sources: tokens.map((token) => token.source),
          scores: scores.map((score) => Number(score.toPrecision(7))),
        });
      }
      yield { name: `${domain} ${index}`, prompt: [...prompt], rounds };
    }
  } finally {
    await Promise.all([session.dispose(), drafting.dispose()]);
  }
}
