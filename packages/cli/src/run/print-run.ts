import { createTextStream } from '@judge-decoding/checkpoint';
import type { AbortSignalLike, DraftLength, RoundResult, TokenId } from '@judge-decoding/core';
import type { Look } from '../render/sources.ts';
import { tokenPrinter } from '../render/token-printer.ts';
import { type GenerationRun, runGeneration } from './generation-run.ts';
import { generateOptionsOf, type Sessions, type Setup } from './setup.ts';

export interface PrintedRun extends GenerationRun {
  /** What was shown: without special tokens, and cut before a stop string. */
  readonly text: string;
  /** The stop string that ended it, if one did. */
  readonly stopString?: string | undefined;
}

export interface PrintOptions {
  readonly setup: Setup;
  readonly sessions: Sessions;
  readonly prompt: readonly TokenId[];
  readonly draftLength: number | DraftLength;
  readonly look: Look;
  /** Absent: nothing is shown, the text is only returned. */
  readonly write?: ((text: string) => void) | undefined;
  readonly signal: AbortSignalLike;
  readonly now: () => number;
  readonly onRound?: ((round: RoundResult) => void) | undefined;
}

/** Runs a generation and shows its tokens as they are committed, marked by their source. */
export async function printRun(options: PrintOptions): Promise<PrintedRun> {
  const {
    setup,
    sessions,
    prompt,
    draftLength,
    look,
    write = () => undefined,
    signal,
    now,
    onRound,
  } = options;
  const stream = createTextStream(setup.pair.target.tokenizer, { stop: setup.stop });
  const printer = tokenPrinter(write, look);
  let text = '';
  let lastSource: RoundResult['tokens'][number]['source'] = 'standard';
  const show = (piece: string) => {
    text += piece;
    printer.print(piece, lastSource);
  };
  const run = await runGeneration({
    ...generateOptionsOf(setup, sessions, draftLength),
    prompt,
    signal,
    now,
    onRound(round) {
      for (const { id, source } of round.tokens) {
        lastSource = source;
        show(stream.push(id));
      }
      onRound?.(round);
    },
  });
  show(stream.finish());
  printer.end();
  const whole = () => setup.pair.target.tokenizer.decode(run.tokens.map(({ id }) => id));
  const stopString =
    run.finish.reason === 'stop-string' ? setup.stop.find((each) => whole().includes(each)) : undefined;
  return { ...run, text, stopString };
}
