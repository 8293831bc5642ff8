import type { AbortSignalLike, TokenId } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { OutputFlags } from '../options/output-flags.ts';
import type { SamplingFlags } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { pocketNotice } from '../pocket/pocket-prompt.ts';
import { comparisonLines } from '../render/comparison.ts';
import { generationJson } from '../render/generation-json.ts';
import { paintFor } from '../render/paint.ts';
import { type Look, legend, UNMARKED } from '../render/sources.ts';
import { statisticsLines } from '../render/statistics.ts';
import { type Arm, compare } from '../run/compare.ts';
import { type PrintedRun, printRun } from '../run/print-run.ts';
import { checkFits, encodePrompt, readPrompt } from '../run/prompt.ts';
import { draftLengthOf, MEASURING, openSessions } from '../run/setup.ts';
import { type Opened, withSetup } from '../run/with-setup.ts';
import { type Terminal, widthOf } from '../terminal.ts';
import { claimTrace, type TracedRound, tracedRound, traceOf, writeTrace } from '../trace/trace-file.ts';
import type { World } from '../world.ts';

export interface GenerateFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags, OutputFlags {
  readonly raw?: boolean;
  readonly prompt?: string;
}

const COMPARED_RUNS = 3;
/** Where the draft length adapts, the comparison has a fixed one. */
const COMPARED_DRAFT_LENGTH = 8;

/** Writes one text. */
export async function generateCommand(
  argument: string | undefined,
  flags: GenerateFlags,
  world: World,
): Promise<number> {
  const { terminal } = world;
  const verification = verificationOf(flags, world);
  const text = await readPrompt(argument ?? flags.prompt, terminal);
  if (flags.trace !== undefined) await claimTrace(flags.trace);
  return withSetup(flags, verification, world, async (opened) => {
    const { pair } = opened.setup;
    const { tokenizer } = pair.target;
    const { say } = opened.notices;
    if (flags.raw && flags.system !== undefined) say('--system does nothing with --raw.');
    if (!flags.raw && !tokenizer.hasChatTemplate)
      say('This model has no chat template: the prompt is taken as it is.');
    const unknown = pair.embedded ? pocketNotice(text) : undefined;
    if (unknown !== undefined) say(unknown);
    const prompt = encodePrompt(tokenizer, text, { raw: flags.raw === true, system: flags.system });
    checkFits(prompt, pair.target);
    return interruptible(terminal, async (signal) => {
      const run = await write(prompt, flags, opened, terminal, signal);
      const comparison =
        flags.compare && !signal.aborted ? await compareTo(prompt, opened, terminal, signal) : undefined;
      if (flags.json) {
        const { said } = opened.notices;
        const json = generationJson(opened.setup, run, {
          promptTokens: prompt.length,
          notices: said,
          comparison,
        });
        terminal.out.write(`${JSON.stringify(json, null, 2)}\n`);
      }
      return signal.aborted ? EXIT.interrupted : EXIT.ok;
    });
  });
}

/** Streams the text, then says how it came about. */
async function write(
  prompt: readonly TokenId[],
  flags: GenerateFlags,
  { setup, notices, progress, paint, line }: Opened,
  terminal: Terminal,
  signal: AbortSignalLike,
): Promise<PrintedRun> {
  const now = () => terminal.now();
  const draftLength = await draftLengthOf(
    setup,
    { promptTokens: prompt.length, expectedTokens: flags.maxTokens ?? 256 },
    { now, onMeasure: () => progress.say(MEASURING), signal },
  ).finally(() => progress.clear());
  const sessions = await openSessions(setup);
  const rounds: TracedRound[] = [];
  const look: Look =
    setup.pair.draft === 'none'
      ? UNMARKED
      : { paint: paintFor(terminal.out, terminal.env, flags), letters: flags.letters === true };
  const run = await printRun({
    setup,
    sessions,
    prompt,
    draftLength,
    look,
    write: flags.json ? undefined : (text) => terminal.out.write(text),
    signal,
    now,
    onRound: flags.trace === undefined ? undefined : (round) => rounds.push(tracedRound(round)),
  }).finally(() => sessions.dispose());
  if (!flags.json && !run.text.endsWith('\n')) terminal.out.write('\n');

  for (const text of run.stats.notices) notices.say(text);
  const marked = !flags.json && (terminal.err.isTerminal || look.letters);
  const explained = marked ? legend(look, setup.rule.admission?.name ?? '') : undefined;
  line();
  if (explained !== undefined) line(explained);
  for (const text of statisticsLines(run, setup.draftLength, paint, widthOf(terminal.err))) line(text);
  if (flags.trace !== undefined) await writeTrace(flags.trace, traceOf(setup, run, prompt, rounds));
  return run;
}

/** Plain and strict decoding beside it, on stderr. */
async function compareTo(
  prompt: readonly TokenId[],
  { setup, progress, paint, line }: Opened,
  terminal: Terminal,
  signal: AbortSignalLike,
): Promise<readonly Arm[] | undefined> {
  const { draftLength } = setup;
  const arms = await compare({
    setup,
    prompt,
    draftLength: draftLength === 'auto' ? COMPARED_DRAFT_LENGTH : draftLength,
    repeats: COMPARED_RUNS,
    signal,
    now: () => terminal.now(),
    onRun: (done, total) => progress.show('comparing', done, total),
  }).finally(() => progress.clear());
  if (arms === undefined) line('Interrupted.');
  else for (const text of ['', ...comparisonLines(arms, paint, widthOf(terminal.err))]) line(text);
  return arms;
}
