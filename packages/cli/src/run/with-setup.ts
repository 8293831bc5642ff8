import type { ModelFlags } from '../options/model-flags.ts';
import { type SamplingFlags, samplingNotices } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import type { Verification } from '../options/verify-flags.ts';
import { openPair } from '../pair/open-pair.ts';
import { headerLines, LOSSY } from '../render/header.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { type Progress, progressLine } from '../render/progress.ts';
import type { World } from '../world.ts';
import { type Notices, notices } from './notices.ts';
import { type Setup, setUp } from './setup.ts';

/** A pair that is open, and what commands need to talk about it on stderr. */
export interface Opened {
  readonly setup: Setup;
  readonly notices: Notices;
  readonly progress: Progress;
  readonly paint: Paint;
  /** A line on stderr. */
  line(text?: string): void;
}

/** Opens what the flags name, says what runs and what is lossy, and closes it all when `work` is done. */
export async function withSetup<Result>(
  flags: ModelFlags & SamplingFlags & TextFlags & { readonly color: boolean },
  verification: Verification,
  world: World,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const line = (text = '') => terminal.err.write(`${text}\n`);
  const said = notices(terminal, paint);
  for (const text of [...verification.notices, ...samplingNotices(flags)]) said.say(text);
  const progress = progressLine(terminal, paint);
  const pair = await openPair(flags, world, {
    onProgress: (folder, done, total) => progress.show(`preparing ${folder} (first use only)`, done, total),
  }).finally(() => progress.clear());
  try {
    for (const text of pair.notices) said.say(text);
    const setup = await setUp(pair, verification, flags);
    for (const text of headerLines(setup, paint, terminal.err.columns)) line(text);
    if (!setup.lossless) said.say(LOSSY);
    return await work({ setup, notices: said, progress, paint, line });
  } finally {
    progress.clear();
    await pair.dispose();
  }
}
