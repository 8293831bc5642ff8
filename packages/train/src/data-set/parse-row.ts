import { JudgeDecodingError } from '@judge-decoding/core';
import { type Annotation, DATA_SET_VERSION, type DataSetRow, type Decision, type Mistake } from './row.ts';

/** Far above any answer we know; far below what could hurt a reader. */
const MOST_CHARACTERS = 1_000_000;
const MOST_NAME = 512;
const MOST_SPANS = 10_000;
const MOST_ANNOTATIONS = 1_000;
const DECISIONS: readonly string[] = ['mistake', 'correct', 'skip', 'flag'] satisfies readonly Decision[];

/**
 * One line as a row. What is wrong with it is an error of code `invalid-file` that says where (file
 * and line, as given) and what was expected.
 */
export function parseRow(line: string, where: string): DataSetRow {
  const fail: (what: string, cause?: unknown) => never = (what, cause) => {
    throw new JudgeDecodingError('invalid-file', `Expected a row of a data set at ${where}, but ${what}.`, {
      cause,
    });
  };
  if (line.length > 8 * MOST_CHARACTERS)
    fail(`it has ${line.length} characters, and ${8 * MOST_CHARACTERS} are allowed`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    fail(`it is not JSON (${brief(line)})`, cause);
  }
  if (!isObject(value)) fail('it is no JSON object');
  const row = value;
  if (row.version !== DATA_SET_VERSION)
    fail(`its \`version\` is ${JSON.stringify(row.version)}, and this reader knows ${DATA_SET_VERSION}`);

  const text = (name: string, most: number, of: Readonly<Record<string, unknown>> = row, at = name) => {
    const found = of[name];
    if (typeof found !== 'string' || found === '') fail(`\`${at}\` is ${shown(found)}, no text`);
    const length = (found as string).length;
    if (length > most) fail(`\`${at}\` has ${length} characters, and ${most} are allowed`);
    return found as string;
  };
  const optional = (name: string, most: number, of = row, at = name) =>
    of[name] === undefined ? undefined : text(name, most, of, at);

  text('id', MOST_NAME);
  optional('problem', MOST_NAME);
  text('domain', MOST_NAME);
  text('question', MOST_CHARACTERS);
  const correct = optional('correct', MOST_CHARACTERS);
  const wrong = optional('wrong', MOST_CHARACTERS);
  if (correct === undefined && wrong === undefined) fail('it has neither `correct` nor `wrong`');
  const { provenance, mistakes, annotations, cuts, messages, suggestion } = row;
  if (
    messages !== undefined &&
    !(Array.isArray(messages) && messages.length > 0 && messages.every(isMessage))
  )
    fail(`\`messages\` is ${shown(messages)}, no list of {role, content}, role system, user or assistant`);
  if (!isObject(provenance)) fail(`\`provenance\` is ${shown(provenance)}, no object`);
  for (const name of ['question', 'correct', 'wrong'])
    optional(name, MOST_NAME, provenance, `provenance.${name}`);

  const spans = (list: unknown, at: string): void => {
    if (wrong === undefined) fail(`\`${at}\` is there and \`wrong\` is not`);
    if (!Array.isArray(list) || list.length === 0 || list.length > MOST_SPANS)
      fail(`\`${at}\` is ${shown(list)}, no list of 1 to ${MOST_SPANS} spans`);
    let before = 0;
    for (const [i, span] of (list as readonly unknown[]).entries()) {
      const { start, end, recovered } = (isObject(span) ? span : {}) as Partial<Mistake>;
      const name = `${at}[${i}]`;
      if (!Number.isInteger(start) || !Number.isInteger(end))
        fail(`\`${name}\` is ${shown(span)}, no span {start, end} of whole numbers`);
      if (recovered !== undefined && typeof recovered !== 'boolean')
        fail(`\`${name}.recovered\` is ${shown(recovered)}, neither true nor false`);
      const [from, to] = [start as number, end as number];
      if (from < 0 || to > wrong.length)
        fail(`\`${name}\` is ${from} to ${to}, and \`wrong\` has ${wrong.length} characters`);
      if (from >= to) fail(`\`${name}\` is ${from} to ${to}, which is empty`);
      if (from < before)
        fail(`\`${name}\` begins at ${from}, before the end ${before} of the span before it`);
      if (splitsPair(wrong, from) || splitsPair(wrong, to))
        fail(
          `\`${name}\` is ${from} to ${to}, which cuts a character in two: offsets count UTF-16 code units`,
        );
      before = to;
    }
  };
  if (mistakes !== undefined) spans(mistakes, 'mistakes');
  if (annotations !== undefined) {
    if (!Array.isArray(annotations) || annotations.length > MOST_ANNOTATIONS)
      fail(`\`annotations\` is ${shown(annotations)}, no list of at most ${MOST_ANNOTATIONS}`);
    const seen = new Set<string>();
    for (const [i, one] of (annotations as readonly unknown[]).entries()) {
      const at = `annotations[${i}]`;
      if (!isObject(one)) fail(`\`${at}\` is ${shown(one)}, no object`);
      const { decision, seconds } = one as Partial<Annotation>;
      const annotator = text('annotator', MOST_NAME, one, `${at}.annotator`);
      if (seen.has(annotator)) fail(`\`${at}\` is a second word of ${JSON.stringify(annotator)}`);
      seen.add(annotator);
      if (!DECISIONS.includes(decision as string))
        fail(`\`${at}.decision\` is ${shown(decision)}, none of ${DECISIONS.join(', ')}`);
      if (wrong === undefined) fail(`\`${at}\` is there and \`wrong\` is not`);
      if (decision === 'mistake') spans(one.mistakes, `${at}.mistakes`);
      else if (one.mistakes !== undefined) fail(`\`${at}\` has mistakes and the decision ${shown(decision)}`);
      if (one.note !== undefined && typeof one.note !== 'string') fail(`\`${at}.note\` is no text`);
      if (seconds !== undefined && !(typeof seconds === 'number' && seconds >= 0))
        fail(`\`${at}.seconds\` is ${shown(seconds)}, no number of at least 0`);
      optional('at', 64, one, `${at}.at`);
      if (one.suggested !== undefined && typeof one.suggested !== 'boolean')
        fail(`\`${at}.suggested\` is ${shown(one.suggested)}, neither true nor false`);
    }
  }
  if (cuts !== undefined) {
    const { tokenizer, starts } = isObject(cuts) ? cuts : ({} as Record<string, unknown>);
    const ascending =
      Array.isArray(starts) &&
      starts.every((start, i) => Number.isInteger(start) && start >= (i === 0 ? 0 : starts[i - 1])) &&
      (starts.length === 0 || starts.at(-1) <= (wrong ?? '').length);
    if (typeof tokenizer !== 'string' || !ascending)
      fail('`cuts` is no {tokenizer, starts} with ascending offsets into `wrong`');
  }
  if (suggestion !== undefined) {
    const { head, threshold, scores } = isObject(suggestion) ? suggestion : ({} as Record<string, unknown>);
    if (typeof head !== 'string' || !isShare(threshold) || !Array.isArray(scores) || !scores.every(isShare))
      fail('`suggestion` is no {head, threshold, scores} with numbers from 0 to 1');
    const tokens = isObject(cuts) && Array.isArray(cuts.starts) ? cuts.starts.length : 0;
    if ((scores as readonly number[]).length !== tokens)
      fail(
        `\`suggestion\` has ${(scores as readonly number[]).length} scores, and \`cuts\` has ${tokens} tokens`,
      );
  }
  return row as unknown as DataSetRow;
}

const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;

/** Whether an offset lies between the halves of one character. */
const splitsPair = (text: string, at: number): boolean =>
  at > 0 && at < text.length && /[\ud800-\udbff]/.test(text[at - 1]!) && /[\udc00-\udfff]/.test(text[at]!);

const isMessage = (value: unknown): boolean =>
  isObject(value) &&
  ['system', 'user', 'assistant'].includes(value.role as string) &&
  typeof value.content === 'string' &&
  value.content.length <= MOST_CHARACTERS;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => (value === undefined ? 'missing' : brief(JSON.stringify(value)));
const brief = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
