import { readFile } from 'node:fs/promises';
import type { Tokenizer } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { TokenProblem } from '@judge-decoding/tasks';

/** What the question ends with; Qwen's own way to ask for mathematics. */
const ASK = '\nPlease reason step by step, and put your final answer within \\boxed{}.';

/** A question of GSM8K and its number, as text. */
export interface Question {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
}

/** The first `count` questions of a file of GSM8K (`question` and `answer`, which ends in `#### 42`). */
export async function readQuestions(path: string, count: number): Promise<readonly Question[]> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new JudgeDecodingError('not-found', `Expected GSM8K's test.jsonl at \`${path}\`.`, { cause });
  });
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length < count)
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected at least ${count} questions in \`${path}\`, got ${lines.length}.`,
    );
  return lines.slice(0, count).map((line, index) => questionOf(line, index, path));
}

function questionOf(line: string, index: number, path: string): Question {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Line ${index + 1} of \`${path}\` is not JSON.`, { cause });
  }
  const { question, answer } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const number = typeof answer === 'string' ? finalNumber(answer.split('####')[1] ?? '') : undefined;
  if (typeof question !== 'string' || number === undefined)
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected a \`question\` and an \`answer\` that ends in \`#### number\` in line ${index + 1} of \`${path}\`.`,
    );
  return { id: `gsm8k/test/${index}`, question, answer: number };
}

/**
 * The number that a solution comes to: the last one inside the last `\boxed{}`, or the last one at
 * all where nothing is boxed. Dollars and thousands separators are dropped, `18.0` is `18`.
 */
export function finalNumber(solution: string): string | undefined {
  const boxed = [...solution.matchAll(/\\boxed\{([^{}]*)\}/g)].at(-1)?.[1] ?? solution;
  const last = boxed
    .replaceAll('$', '')
    .match(/-?\d[\d,]*\.?\d*/g)
    ?.at(-1);
  return last === undefined ? undefined : String(Number(last.replaceAll(',', '')));
}

/** The question in the tokens of one tokenizer, asked through the model's chat template. */
export function problemOf(
  { id, question, answer }: Question,
  tokenizer: Pick<Tokenizer, 'encodeChat' | 'decode'>,
): TokenProblem {
  return {
    id,
    domain: 'gsm8k',
    prompt: tokenizer.encodeChat([{ role: 'user', content: question + ASK }]),
    reader() {
      throw new JudgeDecodingError('unsupported', 'Nobody knows of GSM8K which token is right.');
    },
    grade: (solution) => finalNumber(tokenizer.decode(solution)) === answer,
  };
}
