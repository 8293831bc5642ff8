import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { JudgeDecodingError, type JudgeHead, type ModelInfo, writeHead } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { asksJudge, buildRule, sayVerify } from '../options/verify-spec.ts';
import { openPair } from '../pair/open-pair.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { notices } from '../run/notices.ts';
import { type Difference, type Replayed, replay } from '../trace/replay.ts';
import { readTrace, type Trace, type TracedModel } from '../trace/trace-file.ts';
import type { World } from '../world.ts';

export interface ReplayFlags extends ModelFlags {
  readonly head?: string;
  readonly allowOtherWeights?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

/** Asks for a trace's decisions again. Exit code 4 where one differs and no near tie excuses it. */
export async function replayCommand(file: string, flags: ReplayFlags, world: World): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.out, terminal.env, flags);
  const said = notices(terminal, paintFor(terminal.err, terminal.env, flags));
  const trace = await readTrace(file);
  const progress = progressLine(terminal, paint);
  const draft = typeof trace.draft === 'string' ? trace.draft : trace.draft.folder;
  const named = {
    ...flags,
    target: flags.target ?? trace.target.folder,
    draft: flags.draft ?? draft,
    context: flags.context ?? trace.target.contextLength,
  };
  const pair = await interruptible(terminal, (signal) =>
    openPair(named, world, {
      onProgress: (folder, done, total) =>
        progress.show(`preparing ${basename(folder)} (first use only)`, done, total),
      signal,
    }),
  ).finally(() => progress.clear());
  try {
    const { info } = pair.target.model;
    const changes = changesBetween(trace.target, info, flags.allowOtherWeights === true);
    for (const change of changes) said.say(change);
    // a head that fitted the trace's weights is not held to their type: another one was asked for
    const allowOtherWeights = flags.allowOtherWeights === true || trace.target.dtype !== info.dtype;
    const head = await headFor(trace, flags.head, said.say);
    const rule = buildRule(trace.verify, { sampling: trace.sampling, head });
    const replayed = await interruptible(terminal, (signal) =>
      replay({
        trace,
        target: pair.target.model,
        draft: typeof pair.draft === 'string' ? undefined : pair.draft.model,
        tokenizer: pair.target.tokenizer,
        rule,
        head,
        allowOtherWeights,
        signal,
        onRound: (done, total) => progress.show('replaying', done, total),
      }),
    ).finally(() => progress.clear());
    const broken = replayed.differences.some(({ excused }) => !excused);
    if (flags.json) terminal.out.write(`${JSON.stringify({ ...replayed, same: !broken }, null, 2)}\n`);
    else
      for (const line of replayLines(trace, replayed, flags, info.dtype, paint))
        terminal.out.write(`${line}\n`);
    return broken ? EXIT.mismatch : EXIT.ok;
  } finally {
    await pair.dispose();
  }
}

function replayLines(
  trace: Trace,
  { rounds, decisions, differences, scoreChange }: Replayed,
  { backend, threads }: ReplayFlags,
  dtype: string,
  paint: ReturnType<typeof paintFor>,
): readonly string[] {
  const then = `${trace.backend}, threads ${trace.threads}, ${trace.target.dtype}`;
  const lines = [
    paint.dim(
      `verify ${sayVerify(trace.verify)} · then: ${then} · now: ${backend}, threads ${threads ?? 'auto'}, ${dtype}`,
    ),
  ];
  const excused = differences.filter((difference) => difference.excused).length;
  const broken = differences.length - excused;
  lines.push(
    differences.length === 0
      ? `${paint.green('same')}: ${rounds} rounds, ${decisions} tokens, every decision alike`
      : broken === 0
        ? `${paint.yellow('same but for near ties')}: ${excused} of ${rounds} rounds, each explained below`
        : `${paint.red('different')}: ${broken} of ${rounds} rounds decided otherwise, ${excused} more at near ties`,
  );
  if (trace.head) lines.push(paint.dim(`judge scores moved by at most ${scoreChange.toExponential(1)}`));
  return [...lines, ...differences.map(differenceLine)];
}

function differenceLine({ round, at, traced, replayed, explanation }: Difference): string {
  const say = (token: Difference['traced']) =>
    token === undefined ? 'nothing' : `${token.id} (${token.source})`;
  return `  round ${round}, token ${at + 1}: ${say(traced)} then, ${say(replayed)} now: ${explanation}`;
}

/** What is not as in the trace. Other models are refused, other weights unless allowed. */
function changesBetween(then: TracedModel, now: ModelInfo, allowOtherWeights: boolean): readonly string[] {
  for (const what of ['architecture', 'tokenizer'] as const) {
    if (then.fingerprint[what] === now.fingerprint[what]) continue;
    throw new JudgeDecodingError(
      'mismatch',
      `Expected a target of the trace’s ${what} ${then.fingerprint[what].slice(0, 12)}, ${now.name} has ${now.fingerprint[what].slice(0, 12)}. Name the right one with --target.`,
    );
  }
  if (then.fingerprint.weights === now.fingerprint.weights) {
    return then.dtype === now.dtype
      ? []
      : [
          `The trace was made in ${then.dtype}, this replay runs in ${now.dtype}: small differences are to be expected.`,
        ];
  }
  const [of, is] = [
    `${then.fingerprint.weights.slice(0, 12)} (${then.dtype})`,
    `${now.fingerprint.weights.slice(0, 12)} (${now.dtype})`,
  ];
  if (!allowOtherWeights) {
    throw new JudgeDecodingError(
      'mismatch',
      `The trace was made with the weights ${of}, ${now.name} has ${is}. Pass --allow-other-weights to replay it all the same.`,
    );
  }
  return [
    `The trace was made with the weights ${of}, this target has ${is}: differences are to be expected.`,
  ];
}

async function headFor(
  { verify, head }: Trace,
  flag: string | undefined,
  say: (text: string) => void,
): Promise<JudgeHead | undefined> {
  if (!asksJudge(verify)) return undefined;
  const file = flag ?? head?.file;
  if (file === undefined || file === '') {
    throw new JudgeDecodingError(
      'invalid-file',
      'The trace asks a judge and names no head. Name one with --head FILE.',
    );
  }
  const read = await readHeadFile(file);
  const digest = createHash('sha256').update(writeHead(read)).digest('hex');
  if (head && digest !== head.sha256)
    say(`The head ${file} is not the one of the trace: scores will differ.`);
  // the threshold that decided then decides now
  return head ? { ...read, threshold: head.threshold } : read;
}
