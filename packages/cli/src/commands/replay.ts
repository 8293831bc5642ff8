import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stopConditions } from '@judge-decoding/checkpoint';
import {
  asksHead,
  buildRule,
  JudgeDecodingError,
  type JudgeHead,
  type ModelInfo,
  partsOf,
  type RuleRow,
  type RuleSpec,
  writeHead,
} from '@judge-decoding/core';
import { replay, type Trace, type TracedModel } from '@judge-decoding/trace';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { type BackendEntry, hasDevice } from '../pair/backends.ts';
import { openPair } from '../pair/open-pair.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { replayLines } from '../render/replay-lines.ts';
import { notices } from '../run/notices.ts';
import { type Terminal, widthOf } from '../terminal.ts';
import { findTraced } from '../trace/find-traced.ts';
import { readTrace } from '../trace/trace-file.ts';
import type { World } from '../world.ts';

export interface ReplayFlags extends Omit<ModelFlags, 'backend'> {
  /** The trace's where absent. */
  readonly backend?: string;
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
  checkKnown(trace.verify, world.rules);
  const progress = progressLine(terminal, paint);
  const { env } = terminal;
  const target = flags.target ?? (await findTraced(trace.target, 'target', env));
  const draft =
    flags.draft ??
    (typeof trace.draft === 'string' ? trace.draft : await findTraced(trace.draft, 'draft', env));
  const backend = flags.backend ?? backendThen(trace, world.backends);
  if (backend === undefined)
    said.say(
      `This program cannot run models on ${trace.target.device} of ${trace.backend}: replayed on cpu.`,
    );
  const named = {
    ...flags,
    backend: backend ?? 'cpu',
    target,
    draft,
    context: flags.context ?? trace.target.contextLength,
    ...asThen(trace, backend, flags, world.backends),
  };
  const pair = await interruptible(terminal, (signal) =>
    openPair(named, world, {
      onProgress: (what, done, total) => progress.show(what, done, total),
      signal,
    }),
  ).finally(() => progress.clear());
  try {
    const { info } = pair.target.model;
    const sayToken = (id: number) => JSON.stringify(pair.target.tokenizer.decode([id]));
    const changes = changesBetween(trace.target, info, flags.allowOtherWeights === true);
    for (const change of changes) said.say(change);
    // a head that fitted the trace's weights is not held to their type: another one was asked for
    const allowOtherWeights = flags.allowOtherWeights === true || trace.target.dtype !== info.dtype;
    const head = await headOf(trace, flags.head, env, world.rules, said.say);
    const rule = buildRule(trace.verify, { sampling: trace.sampling, head }, world.rules);
    const replayed = await interruptible(terminal, (signal) =>
      replay({
        trace,
        target: pair.target.model,
        draft: typeof pair.draft === 'string' ? undefined : pair.draft.model,
        stop: stopConditions(pair.target.tokenizer, trace.stop),
        rule,
        head,
        allowOtherWeights,
        sayToken,
        signal,
        onRound: (done, total) => progress.show('replaying', done, total),
      }),
    ).finally(() => progress.clear());
    const broken = replayed.differences.some(({ excused }) => !excused);
    if (flags.json) terminal.out.write(`${JSON.stringify({ ...replayed, same: !broken }, null, 2)}\n`);
    else
      for (const line of replayLines(
        trace,
        replayed,
        { backend: named.backend, threads: named.threads, dtype: info.dtype, exact: info.exact },
        sayToken,
        paint,
        widthOf(terminal.out),
      ))
        terminal.out.write(`${line}\n`);
    return broken ? EXIT.mismatch : EXIT.ok;
  } finally {
    await pair.dispose();
  }
}

/** Where the trace was written, if this program can run models there: a page's WebAssembly is none of its devices. */
function backendThen(
  { backend, target: { device } }: Trace,
  backends: World['backends'],
): string | undefined {
  const entry = Object.hasOwn(backends, backend) ? backends[backend] : undefined;
  return entry !== undefined && hasDevice(entry, device) ? backend : undefined;
}

/** What no flag says otherwise is as it was. */
function asThen(
  trace: Trace,
  now: string | undefined,
  flags: ReplayFlags,
  backends: World['backends'],
): Partial<ModelFlags> {
  const { target, draft, threads, backend } = trace;
  // another backend has types and threads of its own
  if (now !== backend) return {};
  // one flag holds for both models: where they differed, each is asked for what it chooses by itself
  const alike = typeof draft === 'string' || draft.dtype === target.dtype;
  const dtype = flags.dtype ?? (alike ? target.dtype : undefined);
  const count = flags.threads ?? (threads === 'auto' ? undefined : threads);
  // what is summed over several GPUs has other bits than on one
  const device = flags.device ?? (target.device.includes(',') ? target.device : undefined);
  return {
    ...(device === undefined ? {} : { device }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(count === undefined ? {} : { threads: count }),
    // of another dtype, or of prompts that are read otherwise, the question is another one
    ...(flags.exact !== undefined || flags.prefill !== undefined || flags.dtype !== undefined
      ? {}
      : passesThen(trace, backends[backend])),
  };
}

function passesThen(
  { target: { exact }, prefill }: Trace,
  entry: BackendEntry | undefined,
): Pick<ModelFlags, 'exact' | 'prefill'> {
  if (exact === undefined) return {};
  if (exact || entry?.prefillsFast !== true) return { exact };
  // a trace of before version 3 does not say how its prompts were read; nothing else makes passes there inexact
  return { prefill: prefill ?? 'fast' };
}

/** A rule that came from a file must be brought again. */
function checkKnown({ base, admit }: RuleSpec, rules: readonly RuleRow[]): void {
  const unknown = [base, ...(admit === undefined ? [] : partsOf(admit))].find(
    ({ name }) => !rules.some((row) => row.name === name),
  );
  if (unknown === undefined) return;
  throw new JudgeDecodingError(
    'invalid-option',
    `The trace was verified by ${unknown.name}, which is no rule of this version. Where it came from a file, name that with --rules FILE.`,
  );
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

/** Where it was; else the embedded pair's, whose digest says whether it is the same. */
async function headThere(file: string, env: Terminal['env']): Promise<string> {
  if (file !== '' && existsSync(file)) return file;
  const embedded = await embeddedPair(env);
  return existsSync(embedded.head) ? embedded.head : file;
}

async function headOf(
  { verify, head }: Trace,
  flag: string | undefined,
  env: Terminal['env'],
  rules: readonly RuleRow[],
  say: (text: string) => void,
): Promise<JudgeHead | undefined> {
  if (!asksHead(verify, rules)) return undefined;
  const file = flag ?? (head === undefined ? undefined : await headThere(head.file, env));
  if (file === undefined || file === '') {
    throw new JudgeDecodingError(
      'invalid-file',
      'The trace asks a judge and names no head. Name one with --head FILE.',
    );
  }
  const read = await readHeadFile(file);
  const digest = createHash('sha256').update(writeHead(read)).digest('hex');
  if (head && digest !== head.sha256) {
    const [was, is] = [head.sha256.slice(0, 12), digest.slice(0, 12)];
    // who names a head wants that one
    if (flag === undefined) {
      throw new JudgeDecodingError(
        'mismatch',
        `The trace was made with the head ${was}, ${file} is ${is} by now. Name the right one with --head FILE, or this one to see what it decides.`,
      );
    }
    say(`The trace was made with the head ${was}, ${file} is ${is}: scores will differ.`);
  }
  // the threshold that decided then decides now
  if (head === undefined) return read;
  // what decided then decides now, in whatever type the target runs
  const { threshold } = head;
  const measured = read.provenance.measured?.map((each) => ({ ...each, threshold }));
  return {
    ...read,
    threshold,
    provenance: { ...read.provenance, ...(measured === undefined ? {} : { measured }) },
  };
}
