import { JudgeDecodingError } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import type { AnswerTokenizer } from '../answers/writer.ts';
import {
  agreed,
  type DataSetRow,
  messagesOf,
  problemOf,
  tokenLabels,
  tokenOffsets,
} from '../data-set/index.ts';
import type { LabelledSolution } from './labelled-solution.ts';
import type { LabelledData } from './read-solutions.ts';

export interface PeopleOptions {
  readonly rows: readonly DataSetRow[];
  /** The target's. */
  readonly tokenizer: AnswerTokenizer;
  /** Where a row stands, for errors. */
  readonly where?: (row: DataSetRow) => string;
  /** Tokens that the models can read: a longer question with its answer is an error of code `invalid-input`. */
  readonly contextLength?: number;
}

export interface PeopleLabels extends LabelledData {
  /** Rows whose `wrong` answer nobody has decided on, or on which as many say one as the other. */
  readonly open: number;
}

/**
 * The labels of people (TokenCourt): every token of a correct answer is correct; of a wrong one those
 * before its mistake are, and the mistaken ones are wrong. What comes after is up to `afterError`.
 */
export function peopleLabels({
  rows,
  tokenizer,
  where,
  contextLength = Number.POSITIVE_INFINITY,
}: PeopleOptions): PeopleLabels {
  const solutions: LabelledSolution[] = [];
  let open = 0;
  for (const row of rows) {
    const at = where?.(row) ?? `row \`${row.id}\``;
    const prompt = tokenizer.encodeChat(messagesOf(row));
    const add = (source: string, text: string, mistakes: Parameters<typeof tokenLabels>[1]) => {
      const offsets = located(at, () => tokenOffsets(text, tokenizer));
      const length = prompt.length + offsets.tokens.length;
      if (length > contextLength)
        throw new JudgeDecodingError(
          'invalid-input',
          `Expected question and \`${source}\` answer at ${at} to have at most ${contextLength} tokens, what the models can read, got ${length}. Take the row out, or shorten the answer.`,
        );
      solutions.push({
        problem: problemOf(row),
        domain: row.domain,
        source,
        prompt,
        solution: offsets.tokens,
        labels: tokenLabels(offsets, mistakes, at),
      });
    };
    if (row.correct !== undefined) add('correct', row.correct, []);
    if (row.wrong === undefined) continue;
    const said = agreed(row);
    if (said.decision === 'open') open++;
    else add('wrong', row.wrong, said.decision === 'mistake' ? said.mistakes : []);
  }
  if (solutions.length === 0)
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected answers that are decided on, found ${open} that are open. Mark them with \`judge annotate\`.`,
    );
  return { solutions, open, fingerprint: sha256(tokenizer.fingerprint, JSON.stringify(rows)) };
}

function located<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!JudgeDecodingError.is(cause)) throw cause;
    throw new JudgeDecodingError(cause.code, `At ${where}: ${cause.message}`, { cause });
  }
}
