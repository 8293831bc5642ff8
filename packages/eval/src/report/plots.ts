import { SCORE_BINS } from '@judge-decoding/core';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Analysis } from './analysis.ts';
import type { ArmAnalysis } from './arm-analysis.ts';

/** Width, in pixels, of a plot for a page. */
export const WIDE = 760;
/** For a phone. */
export const NARROW = 360;

/** Series that get a colour and a symbol of their own; CSS says what they are in light and dark. */
const COLOURS = 8;

/** One arm in the picture that matters. */
interface Point {
  readonly label: string;
  readonly family: string;
  readonly speed: number;
  readonly speedLow: number;
  readonly speedHigh: number;
  readonly points: number;
  readonly pointsLow: number;
  readonly pointsHigh: number;
}

/** Arms that have both a speed and a quality, plain decoding at (1, 0). */
export function pointsOf({ arms }: Analysis): readonly Point[] {
  return arms.flatMap(({ name, family, draftLength, synthetic, whole }): readonly Point[] => {
    const { quality, versusPlain } = whole;
    // the draft alone verifies nothing, and is so fast that it would press all others together
    if (synthetic !== undefined || quality === undefined || name === 'draft') return [];
    if (name === 'plain')
      return [
        { label: name, family, speed: 1, speedLow: 1, speedHigh: 1, points: 0, pointsLow: 0, pointsHigh: 0 },
      ];
    if (quality.paired === undefined || versusPlain === undefined) return [];
    const { difference, interval } = quality.paired;
    return [
      {
        label: arms.some((other) => other.name === name && other.draftLength !== draftLength)
          ? `${name}/${draftLength}`
          : name,
        family,
        speed: versusPlain.ratio,
        speedLow: versusPlain.interval.low,
        speedHigh: versusPlain.interval.high,
        points: 100 * difference,
        pointsLow: 100 * interval.low,
        pointsHigh: 100 * interval.high,
      },
    ];
  });
}

/** Speed against quality, a curve for each rule over its numbers. */
export function speedQualityPlot(analysis: Analysis, width: number): string | undefined {
  const points = pointsOf(analysis);
  if (points.length < 2) return undefined;
  const families = [...new Set(points.map(({ family }) => family))];
  const colour = (point: Point) => `var(--series-${families.indexOf(point.family) % COLOURS})`;
  const curves = points
    .filter((point) => points.filter(({ family }) => family === point.family).length > 1)
    .sort((a, b) => a.speed - b.speed);
  return drawn({
    width,
    height: width > 500 ? 460 : 420,
    marginLeft: 48,
    marginRight: width > 500 ? 110 : 64,
    marginTop: 28,
    insetTop: 18,
    marginBottom: 44,
    x: { label: 'times as fast as plain decoding →', grid: true, nice: true },
    y: { label: '↑ accuracy against plain decoding, points', grid: true, nice: true },
    marks: [
      Plot.ruleY([0], { strokeOpacity: 0.6 }),
      Plot.line(curves, { x: 'speed', y: 'points', z: 'family', stroke: colour, strokeOpacity: 0.55 }),
      Plot.ruleX(points, {
        x: 'speed',
        y1: 'pointsLow',
        y2: 'pointsHigh',
        stroke: colour,
        strokeOpacity: 0.7,
      }),
      Plot.ruleY(points, {
        y: 'points',
        x1: 'speedLow',
        x2: 'speedHigh',
        stroke: colour,
        strokeOpacity: 0.7,
      }),
      Plot.dot(points, { x: 'speed', y: 'points', fill: colour, r: 4.5, title: 'label' }),
      ...spread(points, width).map((point) =>
        Plot.text([point], {
          x: 'speed',
          y: 'points',
          text: 'label',
          dx: 8,
          dy: point.dy,
          textAnchor: 'start',
          fill: colour(point),
          stroke: 'var(--paper)',
          strokeWidth: 4,
          paintOrder: 'stroke',
        }),
      ),
    ],
  });
}

/** Labels of points that lie close are put over and under each other. */
function spread(points: readonly Point[], width: number): readonly (Point & { readonly dy: number })[] {
  const [xs, ys] = [points.map(({ speed }) => speed), points.flatMap((p) => [p.pointsLow, p.pointsHigh])];
  const perX = (width - 150) / (Math.max(...xs) - Math.min(...xs) || 1);
  const perY = 380 / (Math.max(...ys) - Math.min(...ys) || 1);
  const placed: { readonly x: number; readonly y: number; readonly end: number }[] = [];
  return [...points]
    .sort((a, b) => b.points - a.points)
    .map((point) => {
      const [x, y] = [point.speed * perX, -point.points * perY];
      const end = x + 8 + 6.2 * point.label.length;
      const clashes = (dy: number) =>
        placed.some((other) => Math.abs(other.y - (y + dy)) < 12 && x < other.end && other.x < end);
      const dy = [-8, 10, -22, 24, -36, 38, -50, 52].find((candidate) => !clashes(candidate)) ?? 66;
      placed.push({ x, y: y + dy, end });
      return { ...point, dy };
    });
}

/** Share of rounds in which each position of the draft was accepted. */
export function acceptancePlot(arms: readonly ArmAnalysis[], width: number): string | undefined {
  const points = arms.flatMap(({ name, draftLength, acceptance }) =>
    acceptance?.kind !== 'profile' || draftLength === 0
      ? []
      : acceptance.rates.map((rate, position) => ({ arm: name, position: position + 1, rate: 100 * rate })),
  );
  if (points.length === 0) return undefined;
  const names = [...new Set(points.map(({ arm }) => arm))];
  const colour = ({ arm }: { readonly arm: string }) => `var(--series-${names.indexOf(arm) % COLOURS})`;
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

/** The same options always give the same SVG: no random names, no clock. */
export function drawn(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({
    ...options,
    document: document as never,
    className: 'plot',
  });
  // the page's style sheet has what Plot would put into each picture
  return plot.outerHTML.replace(/<style>[\s\S]*?<\/style>/, '');
}
