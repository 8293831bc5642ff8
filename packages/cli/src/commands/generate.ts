import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { OutputFlags } from '../options/output-flags.ts';
import { type SamplingFlags, samplingNotices } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { openPair } from '../pair/open-pair.ts';
import { isPocketPrompt, NOT_A_POCKET_PROMPT } from '../pocket/pocket-prompt.ts';
import { comparisonLines } from '../render/comparison.ts';
import { generationJson } from '../render/generation-json.ts';
import { headerLines, LOSSY } from '../render/header.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { legend, UNMARKED } from '../render/sources.ts';
import { statisticsLines } from '../render/statistics.ts';
import { type Arm, compare } from '../run/compare.ts';
import { notices } from '../run/notices.ts';
import { printRun } from '../run/print-run.ts';
import { encodePrompt, readPrompt } from '../run/prompt.ts';
import { draftLengthOf, openSessions, setUp } from '../run/setup.ts';
import { claimTrace, type TracedRound, tracedRound, traceOf, writeTrace } from '../trace/trace-file.ts';
import type { World } from '../world.ts';

export interface GenerateFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags, OutputFlags {
  readonly raw?: boolean;
  readonly prompt?: string;
}

const COMPARED_RUNS = 3;
const COMPARED_DRAFT_LENGTH = 8;

/** Writes one text. */
export async function generateCommand(
  argument: string | undefined,
  flags: GenerateFlags,
  world: World,
): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const line = (text: string) => terminal.err.write(`${text}\n`);
  const said = notices(terminal, paint);
  const verification = verificationOf(flags);
  const prompt = await readPrompt(argument ?? flags.prompt, terminal);
  for (const text of [...verification.notices, ...samplingNotices(flags)]) said.say(text);
  if (flags.raw && flags.system !== undefined) said.say('--system does nothing with --raw.');

  if (flags.trace !== undefined) await claimTrace(flags.trace);
  const progress = progressLine(terminal, paint);
  const pair = await openPair(flags, world, {
    onProgress: (folder, done, total) => progress.show(`preparing ${folder} (first use only)`, done, total),
  }).finally(() => progress.clear());
  try {
    for (const text of pair.notices) said.say(text);
    const setup = await setUp(pair, verification, flags);
    const { tokenizer } = pair.target;
    if (!flags.raw && !tokenizer.hasChatTemplate)
      said.say('This model has no chat template: the prompt is taken as it is.');
    if (pair.embedded && !isPocketPrompt(prompt)) said.say(NOT_A_POCKET_PROMPT);
    const encoded = encodePrompt(tokenizer, prompt, { raw: flags.raw === true, system: flags.system });
    for (const text of headerLines(setup, paint, terminal.err.columns)) line(text);
    if (!setup.lossless) said.say(LOSSY);

    return await interruptible(terminal, async (signal) => {
      const now = () => terminal.now();
      const draftLength = await draftLengthOf(
        setup,
        { promptTokens: encoded.length, expectedTokens: flags.maxTokens ?? 256 },
        now,
        () => progress.say('measuring what a pass costs here (first use only) …'),
      ).finally(() => progress.clear());
      const sessions = await openSessions(pair, lookupOf(flags));
      const rounds: TracedRound[] = [];
      const outPaint = paintFor(terminal.out, terminal.env, flags);
      const look = pair.draft === 'none' ? UNMARKED : { paint: outPaint, letters: flags.letters === true };
      const run = await printRun({
        setup,
        sessions,
        prompt: encoded,
        draftLength,
        look,
        write: flags.json ? undefined : (text) => terminal.out.write(text),
        signal,
        now,
        onRound: flags.trace === undefined ? undefined : (round) => rounds.push(tracedRound(round)),
      }).finally(() => sessions.dispose());
      if (!flags.json && !run.text.endsWith('\n')) terminal.out.write('\n');

      for (const text of run.stats.notices) said.say(text);
      const explained =
        flags.json || !(terminal.err.isTerminal || look.letters)
          ? undefined
          : legend(look, admissionName(setup.rule.admission?.name));
      line('');
      if (explained !== undefined) line(explained);
      for (const text of statisticsLines(run, verification.draftLength, paint)) line(text);
      if (flags.trace !== undefined) await writeTrace(flags.trace, traceOf(setup, run, encoded, rounds));

      let comparison: readonly Arm[] | undefined;
      if (flags.compare && run.finish.reason !== 'interrupted') {
        comparison = await compare({
          setup,
          prompt: encoded,
          draftLength: verification.draftLength === 'auto' ? COMPARED_DRAFT_LENGTH : verification.draftLength,
          repeats: COMPARED_RUNS,
          signal,
          now,
          onRun: (done, total) => progress.show('comparing', done, total),
        }).finally(() => progress.clear());
        if (comparison !== undefined)
          for (const text of ['', ...comparisonLines(comparison, paint)]) line(text);
      }
      if (flags.json) {
        const json = generationJson(setup, run, {
          promptTokens: encoded.length,
          notices: said.said,
          comparison,
        });
        terminal.out.write(`${JSON.stringify(json, null, 2)}\n`);
      }
      return signal.aborted ? EXIT.interrupted : EXIT.ok;
    });
  } finally {
    await pair.dispose();
  }
}

const admissionName = (name: string | undefined): string => name ?? '';

const lookupOf = ({ speculativeConfig }: VerifyFlags) =>
  speculativeConfig?.lookup === undefined ? {} : { lookup: speculativeConfig.lookup };
