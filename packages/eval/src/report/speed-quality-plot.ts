import * as Plot from '@observablehq/plot';
import type { Analysis } from './analysis.ts';
import { drawn } from './drawn.ts';

/** One arm in the picture that matters. */
interface Point {
  readonly name: string;
  readonly draftLength: number;
  readonly family: string;
  /** Times plain decoding’s; where nothing was timed, drafted tokens accepted a round. */
  readonly speed: number;
  readonly speedLow: number;
  readonly speedHigh: number;
  /** Drafted tokens a round: what orders the points of a curve, whatever a busy moment did to a speed. */
  readonly accepted: number;
  readonly points: number;
  readonly pointsLow: number;
  readonly pointsHigh: number;
}

/** What lies further below would press all others together: it is said in words. */
const DEEPEST = -12;
/** A picture of arms that lost nothing is still one of points. */
const LEAST_SPAN = 2;

/** Whether the picture has speeds, or what is accepted in their place. */
export const hasSpeeds = ({ arms }: Analysis): boolean =>
  arms.some(({ whole }) => whole.versusPlain !== undefined);

/** Where an arm stands between left and right, in words. */
export const sayAcross = (analysis: Analysis, { speed }: Pick<Point, 'speed'>): string =>
  hasSpeeds(analysis) ? `${speed.toFixed(2)}x` : `${speed.toFixed(1)} accepted`;

/** Arms that have both a speed and a quality; plain decoding is at (1, 0). */
export function pointsOf(analysis: Analysis): readonly Point[] {
  const { arms } = analysis;
  const timed = hasSpeeds(analysis);
  return arms.flatMap(({ name, family, arm, draftLength, synthetic, whole }): readonly Point[] => {
    const { quality, versusPlain } = whole;
    // the draft alone verifies nothing, and programs of others are another matter
    if (synthetic !== undefined || quality === undefined || name === 'draft' || arm.decode === 'outside')
      return [];
    const here = { name, family, draftLength, accepted: whole.accepted };
    if (name === 'plain') {
      const speed = timed ? 1 : 0;
      return [{ ...here, speed, speedLow: speed, speedHigh: speed, points: 0, pointsLow: 0, pointsHigh: 0 }];
    }
    if (quality.paired === undefined || (timed && versusPlain === undefined)) return [];
    const { difference, interval } = quality.paired;
    const speed = timed ? versusPlain!.ratio : whole.accepted;
    const within = timed && Number.isFinite(versusPlain!.interval.low) ? versusPlain!.interval : undefined;
    return [
      {
        ...here,
        speed,
        speedLow: within?.low ?? speed,
        speedHigh: within?.high ?? speed,
        points: 100 * difference,
        pointsLow: 100 * interval.low,
        pointsHigh: 100 * interval.high,
      },
    ];
  });
}

/** Arms that lose too much for the picture. */
export const belowThePicture = (analysis: Analysis): readonly Point[] =>
  pointsOf(analysis).filter(({ points }) => points < DEEPEST);

/** A family's colour is the same in every picture: the judge has the first, what is no rule of acceptance none. */
export function coloursOf(families: readonly string[]): ReadonlyMap<string, string> {
  const ruled = families.filter((family) => !/^(plain|strict|draft|oracle|everything|random)/.test(family));
  const ordered = [
    ...ruled.filter((family) => family === 'judge'),
    ...ruled.filter((family) => family !== 'judge'),
  ];
  return new Map(
    families.map((family) => [
      family,
      ordered.includes(family) ? `var(--series-${ordered.indexOf(family) % COLOURS})` : 'var(--soft)',
    ]),
  );
}

const COLOURS = 12;

/** Speed against quality, a curve for each rule over its numbers. */
export function speedQualityPlot(analysis: Analysis, width: number): string | undefined {
  const points = pointsOf(analysis).filter(({ points: y }) => y >= DEEPEST);
  if (points.length < 2) return undefined;
  const isWide = width > 500;
  const families = [...new Set(points.map(({ family }) => family))];
  const colours = coloursOf(families);
  const colour = ({ family }: Point) => colours.get(family)!;
  const curves = points
    .filter((point) => points.filter(({ family }) => family === point.family).length > 1)
    .sort((a, b) => a.accepted - b.accepted);
  const low = Math.max(DEEPEST, Math.min(-LEAST_SPAN, ...points.map(({ pointsLow }) => pointsLow)));
  const high = Math.max(LEAST_SPAN / 2, ...points.map(({ pointsHigh }) => pointsHigh));
  const least = Math.min(1, ...points.map(({ speedLow }) => speedLow));
  const most = Math.max(...points.map(({ speedHigh }) => speedHigh));
  const frame = { left: 44, right: isWide ? 96 : 60, top: 28, bottom: 44, height: isWide ? 480 : 420 };
  const inFrame = (value: number) => Math.max(low, Math.min(high, value));
  // of many points of one rule only those that are asked for without a number, and the last, have words
  const labels = placed(labelled(points), {
    x: (speed) => frame.left + ((speed - least) / (most - least || 1)) * (width - frame.left - frame.right),
    y: (at) => frame.top + ((high - at) / (high - low)) * (frame.height - frame.top - frame.bottom),
    left: frame.left,
    right: width - 4,
  });
  return drawn({
    width,
    height: frame.height,
    marginLeft: frame.left,
    marginRight: frame.right,
    marginTop: frame.top,
    marginBottom: frame.bottom,
    x: {
      label: hasSpeeds(analysis) ? 'times as fast as plain decoding →' : 'drafted tokens accepted a round →',
      domain: [least, most],
      grid: true,
    },
    y: { label: '↑ accuracy against plain decoding, points', domain: [low, high], grid: true },
    marks: [
      Plot.ruleY([0], { stroke: 'var(--soft)', strokeOpacity: 0.8 }),
      Plot.link(points, {
        x1: 'speed',
        x2: 'speed',
        y1: (point: Point) => inFrame(point.pointsLow),
        y2: (point: Point) => inFrame(point.pointsHigh),
        stroke: colour,
        strokeOpacity: 0.28,
      }),
      Plot.link(points, {
        x1: 'speedLow',
        x2: 'speedHigh',
        y1: 'points',
        y2: 'points',
        stroke: colour,
        strokeOpacity: 0.28,
      }),
      Plot.line(curves, {
        x: 'speed',
        y: 'points',
        z: 'family',
        stroke: colour,
        strokeWidth: (point: Point) => (point.family === 'judge' ? 2.4 : 1.3),
      }),
      Plot.dot(points, {
        x: 'speed',
        y: 'points',
        fill: colour,
        r: (point: Point) => (point.name === point.family ? 5 : 3),
        title: (point: Point) =>
          `${point.name}: ${sayAcross(analysis, point)}, ${point.points.toFixed(1)} points`,
      }),
      ...labels.map(({ point, dx, dy, anchor }) =>
        Plot.text([point], {
          x: 'speed',
          y: 'points',
          text: 'name',
          dx,
          dy,
          textAnchor: anchor,
          fontWeight: point.family === 'judge' ? 600 : 400,
          fill: colour(point),
          stroke: 'var(--paper)',
          strokeWidth: 4,
          paintOrder: 'stroke',
        }),
      ),
    ],
  });
}

/** The points with a name beside them: of each rule the fastest, and the one without a number. */
function labelled(points: readonly Point[]): readonly Point[] {
  const fastest = new Map<string, Point>();
  for (const point of points) {
    const known = fastest.get(point.family);
    if (known === undefined || point.speed > known.speed) fastest.set(point.family, point);
  }
  return points.filter((point) => fastest.get(point.family) === point || point.name === point.family);
}

interface PlacedName {
  readonly point: Point;
  readonly dx: number;
  readonly dy: number;
  readonly anchor: 'start' | 'end';
}

/** Names near their points, where they cover no other name and no axis; in the order of speed, so always the same. */
function placed(
  points: readonly Point[],
  at: {
    readonly x: (speed: number) => number;
    readonly y: (points: number) => number;
    readonly left: number;
    readonly right: number;
  },
): readonly PlacedName[] {
  const taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  return [...points]
    .sort((a, b) => b.speed - a.speed || a.points - b.points)
    .map((point): PlacedName => {
      const long = 7 * point.name.length;
      const [x, y] = [at.x(point.speed), at.y(point.points)];
      for (let step = 0; step < 24; step++) {
        const dy = (step % 2 === 0 ? -1 : 1) * (9 + 13 * Math.floor(step / 2));
        for (const anchor of ['start', 'end'] as const) {
          const left = anchor === 'start' ? x + 7 : x - 7 - long;
          const box = { left, right: left + long, y: y + dy };
          if (box.right > at.right || box.left < at.left) continue;
          if (
            taken.some(
              (other) => Math.abs(other.y - box.y) < 13 && box.left < other.right && other.left < box.right,
            )
          )
            continue;
          taken.push(box);
          return { point, dx: anchor === 'start' ? 7 : -7, dy, anchor };
        }
      }
      return { point, dx: 7, dy: -9, anchor: 'start' };
    });
}
