import { SCORE_BINS } from '@judge-decoding/core';
import * as Plot from '@observablehq/plot';
import type { ArmAnalysis } from './arm-analysis.ts';
import { drawn } from './drawn.ts';
import { coloursOf } from './speed-quality-plot.ts';

/** Share of rounds in which each position of the draft was accepted. */
export function acceptancePlot(arms: readonly ArmAnalysis[], width: number): string | undefined {
  const points = arms.flatMap(({ name, draftLength, acceptance }) =>
    acceptance?.kind !== 'profile' || draftLength === 0
      ? []
      : acceptance.rates.map((rate, position) => ({ arm: name, position: position + 1, rate: 100 * rate })),
  );
  if (points.length === 0) return undefined;
  const names = [...new Set(points.map(({ arm }) => arm))];
  const families = new Map(arms.map(({ name, family }) => [name, family]));
  const colours = coloursOf([...new Set(families.values())]);
  const colour = ({ arm }: { readonly arm: string }) => colours.get(families.get(arm)!)!;
  const ends = names.map((arm) => points.filter((point) => point.arm === arm).at(-1)!);
  return drawn({
    width,
    height: 300,
    marginRight: width > 500 ? 110 : 84,
    marginBottom: 40,
    x: {
      label: 'position in the draft →',
      ticks: wholeTicks(points.map(({ position }) => position)),
      tickFormat: 'd',
    },
    y: { label: '↑ rounds that accepted it, %', domain: [0, 100], grid: true },
    marks: [
      Plot.line(points, { x: 'position', y: 'rate', z: 'arm', stroke: colour, strokeWidth: 1.8 }),
      Plot.text(separated(ends), {
        x: 'position',
        y: 'at',
        text: 'arm',
        dx: 6,
        textAnchor: 'start',
        fill: colour,
      }),
    ],
  });
}

/** Some eight whole numbers, the first and the last among them. */
function wholeTicks(positions: readonly number[]): readonly number[] {
  const most = Math.max(...positions);
  const step = Math.max(1, Math.ceil(most / 8));
  return [
    1,
    ...Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step).filter((at) => at > 1),
  ];
}

/** A line's height, in points of the scale. */
const APART = 5.2;

/** Names at the ends of lines, a line's height apart and none below the axis. */
function separated<Item extends { readonly rate: number }>(ends: readonly Item[]) {
  let next = 2;
  const upwards = [...ends]
    .sort((a, b) => a.rate - b.rate)
    .map((end) => {
      const at = Math.max(end.rate, next);
      next = at + APART;
      return { ...end, at };
    });
  // what was pushed over the top comes down again
  let top = 102;
  for (const end of upwards.reverse()) {
    end.at = Math.min(end.at, top);
    top = end.at - APART;
  }
  return upwards;
}

/** How often the judge gave each score. */
export function scorePlot({ stats, name }: ArmAnalysis, width: number): string | undefined {
  const total = stats.scoreHistogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const bars = stats.scoreHistogram.map((count, bin) => ({
    from: bin / SCORE_BINS,
    to: (bin + 1) / SCORE_BINS,
    share: (100 * count) / total,
  }));
  return drawn({
    width,
    height: 200,
    marginBottom: 40,
    x: { label: `score of ${name} →` },
    y: { label: '↑ drafted tokens, %', grid: true },
    marks: [
      Plot.rectY(bars, {
        x1: 'from',
        x2: 'to',
        y: 'share',
        fill: 'var(--series-0)',
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleY([0]),
    ],
  });
}
