import { type AbortSignalLike, JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { SamplingFlags } from '../options/sampling-flags.ts';
import type { TextFlags } from '../options/text-flags.ts';
import { type VerifyFlags, verificationOf } from '../options/verify-flags.ts';
import { POCKET_WORLD, pocketNotice, SAMPLE_QUESTION } from '../pocket/pocket-prompt.ts';
import { factLines } from '../render/fact-lines.ts';
import { flow } from '../render/flow.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import type { Progress } from '../render/progress.ts';
import { type Look, legend, UNMARKED } from '../render/sources.ts';
import { statisticsLines } from '../render/statistics.ts';
import { hanging, wrap } from '../render/wrap.ts';
import { type AnswerRoom, answerRoom } from '../run/answer-room.ts';
import { type Conversation, commonPrefix, conversation } from '../run/conversation.ts';
import { type LineReader, lineReader } from '../run/line-reader.ts';
import { type PrintedRun, printRun } from '../run/print-run.ts';
import { checkFits, checkTemplate } from '../run/prompt.ts';
import { draftLengthOf, MEASURING, openSessions, type Sessions, type Setup } from '../run/setup.ts';
import { withSetup } from '../run/with-setup.ts';
import { type Terminal, widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface ChatFlags extends ModelFlags, VerifyFlags, SamplingFlags, TextFlags {
  readonly letters?: boolean;
  readonly color: boolean;
}

const HELP = [
  ['/reset', 'forget the conversation'],
  ['/help', 'this list'],
  ['/exit', 'leave (so does Ctrl-D)'],
  ['Ctrl-C', 'stop an answer; at the prompt, leave'],
] as const;

/** Talks turn by turn; each turn reads only what follows the common prefix of the conversation. */
export function chatCommand(flags: ChatFlags, world: World): Promise<number> {
  const { terminal } = world;
  return withSetup(
    flags,
    verificationOf(flags, world),
    world,
    async ({ setup, notices, progress, paint, line }) => {
      const { tokenizer, model, folder } = setup.pair.target;
      if (!tokenizer.hasChatTemplate) {
        throw new JudgeDecodingError(
          'unsupported',
          `Expected a chat template in ${folder}, found none. Use \`judge generate --raw\` for models that only continue text.`,
        );
      }
      checkTemplate(tokenizer, flags.system);
      const look: Look =
        setup.pair.draft === 'none'
          ? UNMARKED
          : { paint: paintFor(terminal.out, terminal.env, flags), letters: flags.letters === true };
      const { err } = terminal;
      const explained = err.isTerminal ? legend(look, setup.rule.admission?.name ?? '', err.columns) : [];
      for (const text of explained) line(text);
      if (setup.pair.embedded) {
        for (const text of wrap(`${POCKET_WORLD} Try: ${SAMPLE_QUESTION}`, widthOf(err))) line(text);
      }
      line();
      const { contextLength } = model.info;
      const room = answerRoom({ contextLength, maxTokens: flags.maxTokens });
      const talk = conversation(tokenizer, { system: flags.system, contextLength, room });
      const sessions = await openSessions(setup);
      const lines = lineReader(terminal, paint.bold('> '));
      try {
        return await converse(lines, {
          setup,
          sessions,
          talk,
          room,
          look,
          paint,
          progress,
          line,
          say: notices.say,
          terminal,
        });
      } finally {
        lines.close();
        await sessions.dispose();
      }
    },
  );
}

/** Reads lines until there are no more; resolves to the exit code. */
async function converse(lines: LineReader, surroundings: Surroundings): Promise<number> {
  const { talk, paint, line, say, terminal } = surroundings;
  let exitCode: number = EXIT.ok;
  for (;;) {
    const read = await lines.next();
    if (read.kind === 'interrupt') return EXIT.interrupted;
    if (read.kind === 'end') return exitCode;
    const text = read.text.trim();
    if (text === '') continue;
    if (text === '/exit' || text === '/quit') return exitCode;
    if (text === '/help') for (const each of factLines(HELP, paint, widthOf(terminal.err))) line(each);
    else if (text === '/reset') {
      talk.reset();
      line(paint.dim('The conversation is forgotten.'));
    } else if (/^\/\w+$/.test(text)) {
      say(`There is no ${text}; /help lists what there is.`);
    } else {
      const interrupted = await turn(text, surroundings);
      exitCode = interrupted ? EXIT.interrupted : EXIT.ok;
      if (interrupted && !terminal.input.isTerminal) return exitCode;
    }
  }
}

interface Surroundings {
  readonly setup: Setup;
  readonly sessions: Sessions;
  readonly talk: Conversation;
  readonly room: AnswerRoom;
  readonly look: Look;
  readonly paint: Paint;
  readonly progress: Progress;
  readonly line: (text?: string) => void;
  readonly say: (text: string) => void;
  readonly terminal: Terminal;
}

/** One question and its answer. True when it was interrupted. */
async function turn(text: string, surroundings: Surroundings): Promise<boolean> {
  const { setup, sessions, talk, room, paint, line, say, terminal } = surroundings;
  const { prompt, leftOut } = talk.ask(text);
  const unknown = setup.pair.embedded ? pocketNotice(text) : undefined;
  if (unknown !== undefined) say(unknown);
  if (leftOut > 0) {
    const oldest = leftOut === 1 ? 'exchange was' : `${leftOut} exchanges were`;
    const note = `The context is full: the oldest ${oldest} left out.`;
    for (const each of hanging(`${paint.yellow('note:')} `, note, widthOf(terminal.err), 0)) line(each);
  }
  const kept = Math.min(commonPrefix(sessions.target.tokens, prompt), prompt.length - 1);
  try {
    checkFits(prompt, setup.pair.target);
    const run = await interruptible(terminal, (signal) => answer(prompt, signal, surroundings));
    talk.answer(run.text);
    if (run.finish.reason !== 'interrupted') room.observe(run.tokens.length, run.finish.reason === 'context');
    for (const each of statisticsLines(run, setup.draftLength, paint, widthOf(terminal.err))) line(each);
    const read = `read ${prompt.length - kept} new tokens of the conversation, kept ${kept}`;
    for (const each of wrap(read, widthOf(terminal.err))) line(paint.dim(each));
    for (const each of run.stats.notices) say(each);
    line();
    return run.finish.reason === 'interrupted';
  } catch (error) {
    // one question too long is no reason to end a conversation, unless nobody is there to hear of it
    if (!terminal.input.isTerminal || !JudgeDecodingError.is(error, 'context-full')) throw error;
    talk.retract();
    say(error.message);
    return false;
  }
}

async function answer(
  prompt: readonly TokenId[],
  signal: AbortSignalLike,
  { setup, sessions, look, progress, say, terminal }: Surroundings,
): Promise<PrintedRun> {
  const now = () => terminal.now();
  const shown = flow((text) => terminal.out.write(text), widthOf(terminal.out));
  const run = await printRun({
    setup,
    sessions,
    prompt,
    draftLength: await draftLengthOf(
      setup,
      { promptTokens: prompt.length, expectedTokens: setup.maxTokens ?? 256 },
      { now, onMeasure: (share) => progress.show(MEASURING, share, 1), onNotice: say, signal },
    ).finally(() => progress.clear()),
    look,
    write: shown.write,
    signal,
    now,
  });
  shown.end();
  terminal.out.write('\n');
  return run;
}
