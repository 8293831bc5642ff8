import { JudgeDecodingError, throwIfAborted } from '@judge-decoding/core';
import {
  appendGrade,
  type Gradable,
  type Grade,
  gradable,
  gradeKey,
  REFERENCE,
  readGrades,
  readResults,
  writeReport,
} from '@judge-decoding/eval';
import {
  type AskJudge,
  askChat,
  type MtBenchJudge,
  preferAnswer,
  readMtBenchJudge,
  scoreAnswer,
} from '@judge-decoding/tasks/judge-model';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { tableLines } from '../measure/result-lines.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface GradeFlags {
  readonly data: string;
  readonly endpoint: string;
  readonly grader: string;
  readonly color: boolean;
}

/** Has another model grade MT-Bench's answers: a score for each turn, and against plain decoding in both orders. */
export async function gradeCommand(folder: string, flags: GradeFlags, world: World): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const progress = progressLine(terminal, paint);
  const { rows, settings } = await readResults(folder);
  if (settings.fixed.task !== 'mt-bench')
    throw new JudgeDecodingError(
      'invalid-input',
      `Expected answers to mt-bench in \`${folder}\`, they are to ${settings.fixed.task}, which is graded when it is run.`,
    );
  const judge = await readMtBenchJudge(flags.data);
  const done = new Set((await readGrades(folder)).map(gradeKey));
  const all = gradable(rows, REFERENCE);
  const open = all.filter((each) => !done.has(gradeKey(keyOf(each, flags.grader))));
  const endpoint = {
    baseUrl: flags.endpoint,
    model: flags.grader,
    apiKey: terminal.env.JUDGE_API_KEY ?? terminal.env.OPENAI_API_KEY,
  };
  await interruptible(terminal, async (signal) => {
    for (const [index, each] of open.entries()) {
      throwIfAborted(signal);
      progress.show('grading', all.length - open.length + index, all.length);
      await appendGrade(
        folder,
        await gradeOf(judge, each, flags.grader, (messages) => askChat(endpoint, messages, { signal })),
      );
    }
  }).finally(() => progress.clear());
  const analysis = await writeReport(folder);
  const table = analysis.graded;
  if (table !== undefined)
    for (const line of tableLines(table, paintFor(terminal.out, terminal.env, flags), widthOf(terminal.out)))
      terminal.out.write(`${line}\n`);
  return EXIT.ok;
}

const keyOf = ({ row, turn }: Gradable, by: string) => ({
  arm: row.arm,
  draftLength: row.draftLength,
  problem: row.problem,
  repeat: row.repeat,
  turn,
  by,
});

async function gradeOf(judge: MtBenchJudge, each: Gradable, by: string, ask: AskJudge): Promise<Grade> {
  const { row, reference } = each;
  const turn = each.turn === 1 ? 1 : 0;
  const question = judge.questions.get(row.problem);
  if (question === undefined)
    throw new JudgeDecodingError(
      'mismatch',
      `Expected the question ${row.problem} among MT-Bench’s, found none of that id.`,
    );
  const score = (await scoreAnswer(judge, question, row.texts!, turn, ask)) ?? null;
  if (reference?.texts === undefined) return { ...keyOf(each, by), score };
  // the same text is a tie, and nobody has to be asked
  if (reference.hash === row.hash) return { ...keyOf(each, by), score, against: 'tie', consistent: true };
  const found = await preferAnswer(judge, question, row.texts!, reference.texts, turn, ask);
  if (found === undefined) return { ...keyOf(each, by), score, against: null };
  const against = { first: 'better', second: 'worse', tie: 'tie' } as const;
  return { ...keyOf(each, by), score, against: against[found.preference], consistent: found.consistent };
}
