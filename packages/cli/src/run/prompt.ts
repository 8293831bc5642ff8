import type { ChatMessage, Tokenizer } from '@judge-decoding/checkpoint';
import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import type { OpenedModel } from '../pair/open-pair.ts';
import { readAll, type Terminal } from '../terminal.ts';

/** What stands for the text that is piped in. */
const STDIN = '-';

/**
 * The prompt of a command line: one argument, or what is piped in where there is none or it is `-`; `-` behind
 * a prompt puts the piped text under it. An empty one is refused before any model is opened.
 */
export async function readPrompt(parts: readonly string[], { input }: Terminal): Promise<string> {
  const last = parts.at(-1);
  const [argument] = parts;
  if (parts.length > 2 || (parts.length === 2 && last !== STDIN)) throw unquoted(parts);
  if (last === STDIN && parts.length === 2) {
    const piped = await readAll(input);
    return `${argument}\n\n${piped.replace(/\r?\n$/, '')}`;
  }
  return onePrompt(argument === STDIN ? undefined : argument, { input });
}

/** Words without quotes around them are an argument each. */
const unquoted = (parts: readonly string[]): JudgeDecodingError =>
  new JudgeDecodingError(
    'invalid-input',
    `Expected one prompt, got ${parts.length} words. Put it in quotes: judge generate "${parts.filter((part) => part !== STDIN).join(' ')}".`,
  );

/** Text that is piped in beside a prompt. */
export interface PipedBeside {
  /** @throws JudgeDecodingError `invalid-input` where some came so far */
  refuse(): void;
  /** Looks no longer: whether some came. */
  end(): boolean;
}

/**
 * Text that is piped in beside a prompt would be lost without a word. Whether there is any shows only when it
 * comes, and waiting for that could take for ever: it is looked for while models are opened, where it is refused,
 * and until the answer is written, where it is said.
 */
export function watchPiped(parts: readonly string[], { input }: Terminal): PipedBeside {
  const { stream, isTerminal } = input;
  if (isTerminal || parts.length === 0 || parts.includes(STDIN))
    return { refuse: () => undefined, end: () => false };
  let came = false;
  const onData = (chunk: unknown) => {
    if (String(chunk).trim() === '') return;
    came = true;
    stop();
  };
  const stop = () => {
    stream.off('data', onData);
    stream.pause();
  };
  stream.on('data', onData);
  stream.on('error', stop);
  // an open pipe keeps no process alive that has finished
  (stream as { unref?: () => void }).unref?.();
  return {
    refuse() {
      if (!came) return;
      throw new JudgeDecodingError('invalid-input', `Expected a prompt or piped text, got both. ${PUT_DASH}`);
    },
    end() {
      stop();
      return came;
    },
  };
}

const PUT_DASH = 'Put `-` behind the prompt to have the piped text under it, or instead of it.';

/** What is said where it came too late to be refused. */
export const PIPED_LATE = `Text was piped in while the answer was being written: it was not read. ${PUT_DASH}`;

async function onePrompt(argument: string | undefined, { input }: Pick<Terminal, 'input'>): Promise<string> {
  if (argument === undefined && input.isTerminal) {
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected a prompt, got none. Write it behind the command, in quotes, or pipe it in; `judge chat` asks for it.',
    );
  }
  const prompt = argument ?? (await readAll(input)).replace(/\r?\n$/, '');
  if (prompt.trim() !== '') return prompt;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected a prompt with some text, got ${prompt === '' ? 'an empty one' : 'nothing but blanks'}. Write it behind the command, in quotes, or pipe it in.`,
  );
}

export const messagesOf = (prompt: string, system: string | undefined): readonly ChatMessage[] => [
  ...(system === undefined ? [] : [{ role: 'system', content: system }]),
  { role: 'user', content: prompt },
];

/** A prompt that leaves no room for a token; core would refuse it too, but does not know our flags. */
export function checkFits(prompt: readonly TokenId[], { model, mostContext }: OpenedModel): void {
  const { contextLength, name } = model.info;
  if (prompt.length < contextLength) return;
  const longer =
    mostContext > contextLength
      ? `Shorten it, or ask for more with --context N, up to ${mostContext}.`
      : 'Shorten it: the model holds no more.';
  throw new JudgeDecodingError(
    'context-full',
    `Expected a prompt of fewer than ${contextLength} tokens, the context of ${name}, got ${prompt.length}. ${longer}`,
  );
}

export interface PromptOptions {
  /** Without the chat template. */
  readonly raw: boolean;
  /** Special tokens that are typed are read as such. */
  readonly special?: boolean;
  readonly system: string | undefined;
}

/** The prompt's tokens, through the chat template unless `raw`. */
export function encodePrompt(
  tokenizer: Tokenizer,
  prompt: string,
  { raw, special = false, system }: PromptOptions,
): readonly TokenId[] {
  if (raw || !tokenizer.hasChatTemplate) {
    if (system !== undefined)
      throw noSystem('This model has no chat template, so it takes no system message.');
    const begin = tokenizer.beginToken === undefined ? undefined : tokenizer.vocabulary(tokenizer.beginToken);
    const hasBegin = special && begin !== undefined && prompt.startsWith(begin);
    return tokenizer.encode(prompt, { begin: !hasBegin, special });
  }
  checkTemplate(tokenizer, system);
  return tokenizer.encodeChat(messagesOf(prompt, system));
}

const noSystem = (what: string) =>
  new JudgeDecodingError('invalid-option', `${what} Leave --system out, or write it into the prompt.`);

/** Refuses a template that would drop what it is given. */
export function checkTemplate(tokenizer: Tokenizer, system: string | undefined): void {
  const write = (prompt: string, first: string | undefined) =>
    tokenizer.renderChat(messagesOf(prompt, first));
  // words that no template has of its own
  const [one, other] = ['Zyxomma', 'quivfetch'];
  const written = write(one, system);
  if (written === write(other, system)) {
    throw new JudgeDecodingError(
      'unsupported',
      'The chat template of this model does not write the prompt. Use `judge generate --raw`, or another template.',
    );
  }
  if (system !== undefined && written === write(one, undefined)) {
    throw noSystem('The chat template of this model leaves the system message out.');
  }
}

/** Contradictions that need no model to be seen. */
export function checkPromptFlags(
  words: readonly string[],
  flags: {
    readonly prompt?: string;
    readonly raw?: boolean;
    readonly special?: boolean;
    readonly system?: string;
  },
): void {
  const refuse = (sentence: string) => new JudgeDecodingError('invalid-option', sentence);
  if (words.length > 0 && flags.prompt !== undefined) {
    throw refuse(
      'Expected one prompt, got one behind the command and one with --prompt. Leave one of them out.',
    );
  }
  if (flags.raw && flags.system !== undefined) {
    throw refuse(
      'Expected --system without --raw: without the chat template there is no system message. Leave one of them out, or write it into the prompt.',
    );
  }
  if (flags.special && !flags.raw) {
    throw refuse(
      'Expected --special with --raw: the chat template writes the special tokens itself. Add --raw, or leave --special out.',
    );
  }
}

/** The first special token whose name stands in a text. */
export function specialTokenIn(text: string, tokenizer: Tokenizer): string | undefined {
  return tokenizer.specialTokens
    .map((id) => tokenizer.vocabulary(id))
    .find((name) => name !== undefined && text.includes(name));
}
