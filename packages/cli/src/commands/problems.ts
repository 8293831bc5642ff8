import { meanAcceptedLength, merge, NO_STATS } from '@judge-decoding/core';
import { DOMAINS, drawProblem, grade, type PocketProblem } from '@judge-decoding/tasks';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { ProblemFlags } from '../options/problem-flags.ts';
import { type SamplingFlags, samplingNotices } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { openPair } from '../pair/open-pair.ts';
import { tokensJson } from '../render/generation-json.ts';
import { headerLines, LOSSY } from '../render/header.ts';
import { paintFor } from '../render/paint.ts';
import { verdictOf } from '../render/problem.ts';
import { progressLine } from '../render/progress.ts';
import { perSecond } from '../render/statistics.ts';
import { notices } from '../run/notices.ts';
import { type PrintedRun, printRun } from '../run/print-run.ts';
import { encodePrompt } from '../run/prompt.ts';
import { draftLengthOf, openSessions, setUp } from '../run/setup.ts';
import type { World } from '../world.ts';

export interface ProblemsFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags, ProblemFlags {
  readonly count?: number;
  readonly solve?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
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
  else out.write(`${problems.map(({ prompt }) => prompt).join('\n\n')}\n`);
  return EXIT.ok;
}

async function solve(
  problems: readonly PocketProblem[],
  flags: ProblemsFlags,
  world: World,
): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const said = notices(terminal, paint);
  const verification = verificationOf(flags);
  for (const text of [...verification.notices, ...samplingNotices(flags)]) said.say(text);
  const progress = progressLine(terminal, paint);
  const pair = await openPair(flags, world, {
    onProgress: (folder, done, total) => progress.show(`preparing ${folder} (first use only)`, done, total),
  }).finally(() => progress.clear());
  try {
    const setup = await setUp(pair, verification, flags);
    for (const text of headerLines(setup, paint, terminal.err.columns)) terminal.err.write(`${text}\n`);
    if (!setup.lossless) said.say(LOSSY);
    return await interruptible(terminal, async (signal) => {
      const now = () => terminal.now();
      const sessions = await openSessions(pair);
      const solved: { readonly problem: PocketProblem; readonly run: PrintedRun }[] = [];
      try {
        for (const [index, problem] of problems.entries()) {
          const prompt = encodePrompt(pair.target.tokenizer, problem.prompt, {
            raw: false,
            system: flags.system,
          });
          const run = await printRun({
            setup,
            sessions,
            prompt,
            draftLength: await draftLengthOf(
              setup,
              { promptTokens: prompt.length, expectedTokens: flags.maxTokens ?? 256 },
              now,
              () => progress.say('measuring what a pass costs here (first use only) …'),
            ),
            look: { paint, letters: false },
            signal,
            now,
          });
          progress.clear();
          if (run.finish.reason === 'interrupted') break;
          solved.push({ problem, run });
          if (!flags.json) terminal.out.write(`${solvedLine(problem, run)}\n`);
          progress.show('solving', index + 1, problems.length);
        }
      } finally {
        progress.clear();
        await sessions.dispose();
      }
      if (flags.json) {
        const json = solved.map(({ problem, run }) => ({
          ...problem,
          text: run.text,
          right: grade(problem, run.text),
          finish: run.finish,
          tokens: tokensJson(run, pair.target.tokenizer),
          statistics: run.stats,
        }));
        terminal.out.write(`${JSON.stringify(json, null, 2)}\n`);
      }
      terminal.err.write(`${summaryLine(solved)}\n`);
      return signal.aborted ? EXIT.interrupted : EXIT.ok;
    });
  } finally {
    await pair.dispose();
  }
}

function solvedLine(problem: PocketProblem, { text, tokens, total, stats }: PrintedRun): string {
  const accepted =
    stats.drafted === 0 ? '' : `  ${meanAcceptedLength(stats).accepted.toFixed(1)} accepted a round`;
  const speed = `${String(tokens.length).padStart(4)} tokens  ${perSecond(tokens.length, total).padStart(5)} tokens/s`;
  return `${problem.id.padEnd(16)}  ${verdictOf(problem, text).padEnd(12)}${speed}${accepted}`;
}

function summaryLine(
  solved: readonly { readonly problem: PocketProblem; readonly run: PrintedRun }[],
): string {
  const right = solved.filter(({ problem, run }) => grade(problem, run.text)).length;
  const stats = solved.map(({ run }) => run.stats).reduce(merge, NO_STATS);
  const time = solved.reduce((sum, { run }) => sum + run.total, 0);
  if (solved.length === 0) return 'Nothing solved.';
  return (
    `${right} of ${solved.length} right · ${perSecond(stats.committed, time)} tokens/s` +
    (stats.drafted === 0
      ? ''
      : ` · ${meanAcceptedLength(stats).accepted.toFixed(1)} of ${(stats.drafted / stats.rounds).toFixed(1)} accepted a round`)
  );
}
