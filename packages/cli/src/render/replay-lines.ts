import { type CommittedToken, sayRule } from '@judge-decoding/core';
import type { Difference, Replayed, Trace } from '@judge-decoding/trace';
import type { Paint } from './paint.ts';
import { joinWithin, wrap } from './wrap.ts';

/** What runs now, beside what the trace says of then. */
export interface ReplayedOn {
  readonly backend: string;
  readonly threads: number | undefined;
  readonly dtype: string;
  readonly exact: boolean | undefined;
}

/** What a replay found: one line for the whole, then one difference after another. */
export function replayLines(
  trace: Trace,
  { rounds, decisions, differences, scores }: Replayed,
  { backend, threads, dtype, exact }: ReplayedOn,
  say: (token: number) => string,
  paint: Paint,
  width: number,
): readonly string[] {
  const said = (exact: boolean | undefined) => (exact ? ', exact' : '');
  const then = `${trace.backend}, threads ${trace.threads}, ${trace.target.dtype}${said(trace.target.exact)}`;
  const now = `${backend}, threads ${threads ?? 'auto'}, ${dtype}${said(exact)}`;
  const excused = differences.filter((difference) => difference.excused).length;
  const broken = differences.length - excused;
  const lines = joinWithin(
    [`verify ${sayRule(trace.verify)}`, `then: ${then}`, `now: ${now}`],
    ' · ',
    width,
  ).map((line) => paint.dim(line));
  const push = (text: string) => lines.push(...wrap(text, width));
  if (differences.length === 0) {
    push(`${paint.green('same')}: ${rounds} rounds, ${decisions} tokens, every decision alike`);
  } else if (broken === 0) {
    push(`${paint.yellow('same but where it was close')}: ${excused} of ${rounds} rounds`);
  } else {
    const more = excused === 0 ? '' : `, ${excused} more where it was close`;
    push(`${paint.red('different')}: ${broken} of ${rounds} rounds decided otherwise${more}`);
  }
  if (scores !== undefined) {
    const { mean, largest } = scores;
    push(
      paint.dim(
        largest === 0
          ? 'no judge score moved'
          : `judge scores moved by ${mean.toPrecision(2)} on average, by ${largest.toPrecision(2)} at most`,
      ),
    );
  }
  for (const difference of differences) {
    const [first, ...rest] = wrap(differenceLine(difference, say), width - 4);
    lines.push(`  ${first}`, ...rest.map((line) => `    ${line}`));
  }
  return lines;
}

function differenceLine(
  { round, at, traced, replayed, explanation, excused }: Difference,
  say: (token: number) => string,
): string {
  const named = (token: CommittedToken | undefined) =>
    token === undefined ? 'nothing' : `${say(token.id)} (${token.source})`;
  return `round ${round}, token ${at + 1}: ${named(traced)} then, ${named(replayed)} now; ${excused ? 'close' : 'not close'}: ${explanation}`;
}
