import type { TokenId } from '@judge-decoding/core';
import type { TaskProblem } from '../token-problem.ts';

/** One turn of a chat, as templates take it. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Right, wrong, or nothing where no program can tell. */
export type Verdict = boolean | undefined;

/** A problem of a benchmark as text: what is asked, and what an answer must be. */
export interface TextProblem {
  readonly id: string;
  readonly domain: string;
  /** The talk so far; examples come first, as turns of their own. */
  readonly messages: readonly Message[];
  /** What the answer begins with, where the template writes that itself. */
  readonly answerPrefix?: string;
  /** What the user says after each answer. */
  readonly followUps?: readonly string[];
  readonly stop?: readonly string[];
  readonly maxTokens?: number;
  /** An answer that is right, in the benchmark's own words; absent where it has none. */
  readonly gold?: string;
  /** What log-likelihood chooses among: texts that may follow `answerPrefix`, and which is right. */
  readonly choices?: { readonly texts: readonly string[]; readonly right: number };
  grade(answer: string): Verdict | Promise<Verdict>;
}

/** What is needed of a tokenizer; those of `@judge-decoding/checkpoint` fit. */
export interface TextTokenizer {
  readonly hasChatTemplate: boolean;
  readonly endTokens: readonly TokenId[];
  encode(text: string, options?: { readonly begin?: boolean }): readonly TokenId[];
  encodeChat(messages: readonly Message[]): readonly TokenId[];
  decode(tokens: readonly TokenId[]): string;
}

/** The problem in the tokens of one tokenizer, through the model's chat template where it has one. */
export function inTokens(problem: TextProblem, tokenizer: TextTokenizer): TaskProblem {
  const { id, domain, messages, answerPrefix = '', followUps = [], stop, maxTokens, choices } = problem;
  const textOf = (tokens: readonly TokenId[]) =>
    tokenizer.decode(tokens.filter((token) => !tokenizer.endTokens.includes(token)));
  return {
    id,
    domain,
    prompt: promptOf(messages, answerPrefix, tokenizer),
    ...(stop === undefined ? {} : { stop }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(choices === undefined
      ? {}
      : {
          choices: {
            continuations: choices.texts.map((text) => tokenizer.encode(text)),
            right: choices.right,
          },
        }),
    grade: (solution) => problem.grade(textOf(solution)),
    ...(followUps.length === 0
      ? {}
      : {
          followUp(answers) {
            if (answers.length > followUps.length) return undefined;
            const talk = answers.flatMap((answer, turn): readonly Message[] => [
              { role: 'assistant', content: textOf(answer) },
              { role: 'user', content: followUps[turn]! },
            ]);
            return promptOf([...messages, ...talk], '', tokenizer);
          },
        }),
  };
}

function promptOf(
  messages: readonly Message[],
  answerPrefix: string,
  tokenizer: TextTokenizer,
): readonly TokenId[] {
  if (tokenizer.hasChatTemplate) {
    const chat = tokenizer.encodeChat(messages);
    return answerPrefix === '' ? chat : [...chat, ...tokenizer.encode(answerPrefix)];
  }
  // a model that only continues text is given the talk as text
  const text = messages.map(({ content }) => content).join('\n\n');
  return tokenizer.encode(`${text}\n\n${answerPrefix}`, { begin: true });
}
