import { type AbortSignalLike, JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { type SamplingFlags, samplingNotices } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { openPair } from '../pair/open-pair.ts';
import { isPocketPrompt, NOT_A_POCKET_PROMPT } from '../pocket/pocket-prompt.ts';
import { headerLines, LOSSY } from '../render/header.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { type Look, legend, UNMARKED } from '../render/sources.ts';
import { statisticsLines } from '../render/statistics.ts';
import { type Conversation, commonPrefix, conversation } from '../run/conversation.ts';
import { lineReader } from '../run/line-reader.ts';
import { notices } from '../run/notices.ts';
import { type PrintedRun, printRun } from '../run/print-run.ts';
import { draftLengthOf, openSessions, type Sessions, type Setup, setUp } from '../run/setup.ts';
import type { World } from '../world.ts';

export interface ChatFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags {
  readonly letters?: boolean;
  readonly color: boolean;
}

const HELP = `  /reset   forget the conversation
  /help    this list
  /exit    leave (so does Ctrl-D)
  Ctrl-C   stop an answer; at the prompt, leave`;

/** An answer should have at least this much room before old exchanges are left out for it. */
const ROOM = 128;

/** Talks turn by turn; each turn reads only what follows the common prefix of the conversation. */
export async function chatCommand(flags: ChatFlags, world: World): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const line = (text: string) => terminal.err.write(`${text}\n`);
  const said = notices(terminal, paint);
  const verification = verificationOf(flags);
  for (const text of [...verification.notices, ...samplingNotices(flags)]) said.say(text);
  const progress = progressLine(terminal, paint);
  const pair = await openPair(flags, world, {
    onProgress: (folder, done, total) => progress.show(`preparing ${folder} (first use only)`, done, total),
  }).finally(() => progress.clear());
  try {
    for (const text of pair.notices) said.say(text);
    const setup = await setUp(pair, verification, flags);
    const { tokenizer, model, folder } = pair.target;
    if (!tokenizer.hasChatTemplate) {
      throw new JudgeDecodingError(
        'unsupported',
        `Expected a chat template in ${folder}, found none. Use \`judge generate --raw\` for models that only continue text.`,
      );
    }
    for (const text of headerLines(setup, paint, terminal.err.columns)) line(text);
    if (!setup.lossless) said.say(LOSSY);
    const look: Look =
      pair.draft === 'none'
        ? UNMARKED
        : { paint: paintFor(terminal.out, terminal.env, flags), letters: flags.letters === true };
    const explained = terminal.err.isTerminal ? legend(look, setup.rule.admission?.name ?? '') : undefined;
    if (explained !== undefined) line(explained);
    const { contextLength } = model.info;
    const talk = conversation(tokenizer, {
      system: flags.system,
      contextLength,
      room: Math.min(flags.maxTokens ?? ROOM, ROOM, Math.floor(contextLength / 4)),
    });
    const sessions = await openSessions(pair);
    const lines = lineReader(terminal, paint.bold('> '));
    let exitCode: number = EXIT.ok;
    try {
      for (;;) {
        const read = await lines.next();
        if (read.kind === 'interrupt') return EXIT.interrupted;
        if (read.kind === 'end') return exitCode;
        const text = read.text.trim();
        if (text === '') continue;
        if (text === '/exit' || text === '/quit') return exitCode;
        if (text === '/help') line(HELP);
        else if (text === '/reset') {
          talk.reset();
          line(paint.dim('The conversation is forgotten.'));
        } else if (/^\/\w+$/.test(text)) line(`${paint.yellow('note:')} There is no ${text}.\n${HELP}`);
        else {
          if (pair.embedded && !isPocketPrompt(text)) said.say(NOT_A_POCKET_PROMPT);
          const interrupted = await turn(text, { setup, sessions, talk, look, world, said: said.say });
          exitCode = interrupted ? EXIT.interrupted : EXIT.ok;
          if (interrupted && !terminal.input.isTerminal) return exitCode;
        }
      }
    } finally {
      lines.close();
      await sessions.dispose();
    }
  } finally {
    await pair.dispose();
  }
}

interface TurnSurroundings {
  readonly setup: Setup;
  readonly sessions: Sessions;
  readonly talk: Conversation;
  readonly look: Look;
  readonly world: World;
  readonly said: (text: string) => void;
}

/** One question and its answer. True when it was interrupted. */
async function turn(text: string, surroundings: TurnSurroundings): Promise<boolean> {
  const { setup, sessions, talk, world, said } = surroundings;
  const { terminal } = world;
  const { prompt, leftOut } = talk.ask(text);
  if (leftOut > 0)
    said(
      `The context is full: the oldest ${leftOut === 1 ? 'exchange was' : `${leftOut} exchanges were`} left out.`,
    );
  const kept = Math.min(commonPrefix(sessions.target.tokens, prompt), prompt.length - 1);
  try {
    const run = await interruptible(terminal, (signal) => answer(prompt, signal, surroundings));
    talk.answer(run.text);
    const paint = paintFor(terminal.err, terminal.env);
    const lines = statisticsLines(run, setup.verification.draftLength, paint);
    const reading = paint.dim(`read ${prompt.length - kept} new tokens of the conversation, kept ${kept}`);
    for (const each of [...lines, reading]) terminal.err.write(`${each}\n`);
    for (const each of run.stats.notices) said(each);
    return run.finish.reason === 'interrupted';
  } catch (error) {
    // one question too long is no reason to end a conversation, unless nobody is there to hear of it
    if (!terminal.input.isTerminal || !JudgeDecodingError.is(error, 'context-full')) throw error;
    talk.retract();
    said(error.message);
    return false;
  }
}

async function answer(
  prompt: readonly TokenId[],
  signal: AbortSignalLike,
  { setup, sessions, look, world }: TurnSurroundings,
): Promise<PrintedRun> {
  const { terminal } = world;
  const now = () => terminal.now();
  const run = await printRun({
    setup,
    sessions,
    prompt,
    draftLength: await draftLengthOf(
      setup,
      { promptTokens: prompt.length, expectedTokens: setup.maxTokens ?? 256 },
      now,
      () => undefined,
    ),
    look,
    write: (text) => terminal.out.write(text),
    signal,
    now,
  });
  terminal.out.write('\n');
  return run;
}
