import { JudgeDecodingError } from '@judge-decoding/core';
import { table } from './markdown.ts';
import { median } from './numbers.ts';
import type { PassTime, SpeedResult } from './speed.ts';
import { type PartFile, readPart } from './store.ts';
import type { StoryResult } from './stories.ts';

/** Passes of one model in two runs; a ratio is the second run's time over the first's. */
export interface Compared {
  readonly model: string;
  readonly passes: number;
  /** Passes whose outputs are not the same bits. */
  readonly differ: number;
  readonly ratio: number;
  /** Of each pass's 5th percentile: what other programs on the machine disturb least. */
  readonly fastRatio: number;
  readonly worstRatio: number;
  /** Of a token in a draft of 25, which the device makes without the host. */
  readonly draftRatio: number;
}

/**
 * Two builds of the same sources beside each other, as Markdown: the bits of every pass that both runs
 * measured, what the second one's times are of the first one's, and whether stories are the same.
 *
 * @throws `mismatch` where the two are of different engine sources, or one of them measured nothing.
 */
export async function compare(first: string, second: string): Promise<string> {
  const [a, b] = await Promise.all([first, second].map((folder) => readPart(folder, 'speed')));
  if (a === undefined || b === undefined || a.engine !== b.engine || a.quick || b.quick) {
    throw new JudgeDecodingError(
      'mismatch',
      `Expected speed.json of the same engine sources in ${first} and ${second}, both without --quick, got ${saidOf(a)} and ${saidOf(b)}.`,
    );
  }
  const models = Object.entries(b.items).flatMap(([name, item]) => {
    const known = a.items[name];
    return name === 'judged round' || known === undefined
      ? []
      : [comparedOf(known as SpeedResult, item as SpeedResult)];
  });
  const count = (of: (model: Compared) => number) => models.reduce((sum, model) => sum + of(model), 0);
  const [differ, passes] = [count((model) => model.differ), count((model) => model.passes)];
  return [
    `Engine sources ${a.engine}: ${passes} passes that both runs measured, ${differ} with other bits. Times are those in ${second} over those in ${first}.`,
    table(
      ['model', 'passes', 'other bits', 'time', '5th percentile', 'worst', 'a drafted token'],
      models.map((model) => [
        model.model,
        String(model.passes),
        String(model.differ),
        ...[model.ratio, model.fastRatio, model.worstRatio, model.draftRatio].map((ratio) =>
          ratio.toFixed(3),
        ),
      ]),
    ),
    ...(await storiesOf(first, second)),
  ].join('\n\n');
}

/** Passes of `b` that `a` has, too. */
export function comparedOf(a: SpeedResult, b: SpeedResult): Compared {
  const pairs = b.passes.flatMap((pass): readonly (readonly [PassTime, PassTime])[] => {
    const known = a.passes.find(
      ({ context, width, outputs }) =>
        context === pass.context && width === pass.width && outputs === pass.outputs,
    );
    return known === undefined ? [] : [[known, pass]];
  });
  const ratios = pairs.map(([known, pass]) => pass.milliseconds / known.milliseconds);
  return {
    model: b.model,
    passes: pairs.length,
    differ: pairs.filter(([known, pass]) => known.digest !== pass.digest).length,
    ratio: median(ratios),
    fastRatio: median(pairs.map(([known, pass]) => pass.spread[0] / known.spread[0])),
    worstRatio: Math.max(...ratios),
    draftRatio: b.draftTokenMilliseconds / a.draftTokenMilliseconds,
  };
}

async function storiesOf(first: string, second: string): Promise<readonly string[]> {
  const [a, b] = await Promise.all([first, second].map((folder) => readPart(folder, 'stories')));
  if (a === undefined || b === undefined) return [];
  const texts = Object.entries(b.items).map(([name, item]) => {
    const known = a.items[name] as StoryResult | undefined;
    return `${name} ${known?.written === (item as StoryResult).written ? 'the same text' : 'another text'}`;
  });
  return [`Stories: ${texts.join(', ')}.`];
}

const saidOf = (part: PartFile | undefined): string =>
  part === undefined ? 'none' : `${part.engine}${part.quick ? ', --quick' : ''}`;
