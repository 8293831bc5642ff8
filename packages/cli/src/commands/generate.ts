import type { AbortSignalLike, TokenId } from '@judge-decoding/core';
import { type TracedRound, tracedRound, watched } from '@judge-decoding/trace';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { OutputFlags } from '../options/output-flags.ts';
import type { SamplingFlags } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { FAST_PREFILL_SAID } from '../pair/prefill.ts';
import { pocketNotice } from '../pocket/pocket-prompt.ts';
import { comparisonLines } from '../render/comparison.ts';
import { flow } from '../render/flow.ts';
import { generationJson } from '../render/generation-json.ts';
import { paintFor } from '../render/paint.ts';
import { type Look, legend, UNMARKED } from '../render/sources.ts';
import { statisticsLines } from '../render/statistics.ts';
import { wrap } from '../render/wrap.ts';
import { type Arm, compare } from '../run/compare.ts';
import { type PrintedRun, printRun } from '../run/print-run.ts';
import {
  checkFits,
  checkPromptFlags,
  encodePrompt,
  PIPED_LATE,
  readPrompt,
  specialTokenIn,
  watchPiped,
} from '../run/prompt.ts';
import { draftLengthOf, MEASURING, openSessions } from '../run/setup.ts';
import { type Opened, withSetup } from '../run/with-setup.ts';
import { type Terminal, widthOf } from '../terminal.ts';
import { traceOf } from '../trace/trace-file.ts';
import { type TraceSink, traceSink } from '../trace/trace-sink.ts';
import type { World } from '../world.ts';

export interface GenerateFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags, OutputFlags {
  readonly raw?: boolean;
  readonly special?: boolean;
  readonly prompt?: string;
}

const COMPARED_RUNS = 3;
/** Where the draft length adapts, the comparison has a fixed one. */
const COMPARED_DRAFT_LENGTH = 8;

/** Writes one text. */
export async function generateCommand(
  words: readonly string[],
  flags: GenerateFlags,
  world: World,
): Promise<number> {
  const { terminal } = world;
  const verification = verificationOf(flags, world);
  checkPromptFlags(words, flags);
  const parts = words.length === 0 && flags.prompt !== undefined ? [flags.prompt] : words;
  const text = await readPrompt(parts, terminal);
  const piped = watchPiped(parts, terminal);
  const trace = flags.trace === undefined ? undefined : await traceSink(flags.trace);
  return withSetup(flags, verification, world, async (opened) => {
    piped.refuse();
    const { pair } = opened.setup;
    const { tokenizer } = pair.target;
    const { say } = opened.notices;
    if (!flags.raw && !tokenizer.hasChatTemplate)
      say('This model has no chat template: the prompt is taken as it is.');
    const typed = flags.special ? undefined : specialTokenIn(text, tokenizer);
    if (flags.raw && typed !== undefined) {
      say(`${typed} in the prompt is text: --special reads special tokens that are typed.`);
    }
    const prompt = encodePrompt(tokenizer, text, {
      raw: flags.raw === true,
      special: flags.special === true,
      system: flags.system,
    });
    checkFits(prompt, pair.target);
    const unknown = pair.embedded ? pocketNotice(text) : undefined;
    if (unknown !== undefined) say(unknown);
    return interruptible(terminal, async (signal) => {
      const run = await write(prompt, flags, opened, trace, terminal, signal);
      const comparison =
        flags.compare && !signal.aborted ? await compareTo(prompt, opened, terminal, signal) : undefined;
      if (piped.end()) say(PIPED_LATE);
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
  trace: TraceSink | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<PrintedRun> {
  const now = () => terminal.now();
  const draftLength = await draftLengthOf(
    setup,
    { promptTokens: prompt.length, expectedTokens: flags.maxTokens ?? 256 },
    { now, onMeasure: (share) => progress.show(MEASURING, share, 1), onNotice: notices.say, signal },
  ).finally(() => progress.clear());
  const sessions = await openSessions(setup);
  const rounds: TracedRound[] = [];
  const look: Look =
    setup.pair.draft === 'none'
      ? UNMARKED
      : { paint: paintFor(terminal.out, terminal.env, flags), letters: flags.letters === true };
  let last = '';
  const shown = flow((text) => {
    last = text;
    terminal.out.write(text);
  }, widthOf(terminal.out));
  // whoever reads our text may leave before it ends: the rounds until then are kept all the same
  const reader = new AbortController();
  const unwatch = trace === undefined ? undefined : terminal.onOutputClosed?.(() => reader.abort());
  const run = await printRun({
    setup: trace === undefined ? setup : { ...setup, rule: watched(setup.rule) },
    sessions,
    prompt,
    draftLength,
    look,
    write: flags.json ? undefined : shown.write,
    signal: AbortSignal.any([signal, reader.signal]),
    now,
    onRound: trace === undefined ? undefined : (round) => rounds.push(tracedRound(round)),
  })
    .catch(async (error) => {
      // what goes wrong is said on a line of its own, behind all of the text
      shown.end();
      if (last !== '' && !last.endsWith('\n')) terminal.out.write('\n');
      // what was decided until then is what helps to find out why
      const tokens = rounds.flatMap((round) => round.tokens.map(({ id }) => id));
      if (rounds.length > 0) await keep('failed', setup.pair.target.tokenizer.decode(tokens));
      throw error;
    })
    .finally(() => sessions.dispose());
  shown.end();
  if (!flags.json && !run.text.endsWith('\n')) terminal.out.write('\n');
  await keep(run.finish.reason, run.text);
  unwatch?.();

  for (const text of run.stats.notices) notices.say(text);
  const marked = !flags.json && (terminal.err.isTerminal || look.letters);
  const explained = marked ? legend(look, setup.rule.admission?.name ?? '', widthOf(terminal.err)) : [];
  line();
  for (const text of explained) line(text);
  for (const text of statisticsLines(run, setup.draftLength, paint, widthOf(terminal.err))) line(text);
  if (setup.mayPart !== undefined && setup.pair.draft === 'none' && setup.mayPart !== FAST_PREFILL_SAID)
    for (const text of wrap(setup.mayPart, widthOf(terminal.err))) line(paint.dim(text));
  return run;

  /** Without a round there is nothing to keep, and what an earlier run left stays. */
  async function keep(finish: string, text: string): Promise<void> {
    if (trace === undefined) return;
    if (rounds.length > 0) await trace.write(traceOf(setup, { finish, text }, prompt, rounds));
    else notices.say(`No round was finished, so no trace is written to ${trace.path}.`);
  }
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
