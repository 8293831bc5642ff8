import { complete, draftSession, GREEDY, type Model, type Session, type TokenId } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';

/** Who writes solutions, and how. */
export interface SolutionSource {
  readonly name: string;
  readonly writer: 'draft' | 'target';
  /** 0 is greedy. */
  readonly temperature: number;
}

/** What the draft will propose, what it might propose, and what the target itself writes. */
export const SOURCES: readonly SolutionSource[] = [
  { name: 'draft-greedy', writer: 'draft', temperature: 0 },
  { name: 'draft-sampled', writer: 'draft', temperature: 1 },
  { name: 'target-sampled', writer: 'target', temperature: 1 },
];

/** What a draft writes when it is judged: thresholds are chosen and heads measured on it. */
export const AS_JUDGED: readonly SolutionSource[] = SOURCES.filter(
  ({ writer, temperature }) => writer === 'draft' && temperature === 0,
);

/** Writes solutions with two models and the sessions it holds; dispose it when done. */
export interface Writer {
  /** The same source, prompt, problem and seed give the same solution on the same backend. */
  write(source: SolutionSource, problem: string, prompt: readonly TokenId[]): Promise<readonly TokenId[]>;
  dispose(): Promise<void>;
}

/**
 * The draft decodes plainly. The target is helped by the draft where that keeps its distribution
 * (strict verification: lossless in law when sampling, in text when greedy).
 */
export async function openWriter(
  { target, draft }: { readonly target: Model; readonly draft: Model },
  { seed, maxTokens }: { readonly seed: number; readonly maxTokens: number },
): Promise<Writer> {
  const sessions: Session[] = [];
  const open = async (model: Model) => {
    const session = await model.openSession();
    sessions.push(session);
    return session;
  };
  const forDraft = await open(draft);
  const forTarget = await open(target);
  const helper = draftSession(draft, await open(draft));
  return {
    async write({ writer, temperature, name }, problem, prompt) {
      const session = writer === 'draft' ? forDraft : forTarget;
      session.truncate(0);
      const { tokens } = await complete({
        model: (writer === 'draft' ? draft : target).info,
        target: session,
        prompt,
        maxTokens,
        sampling: temperature === 0 ? GREEDY : { temperature },
        // problems and sources draw independently of each other, and of the order they are asked in
        seed: Number.parseInt(sha256(`${seed}/${name}/${problem}`).slice(0, 12), 16),
        ...(writer === 'target' ? { draft: helper, draftLength: 6 } : {}),
      });
      return tokens;
    },
    async dispose() {
      for (const session of sessions) await session.dispose();
    },
  };
}
