import { JudgeDecodingError, STRICT_SPEC } from '@judge-decoding/core';
import { FIRST_PROBLEM, type PocketProblem, readProblem, readsAsMeant } from '@judge-decoding/tasks';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ProblemFlags } from '../options/problem-flags.ts';
import { verificationOf } from '../options/verify-flags.ts';
import { openPair } from '../pair/open-pair.ts';
import { pocketNotice } from '../pocket/pocket-prompt.ts';
import { comparisonLines } from '../render/comparison.ts';
import { flow } from '../render/flow.ts';
import { headerLines } from '../render/header.ts';
import { paintFor } from '../render/paint.ts';
import { problemLines, verdictOf } from '../render/problem.ts';
import { progressLine } from '../render/progress.ts';
import { legend } from '../render/sources.ts';
import { statisticsLines } from '../render/statistics.ts';
import { wrap } from '../render/wrap.ts';
import { type Arm, compare } from '../run/compare.ts';
import { printRun } from '../run/print-run.ts';
import { encodePrompt } from '../run/prompt.ts';
import { openSessions, planOf, setUp } from '../run/setup.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';
import { problemsOf } from './problems.ts';

export interface DemoFlags extends ProblemFlags {
  readonly letters?: boolean;
  readonly threads?: number;
  readonly color: boolean;
}

const LOSSY_IN_SHORT = 'Judge mode is lossy:';
const LOSSY = `${LOSSY_IN_SHORT} it may write another text than the target, and once in a while another answer.`;

const DRAFT_LENGTH = 16;
const REPEATS = 3;

interface Shown {
  /** Its address in the world, or how it came here. */
  readonly title: string;
  readonly prompt: string;
  readonly answer: string | undefined;
  /** Where it is the world's. */
  readonly index?: number;
}

/** What somebody typed, with its answer where the world has it. */
function typedProblem(title: string, prompt: string): Shown {
  const reading = readProblem(prompt);
  return { title, prompt, answer: reading.known ? reading.problem.answer : undefined };
}

/** What was typed, the world's problem that flags name, or the one that is always shown first. */
function problemOf(words: readonly string[], flags: ProblemFlags): Shown {
  if (words.length > 0) return typedProblem('Your problem', textIn(words));
  if (flags.index === undefined && flags.domain === undefined && flags.split === undefined)
    return typedProblem('A problem', FIRST_PROBLEM);
  // a problem that is named is shown, whatever it is
  const index = flags.index ?? nextKnown(flags, 0);
  const drawn = problemAt(flags, index);
  return { ...drawn, title: `Problem ${drawn.id}`, index };
}

function textIn(words: readonly string[]): string {
  const text = words.join(' ');
  if (text.trim() !== '') return text;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected a problem with some text, got ${text === '' ? 'an empty one' : 'nothing but blanks'}. Write it behind the command, in quotes, or leave it out for one of ours.`,
  );
}

const problemAt = (flags: ProblemFlags, index: number): PocketProblem => problemsOf({ ...flags, index })[0]!;

/** Where the world's next problem is that can be read as it was meant: others are no good first sight of it. */
function nextKnown(flags: ProblemFlags, from: number): number {
  let index = from;
  while (!readsAsMeant(problemAt(flags, index))) index += 1;
  return index;
}

/** The flags of the world's next problem of the kind that was asked for. */
function flagsOfNext({ index = -1 }: Shown, flags: ProblemFlags): string {
  const { domain, split } = flags;
  return [
    `--index ${nextKnown(flags, index + 1)}`,
    domain && `--domain ${domain}`,
    split && `--split ${split}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** What `npm start` shows: one problem, answered in judge mode, with plain and strict beside it. */
export async function demoCommand(words: readonly string[], flags: DemoFlags, world: World): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.out, terminal.env, flags);
  // without colour the sources would be lost
  const look = { paint, letters: flags.letters === true || !paint.isColorSupported };
  const line = (text = '') => terminal.out.write(`${text}\n`);
  const { columns } = terminal.out;
  const problem = problemOf(words, flags);
  for (const text of problemLines(problem, paint, columns)) line(text);
  const unknown = words.length === 0 ? undefined : pocketNotice(problem.prompt);
  if (unknown !== undefined) for (const text of wrap(unknown, columns)) line(paint.yellow(text));
  line();
  const progress = progressLine(terminal, paintFor(terminal.err, terminal.env, flags));
  const verification = verificationOf(
    { draftLength: DRAFT_LENGTH },
    { verify: { ...STRICT_SPEC, admit: { name: 'judge', parameters: [] } } },
  );
  const plan = await planOf(verification, {}, terminal.env, world.rules);

  const pair = await interruptible(terminal, (signal) =>
    openPair({ ...flags, backend: 'cpu' }, world, {
      onProgress: (_, done, total) =>
        progress.show(
          total > 0 ? 'preparing the pocket pair (first start only)' : 'opening the pocket pair',
          done,
          total,
        ),
      signal,
      head: plan.head,
    }),
  ).finally(() => progress.clear());
  try {
    const setup = setUp(pair, plan, {});
    const prompt = encodePrompt(pair.target.tokenizer, problem.prompt, { raw: false, system: undefined });
    return await interruptible(terminal, async (signal) => {
      const now = () => terminal.now();
      line(paint.bold('Answer in judge mode'));
      const sessions = await openSessions(setup);
      const text = flow((part) => terminal.out.write(part), columns, { indent: '  ' });
      const run = await printRun({
        setup,
        sessions,
        prompt,
        draftLength: DRAFT_LENGTH,
        look,
        write: text.write,
        signal,
        now,
      }).finally(() => sessions.dispose());
      text.end();
      line();
      line();
      for (const entry of legend(look, 'judge', columns - 2)) line(`  ${entry}`);
      line();
      for (const text of headerLines(setup, paint, columns)) line(text);
      for (const text of statisticsLines(run, DRAFT_LENGTH, paint, widthOf(terminal.out))) line(text);
      if (signal.aborted) return EXIT.interrupted;
      line();

      const arms = await compare({
        setup,
        prompt,
        draftLength: DRAFT_LENGTH,
        repeats: REPEATS,
        signal,
        now,
        onRun: (done, total) =>
          progress.show('the same problem, plain, strict and judge in turns', done, total),
      }).finally(() => progress.clear());
      if (arms === undefined) {
        line('Interrupted.');
        return EXIT.interrupted;
      }
      const { tokenizer } = pair.target;
      const textOf = ({ tokens }: Arm) => tokenizer.decode(tokens.map(({ id }) => id));
      const verdicts = { title: 'answer', of: (arm: Arm) => verdictOf(problem, textOf(arm)) };
      for (const text of comparisonLines(arms, paint, widthOf(terminal.out), verdicts)) line(text);
      line();
      for (const text of wrap(LOSSY, columns)) line(text.replace(LOSSY_IN_SHORT, paint.yellow));
      // npm says which of a project's scripts this is
      const again = terminal.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'judge demo';
      for (const text of wrap(`Another problem: ${again} ${flagsOfNext(problem, flags)}`, columns))
        line(paint.dim(text));
      return EXIT.ok;
    });
  } finally {
    await pair.dispose();
  }
}
