import type { Interval } from '../statistics/wilson.ts';
import { placeLabels } from './place-labels.ts';

/** One arm in the picture of what speed costs. */
export interface ChartPoint {
  /** Arms of one series, `judge@0.9` and `judge@0.95`, are joined by a line. */
  readonly label: string;
  /** Times plain decoding's tokens per second. */
  readonly speed: number;
  readonly speedInterval: Interval;
  /** Accuracy less the target's, in points. */
  readonly points: number;
  readonly pointsInterval: Interval;
}

const WIDTH = 760;
const HEIGHT = 460;
const MARGIN = { left: 64, right: 24, top: 48, bottom: 52 };
// legible in black and white as well: series also differ by their labels
const COLOURS = ['#1b6ca8', '#c8553d', '#3a7d44', '#7d5ba6', '#b7791f', '#4a5568', '#0f766e', '#9d174d'];

/** Speed against accuracy with both intervals, as a static SVG. */
export function speedAccuracyChart(points: readonly ChartPoint[], title: string): string {
  const xs = points.flatMap(({ speed, speedInterval }) => [speed, speedInterval.low, speedInterval.high]);
  const ys = points.flatMap(({ points: y, pointsInterval }) => [y, pointsInterval.low, pointsInterval.high]);
  const x = scale([0, ...xs], MARGIN.left, WIDTH - MARGIN.right);
  const y = scale([0, 1, ...ys], HEIGHT - MARGIN.bottom, MARGIN.top);
  const series = [...new Set(points.map(seriesOf))];
  const colourOf = (point: ChartPoint) => COLOURS[series.indexOf(seriesOf(point)) % COLOURS.length]!;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="15" font-weight="600" fill="#1a202c">${escaped(title)}</text>`,
    ...x.ticks.map(
      (tick) =>
        `<line x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}" stroke="#e2e8f0"/>` +
        `<text x="${x.at(tick)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle" fill="#4a5568">${tick}x</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y.at(tick)}" y2="${y.at(tick)}" stroke="${tick === 0 ? '#718096' : '#e2e8f0'}"/>` +
        `<text x="${MARGIN.left - 8}" y="${round(y.at(tick) + 4)}" text-anchor="end" fill="#4a5568">${tick}</text>`,
    ),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle" fill="#1a202c">speed, times plain decoding (tokens/s)</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#1a202c">accuracy less the target's, points</text>`,
  ];
  for (const name of series) {
    const members = points.filter((point) => seriesOf(point) === name).sort((a, b) => a.speed - b.speed);
    if (members.length < 2) continue;
    const path = members.map((point) => `${x.at(point.speed)},${y.at(point.points)}`).join(' ');
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${colourOf(members[0]!)}" stroke-opacity="0.6"/>`,
    );
  }
  const labels = placeLabels(
    points.map((point) => ({ x: x.at(point.speed), y: y.at(point.points), text: point.label })),
    { left: MARGIN.left, right: WIDTH - 4, top: MARGIN.top, bottom: HEIGHT - MARGIN.bottom },
  );
  for (const [i, point] of points.entries()) {
    const colour = colourOf(point);
    const [cx, cy] = [x.at(point.speed), y.at(point.points)];
    const label = labels[i]!;
    const line = (x1: number, y1: number, x2: number, y2: number, width: number) =>
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-opacity="0.55" stroke-width="${width}"/>`;
    parts.push(
      line(cx, y.at(point.pointsInterval.low), cx, y.at(point.pointsInterval.high), 1.5),
      line(x.at(point.speedInterval.low), cy, x.at(point.speedInterval.high), cy, 1.5),
      ...(label.far ? [line(cx, cy, round(label.x), round(label.y - 4), 0.6)] : []),
      `<circle cx="${cx}" cy="${cy}" r="4.5" fill="${colour}"/>`,
      `<text x="${round(label.x)}" y="${round(label.y)}" text-anchor="${label.anchor}" fill="${colour}">${escaped(point.label)}</text>`,
    );
  }
  return `${[...parts, '</svg>'].join('\n')}\n`;
}

const seriesOf = ({ label }: ChartPoint) => label.split('@')[0]!;
const round = (value: number) => Math.round(value * 10) / 10;

function scale(values: readonly number[], from: number, to: number) {
  const known = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const step = niceStep((high - low) / 6 || 1);
  const first = Math.floor(low / step) * step;
  const last = Math.ceil(high / step) * step;
  const ticks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) =>
    round(first + i * step),
  );
  return {
    at: (value: number) => round(from + ((value - first) / (last - first || 1)) * (to - from)),
    ticks,
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
