import { interval, median, type Timing } from './interleave.ts';
import type { Measures } from './runtime-measures.ts';

/** One model under both runtimes; the measures of a round have the same index. */
export interface Comparison {
  readonly model: string;
  readonly ours: readonly Measures[];
  readonly theirs: readonly Measures[];
  /** Of the file's matrices that one token is multiplied by, as stored. */
  readonly storedMegabytesPerToken: number;
  /** After the short and after the long prompt. */
  readonly texts: readonly TextPair[];
}

/** What both wrote after the same prompt in the first round. */
export interface TextPair {
  readonly promptTokens: number;
  readonly ours: string;
  readonly theirs: string;
  readonly tokens: number;
  /** How many tokens they have in common from the beginning. */
  readonly common: number;
  /** What our model thinks of the two tokens where they part, in logits. */
  readonly gap?: number;
}

interface Line {
  readonly label: string;
  /** Undefined in a round that did not read the long prompt. */
  readonly of: (measures: Measures) => number | undefined;
  readonly digits: number;
  /** What the project wants of ours divided by theirs. */
  readonly wanted?: string;
}

function linesOf({ texts }: Comparison): readonly Line[] {
  const [short, long] = texts;
  return [
    {
      label: `tokens/s after ${short!.promptTokens} tokens`,
      of: ({ short }) => short.tokensPerSecond,
      digits: 2,
      wanted: 'at least 0.85',
    },
    {
      label: `tokens/s after ${long!.promptTokens} tokens`,
      of: ({ long }) => long?.decoding.tokensPerSecond,
      digits: 2,
      wanted: 'at least 0.85',
    },
    {
      label: `prefill of ${long!.promptTokens} tokens, tokens/s`,
      of: ({ long }) => long?.prefillPerSecond,
      digits: 1,
      wanted: 'at least 0.5',
    },
    { label: 'start to first token, s', of: (m) => m.startSeconds, digits: 2, wanted: 'at most 1.5' },
    { label: 'of it after the code was loaded, s', of: (m) => m.openSeconds, digits: 2 },
    { label: 'processor s until then', of: (m) => m.startProcessorSeconds, digits: 2 },
    {
      label: 'peak resident memory, MB',
      of: ({ long }) => long?.peakMegabytes,
      digits: 0,
      wanted: 'at most 1',
    },
    {
      label: `processor ms a token after ${short!.promptTokens} tokens`,
      of: ({ short }) => short.processorMs,
      digits: 1,
    },
    { label: 'processor ms a prompt token', of: ({ long }) => long?.prefillProcessorMs, digits: 2 },
  ];
}

/** Medians of the rounds with their 95 % intervals, as Markdown. Ratios are medians of the rounds' own. */
export function comparisonTable(comparison: Comparison): string {
  const { model, ours, theirs, storedMegabytesPerToken, texts } = comparison;
  const rows = linesOf(comparison).map(({ label, of, digits, wanted = '' }) => {
    const pairs = ours.flatMap((measures, round) => {
      const [our, their] = [of(measures), of(theirs[round]!)];
      return our === undefined || their === undefined ? [] : [{ our, their, ratio: our / their }];
    });
    const cell = (name: 'our' | 'their' | 'ratio', digits: number) =>
      medianWithInterval(
        pairs.map((pair) => pair[name]),
        digits,
      );
    return [label, cell('our', digits), cell('their', digits), cell('ratio', 2), wanted];
  });
  const read = Number(ours[0]!.facts.megabytesPerToken);
  rows.push([
    'weights read a token, MB',
    read.toFixed(0),
    storedMegabytesPerToken.toFixed(0),
    (read / storedMegabytesPerToken).toFixed(2),
    '',
  ]);
  const head =
    `| ${model} | judge-decoding, ${ours[0]!.facts.dtype} | node-llama-cpp | ours : theirs | wanted |\n` +
    '| --- | ---: | ---: | ---: | --- |\n';
  return `${head}${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${texts.map(sayText).join('\n')}\n`;
}

/** `median (low–high)`. */
export function medianWithInterval(values: readonly number[], digits: number): string {
  const timing: Timing = { name: '', samples: [...values].sort((a, b) => a - b), processor: [] };
  const [low, high] = interval(timing);
  return `${median(timing).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

function sayText({ promptTokens, tokens, common, gap }: TextPair): string {
  const same = `After ${promptTokens} tokens both wrote the same ${common} of ${tokens} tokens`;
  if (gap === undefined) return `${same}.`;
  return `${same}; at the next one our logits for the two tokens are ${gap.toFixed(2)} apart.`;
}
