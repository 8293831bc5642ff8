import type { Tokenizer } from '@judge-decoding/checkpoint';
import { meanAcceptedLength, merge, NO_STATS } from '@judge-decoding/core';
import { DOMAINS, drawProblem, grade, type PocketProblem } from '@judge-decoding/tasks';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { ProblemFlags } from '../options/problem-flags.ts';
import type { SamplingFlags } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { tokensJson } from '../render/generation-json.ts';
import { verdictOf } from '../render/problem.ts';
import { perSecond } from '../render/statistics.ts';
import { padded } from '../render/width.ts';
import { joinWithin, wrap } from '../render/wrap.ts';
import { type PrintedRun, printRun } from '../run/print-run.ts';
import { checkFits, encodePrompt } from '../run/prompt.ts';
import { draftLengthOf, MEASURING, openSessions } from '../run/setup.ts';
import { withSetup } from '../run/with-setup.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface ProblemsFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags, ProblemFlags {
  readonly count?: number;
  readonly solve?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

interface Solved {
  readonly problem: PocketProblem;
  readonly run: PrintedRun;
}

/** The problems that flags name: `count` of them, the domains in turn unless one is named. */
export function problemsOf(
  { domain, split = 'dev', index = 0 }: ProblemFlags,
  count = 1,
): readonly PocketProblem[] {
  return Array.from({ length: count }, (_, i) =>
    domain === undefined
      ? drawProblem({
          domain: DOMAINS[(index + i) % DOMAINS.length]!,
          split,
          index: Math.floor((index + i) / DOMAINS.length),
        })
      : drawProblem({ domain, split, index: index + i }),
  );
}

/** Draws problems; with --solve, answers and grades them. */
export async function problemsCommand(flags: ProblemsFlags, world: World): Promise<number> {
  const { out } = world.terminal;
  const problems = problemsOf(flags, flags.count);
  if (flags.solve) return solve(problems, flags, world);
  if (flags.json) out.write(`${JSON.stringify(problems, null, 2)}\n`);
  else {
    const shown = problems.map(({ prompt }) => wrap(prompt, widthOf(out)).join('\n'));
    out.write(`${shown.join('\n\n')}\n`);
  }
  return EXIT.ok;
}

function solve(problems: readonly PocketProblem[], flags: ProblemsFlags, world: World): Promise<number> {
  const { terminal } = world;
  return withSetup(flags, verificationOf(flags, world), world, ({ setup, notices, progress, paint, line }) =>
    interruptible(terminal, async (signal) => {
      const { pair } = setup;
      const now = () => terminal.now();
      const sessions = await openSessions(setup);
      const solved: Solved[] = [];
      try {
        for (const [index, problem] of problems.entries()) {
          const prompt = encodePrompt(pair.target.tokenizer, problem.prompt, {
            raw: false,
            system: flags.system,
          });
          checkFits(prompt, pair.target);
          const draftLength = await draftLengthOf(
            setup,
            { promptTokens: prompt.length, expectedTokens: flags.maxTokens ?? 256 },
            { now, onMeasure: (share) => progress.show(MEASURING, share, 1), onNotice: notices.say, signal },
          );
          const look = { paint, letters: false };
          const run = await printRun({ setup, sessions, prompt, draftLength, look, signal, now });
          progress.clear();
          if (run.finish.reason === 'interrupted') break;
          solved.push({ problem, run });
          if (!flags.json) {
            const lines = solvedLines(problem, run, widthOf(terminal.out));
            terminal.out.write(`${lines.join('\n')}\n`);
          }
          progress.show('solving', index + 1, problems.length);
        }
      } finally {
        progress.clear();
        await sessions.dispose();
      }
      if (flags.json) {
        const json = solved.map((one) => solvedJson(one, pair.target.tokenizer));
        terminal.out.write(`${JSON.stringify(json, null, 2)}\n`);
      }
      for (const text of joinWithin(summary(solved), ' · ', widthOf(terminal.err))) line(text);
      return signal.aborted ? EXIT.interrupted : EXIT.ok;
    }),
  );
}

const solvedJson = ({ problem, run }: Solved, tokenizer: Tokenizer): object => ({
  ...problem,
  text: run.text,
  right: grade(problem, run.text),
  finish: run.finish,
  tokens: tokensJson(run, tokenizer),
  statistics: run.stats,
});

/** A line in columns; where it does not fit, as many as it needs. */
function solvedLines(
  problem: PocketProblem,
  { text, tokens, total, stats }: PrintedRun,
  width: number,
): readonly string[] {
  const accepted =
    stats.drafted === 0 ? [] : [`${meanAcceptedLength(stats).accepted.toFixed(1)} accepted a round`];
  const cells = [
    padded(problem.id, 16),
    padded(verdictOf(problem, text), 12),
    `${padded(String(tokens.length), 4, 'right')} tokens`,
    `${padded(perSecond(tokens.length, total), 5, 'right')} tokens/s`,
    ...accepted,
  ];
  const [first, ...more] = joinWithin(cells, '  ', width - 2);
  return [first!, ...more.map((line) => `  ${line}`)];
}

function summary(solved: readonly Solved[]): readonly string[] {
  const right = solved.filter(({ problem, run }) => grade(problem, run.text)).length;
  const stats = solved.map(({ run }) => run.stats).reduce(merge, NO_STATS);
  const time = solved.reduce((sum, { run }) => sum + run.total, 0);
  if (solved.length === 0) return ['Nothing solved.'];
  const accepted = `${meanAcceptedLength(stats).accepted.toFixed(1)} of ${(stats.drafted / stats.rounds).toFixed(1)} accepted a round`;
  return [
    `${right} of ${solved.length} right`,
    `${perSecond(stats.committed, time)} tokens/s`,
    ...(stats.drafted === 0 ? [] : [accepted]),
  ];
}
