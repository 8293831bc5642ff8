import { STRICT_SPEC, sayRule } from '@judge-decoding/core';
import { interruptible } from '../interrupt.ts';
import { largeNumbers } from '../options/large-numbers.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { OutputFlags } from '../options/output-flags.ts';
import { type SamplingFlags, samplingNotices } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import type { Verification } from '../options/verify-flags.ts';
import { checkModelFlags, openPair } from '../pair/open-pair.ts';
import { headerLines, lossySaid } from '../render/header.ts';
import { listed } from '../render/listed.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { type Progress, progressLine } from '../render/progress.ts';
import type { World } from '../world.ts';
import { type Notices, notices } from './notices.ts';
import { planOf, type Setup, setUp } from './setup.ts';

const NO_DRAFT =
  'No draft was named, so every token is the target’s own: add --draft MODEL, or --draft ngram.';

/** A pair that is open, and what commands need to talk about it on stderr. */
export interface Opened {
  readonly setup: Setup;
  readonly notices: Notices;
  readonly progress: Progress;
  readonly paint: Paint;
  /** A line on stderr. */
  line(text?: string): void;
}

/** Of a draft that nobody makes nothing is verified. */
function sayIdle({ spec, head, draftLength }: Verification, { say }: Notices): void {
  const isStrict = spec.admit === undefined && spec.base.name === STRICT_SPEC.base.name;
  const idle = [
    ...(isStrict ? [] : [`the rule ${sayRule(spec)}`]),
    ...(head === undefined ? [] : ['the head']),
    ...(draftLength ? [`the draft length ${draftLength}`] : []),
  ];
  if (idle.length === 0) return;
  say(
    `Nothing is drafted, so ${listed(idle, 'and')} ${idle.length === 1 ? 'does' : 'do'} nothing: every token is the target’s own.`,
  );
}

/** Opens what the flags name, says what runs and what is lossy, and closes it all when `work` is done. */
export async function withSetup<Result>(
  flags: ModelFlags & SamplingFlags & TextFlags & Pick<OutputFlags, 'color' | 'compare'>,
  verification: Verification,
  world: World,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const line = (text = '') => terminal.err.write(`${text}\n`);
  const said = notices(terminal, paint);
  const { draftLength } = verification;
  const large = largeNumbers({ draftLength, threads: flags.threads });
  for (const text of [...verification.notices, ...samplingNotices(flags), ...large]) said.say(text);
  const progress = progressLine(terminal, paint);
  const draft = flags.draft ?? verification.draft;
  checkModelFlags(flags, world.backends);
  const plan = await planOf(verification, flags, terminal.env, world.rules);
  const pair = await interruptible(terminal, (signal) =>
    openPair(draft === undefined ? flags : { ...flags, draft }, world, {
      onProgress: (what, done, total) => progress.show(what, done, total),
      signal,
      head: plan.head,
      onNotice: said.say,
      compare: flags.compare,
    }),
  ).finally(() => progress.clear());
  try {
    if (pair.draft === 'none' && draft === undefined && verification.draftLength !== 0) said.say(NO_DRAFT);
    else if (pair.draft === 'none' || verification.draftLength === 0) sayIdle(verification, said);
    const setup = setUp(pair, plan, flags);
    for (const text of headerLines(setup, paint, terminal.err.columns)) line(text);
    const { base } = verification.spec;
    const file = world.rulesFrom[base.name];
    if (file !== undefined && setup.lossless)
      said.say(`${base.name} comes from ${file}, which calls it lossless: nothing here has tested that.`);
    if (!setup.lossless) said.say(lossySaid(setup));
    else if (pair.draft !== 'none' && setup.mayPart !== undefined) said.say(setup.mayPart);
    return await work({ setup, notices: said, progress, paint, line });
  } finally {
    progress.clear();
    await pair.dispose();
  }
}
