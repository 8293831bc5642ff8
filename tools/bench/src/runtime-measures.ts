import { readFileSync } from 'node:fs';

/** What a runtime does in a fresh process, the same for all runtimes. */
export interface Work {
  /** A GGUF file. */
  readonly location: string;
  readonly threads: number;
  readonly contextLength: number;
  /** Token ids: no runtime's own tokenizer is in the way. */
  readonly shortPrompt: readonly number[];
  /** Read after it, from an empty cache; absent in a round that is about the short one alone. */
  readonly longPrompt?: readonly number[];
  /** Tokens written after each prompt and its first token, at least 1. */
  readonly steps: number;
  /** Where our graphs are. */
  readonly cacheFolder: string;
}

/** A model that is ready to write. */
export interface Writer {
  /** `count` greedy tokens after the prompt, which is read from its beginning, past every end of text. */
  write(prompt: readonly number[], count: number): AsyncIterable<number>;
  /** Whatever a reader of the figures should know. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Tokens after a prompt's first one. */
export interface Decoding {
  readonly tokensPerSecond: number;
  /** Processor time a token, of all threads. */
  readonly processorMs: number;
  /** With the first one. */
  readonly tokens: readonly number[];
}

/** Reading a long prompt and going on from it. */
export interface LongText {
  /** Tokens of the prompt a second, until the first token after it was known. */
  readonly prefillPerSecond: number;
  /** Processor time a token of the prompt, of all threads. */
  readonly prefillProcessorMs: number;
  readonly decoding: Decoding;
  /** Of the whole process until the end. */
  readonly peakMegabytes: number;
}

/** What one process saw. */
export interface Measures {
  /** From the start of the process to the first token after the short prompt: loading the runtime included. */
  readonly startSeconds: number;
  /** The part of it that came after the runtime's code was loaded. */
  readonly openSeconds: number;
  /** Processor time until then, of all threads. */
  readonly startProcessorSeconds: number;
  readonly short: Decoding;
  readonly long?: LongText;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Does the work in this process and prints the measures as the last line of stdout. */
export async function measureRuntime(open: (work: Work) => Promise<Writer>): Promise<never> {
  const work: Work = JSON.parse(process.argv[2]!);
  const loaded = performance.now();
  const writer = await open(work);
  const short = await read(writer, work.shortPrompt, work.steps);
  const measures: Measures = {
    startSeconds: short.firstAt / 1000,
    openSeconds: (short.firstAt - loaded) / 1000,
    startProcessorSeconds: short.processorSeconds,
    short: short.decoding,
    ...(work.longPrompt ? { long: await readLong(writer, work.longPrompt, work.steps) } : {}),
    facts: writer.facts,
  };
  console.log(`\n${JSON.stringify(measures)}`);
  process.exit(0);
}

async function readLong(writer: Writer, prompt: readonly number[], steps: number): Promise<LongText> {
  const { from, firstAt, readingMs, decoding } = await read(writer, prompt, steps);
  return {
    prefillPerSecond: (1000 * prompt.length) / (firstAt - from),
    prefillProcessorMs: readingMs / prompt.length,
    decoding,
    peakMegabytes: peakMegabytes(),
  };
}

async function read(writer: Writer, prompt: readonly number[], steps: number) {
  const tokens: number[] = [];
  const from = performance.now();
  let used = process.cpuUsage();
  let firstAt = from;
  let readingMs = 0;
  let processorSeconds = 0;
  for await (const token of writer.write(prompt, steps + 1)) {
    if (tokens.length === 0) {
      firstAt = performance.now();
      readingMs = milliseconds(process.cpuUsage(used));
      used = process.cpuUsage();
      processorSeconds = milliseconds(used) / 1000;
    }
    tokens.push(token);
  }
  const took = performance.now() - firstAt;
  if (tokens.length !== steps + 1) throw new Error(`Expected ${steps + 1} tokens, got ${tokens.length}.`);
  const decoding: Decoding = {
    tokensPerSecond: (1000 * steps) / took,
    processorMs: milliseconds(process.cpuUsage(used)) / steps,
    tokens,
  };
  return { from, firstAt, readingMs, processorSeconds, decoding };
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

/**
 * Most memory that was resident, mapped files included. On Linux VmHWM, which belongs to this program
 * alone: `maxRSS` is inherited from the process that started it.
 */
function peakMegabytes(): number {
  const kilobytes =
    process.platform === 'linux'
      ? Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])
      : process.resourceUsage().maxRSS;
  return kilobytes / 1024;
}
