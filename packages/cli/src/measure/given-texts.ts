import { basename } from 'node:path';
import type { Tokenizer } from '@judge-decoding/checkpoint';
import { complete, JudgeDecodingError, type Model, throwIfAborted } from '@judge-decoding/core';
import type { GivenText } from '@judge-decoding/eval';
import { readNamed } from '@judge-decoding/long-work';
import {
  pocketProblem,
  type Style,
  seededRandom,
  type TaskProblem,
  writeSolution,
} from '@judge-decoding/tasks';
import { inTokens } from '@judge-decoding/tasks/benchmarks';
import { problemsOf } from '../commands/problems.ts';

/** A text, and how to show it. */
export interface Text extends GivenText {
  readonly question: string;
}

/** Of its lines; about one text in two goes wrong somewhere. */
const MISTAKES = 0.12;
/** The pocket world's longest answers. */
const MOST_TOKENS = 850;

/** Solutions of development problems as one of the world's authors words them; every second one with mistakes. */
export function pocketTexts(style: Style, count: number, tokenizer: Tokenizer): readonly Text[] {
  return problemsOf({ split: 'dev' }, count).map((problem, index): Text => {
    const { text } = writeSolution(problem, {
      style,
      random: seededRandom('texts', problem.id),
      mistakeRate: index % 2 === 0 ? 0 : MISTAKES,
    });
    return withMistake(pocketProblem(problem, tokenizer), problem.prompt, tokenizer.encode(text));
  });
}

/** What a model answers to the same problems, greedily. */
export async function answersOf(
  model: Model,
  count: number,
  tokenizer: Tokenizer,
  signal: AbortSignal,
): Promise<readonly Text[]> {
  const session = await model.openSession();
  const texts: Text[] = [];
  try {
    for (const problem of problemsOf({ split: 'dev' }, count)) {
      throwIfAborted(signal);
      const asked = pocketProblem(problem, tokenizer);
      session.truncate(0);
      const { tokens } = await complete({
        model: model.info,
        target: session,
        prompt: asked.prompt,
        maxTokens: MOST_TOKENS,
        signal,
      });
      const ends = new Set(tokenizer.endTokens);
      texts.push(
        withMistake(
          asked,
          problem.prompt,
          tokens.filter((token) => !ends.has(token)),
        ),
      );
    }
  } finally {
    await session.dispose();
  }
  return texts;
}

function withMistake(
  problem: ReturnType<typeof pocketProblem>,
  question: string,
  tokens: readonly number[],
): Text {
  const reader = problem.reader();
  const mistakeAt = tokens.findIndex((token) => reader.feed(token) === 'wrong');
  return { problem, question, tokens, ...(mistakeAt < 0 ? {} : { mistakeAt }) };
}

/** Texts from a file: JSONL of prompt, text and, where it has one, the character at which its mistake begins. */
export async function textsOf(file: string, tokenizer: Tokenizer): Promise<readonly Text[]> {
  const content = (await readNamed(file, 'texts')).toString('utf8');
  const texts = content.split('\n').flatMap((line, index): readonly Text[] => {
    if (line.trim() === '') return [];
    const row = parsed(line, `${file}:${index + 1}`);
    const problem: TaskProblem = inTokens(
      {
        id: `${basename(file)}/${index + 1}`,
        domain: basename(file),
        messages: [{ role: 'user', content: row.prompt }],
        grade: () => undefined,
      },
      tokenizer,
    );
    const tokens = tokenizer.encode(row.text);
    return [
      {
        problem,
        question: row.prompt,
        tokens,
        ...(row.mistake === undefined
          ? {}
          : { mistakeAt: tokenAt(tokens, row.text, row.mistake, tokenizer) }),
      },
    ];
  });
  if (texts.length > 0) return texts;
  throw new JudgeDecodingError('invalid-file', `Expected texts in ${file}, found none.`);
}

function parsed(
  line: string,
  where: string,
): { readonly prompt: string; readonly text: string; readonly mistake?: number } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected JSON at ${where}.`, { cause });
  }
  const { prompt, text, mistake } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const fits =
    mistake === undefined ||
    (Number.isInteger(mistake) && (mistake as number) >= 0 && (mistake as number) < String(text).length);
  if (typeof prompt === 'string' && typeof text === 'string' && text !== '' && fits)
    return { prompt, text, ...(mistake === undefined ? {} : { mistake: mistake as number }) };
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`prompt\` and \`text\` at ${where}, and \`mistake\` to be a character of the text.`,
  );
}

/** The token that holds a character: by bytes, since tokens may end inside one. */
function tokenAt(tokens: readonly number[], text: string, character: number, tokenizer: Tokenizer): number {
  const wanted = new TextEncoder().encode(text.slice(0, character)).length;
  let bytes = 0;
  const found = tokens.findIndex((token) => {
    bytes += tokenizer.bytesOf(token).length;
    return bytes > wanted;
  });
  return Math.max(0, found);
}
