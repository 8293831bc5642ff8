import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type AbortSignalLike, JudgeDecodingError, type JudgeHead, readHead } from '@judge-decoding/core';
import { type Equality, findDivergences, openRows, readRows, runArms } from '@judge-decoding/eval';
import { progressLine } from '@judge-decoding/long-work';
import type { TokenProblem } from '@judge-decoding/tasks';
import { armOf, namedBy } from './arms.ts';
import { problemOf, readQuestions } from './gsm8k.ts';
import { openPair, type Pair, type PairOptions } from './pair.ts';
import { say } from './say.ts';
import { describe } from './settings.ts';

export interface RunOptions extends PairOptions {
  /** GSM8K's test.jsonl. */
  readonly questionsFile: string;
  readonly questions: number;
  /** Every `parts`th question from `part` on. */
  readonly part: number;
  readonly parts: number;
  readonly arms: readonly string[];
  readonly draftLength: number;
  readonly maxTokens: number;
  /** A head's file, for the arm `judge`. */
  readonly headFile: string | undefined;
  readonly out: string;
  readonly signal: AbortSignalLike;
}

/** Arms that promise a model's own text, and who writes it plainly. */
const PROMISES = [
  ['strict', 'target'],
  ['everything-unguarded', 'draft'],
] as const;

/** Every arm over every question, question by question; what is in `out` already is not run again. */
export async function runRules(options: RunOptions): Promise<void> {
  const { arms, draftLength, maxTokens, out, part, parts, signal } = options;
  const head = options.headFile === undefined ? undefined : await headOf(options.headFile);
  if (head === undefined && arms.some((arm) => arm.startsWith('judge')))
    throw new JudgeDecodingError('invalid-option', 'The arm `judge` needs a --head.');
  const chosen = arms.map((name) => armOf(name, draftLength));
  const questions = (await readQuestions(options.questionsFile, options.questions)).filter(
    (_, index) => index % parts === part,
  );
  const pair = await openPair(options);
  try {
    const { target, draft, tokenizer } = pair;
    await describe(out, {
      target: target.info.name,
      draft: draft.info.name,
      targetWeights: target.info.fingerprint.weights,
      draftWeights: draft.info.fingerprint.weights,
      exact: target.info.exact === true,
      targetDtype: target.info.dtype,
      draftDtype: draft.info.dtype,
      draftLength,
      maxTokens,
      ...(head === undefined ? {} : { head: head.digest }),
    });
    const problems = questions.map((question) => problemOf(question, tokenizer));
    const sink = await openRows(out, String(part));
    const named = namedBy(arms, head?.head);
    const onProgress = progressLine('rows');
    const now = () => performance.now();
    await runArms({ problems, arms: chosen, target, draft, named, sink, maxTokens, signal, now, onProgress });
    if (parts === 1) await compare(out, pair, problems, signal);
  } finally {
    await pair.dispose();
  }
}

/** Where texts that should be a model's own leave it; `equality.json`. */
async function compare(
  out: string,
  pair: Pair,
  problems: readonly TokenProblem[],
  signal: AbortSignalLike,
): Promise<void> {
  const rows = await readRows(out);
  const equality: Equality[] = [];
  for (const [arm, plainArm] of PROMISES) {
    if (![arm, plainArm].every((name) => rows.some((row) => row.arm === name))) continue;
    const model = plainArm === 'target' ? pair.target : pair.draft;
    const found = await findDivergences({ rows, problems, model, plainArm, arm, signal });
    equality.push({ arm, reference: plainArm, ...found });
    say(
      `${arm}: ${found.compared - found.divergences.length} of ${found.compared} texts are the ${plainArm}'s`,
    );
  }
  await writeFile(`${out}/equality.json`, `${JSON.stringify(equality, null, 1)}\n`);
}

async function headOf(path: string): Promise<{ readonly head: JudgeHead; readonly digest: string }> {
  const bytes = await readFile(path).catch((cause) => {
    throw new JudgeDecodingError('not-found', `There is no head file \`${path}\`.`, { cause });
  });
  return { head: readHead(bytes), digest: createHash('sha256').update(bytes).digest('hex').slice(0, 16) };
}
