import { join } from 'node:path';
import {
  bytesPerToken,
  cacheBytesPerToken,
  devicesOf,
  type EngineFigures,
  engineShape,
  GPUS,
  type HeldAs,
  parseSynthetic,
  predictPass,
} from '@judge-decoding/backend-cuda';
import { median } from './numbers.ts';
import type { SpeedResult } from './speed.ts';
import { type PartFile, readPart } from './store.ts';

/**
 * What the planner knows of the engine, taken from what `speed` and `several` measured: prints
 * packages/backend-cuda/src/plan/engine-figures.ts.
 */
export async function calibrate(folder: string): Promise<string> {
  const speed = await readPart(folder, 'speed');
  // of the newest sources that ran over several GPUs: where those before are meant, what one GPU has gained since is taken for a sum's wait
  const several = (await readPart(folder, 'several')) ?? (await readPart(join(folder, 'before'), 'several'));
  if (speed === undefined) throw new Error(`Expected ${folder}/speed.json: run the part first.`);
  return `import type { EngineFigures } from './predict-pass.ts';

/** Made by \`npm run report -- calibrate\` in tools/gpu-report: do not write here. */
export const ENGINE_FIGURES: EngineFigures = ${JSON.stringify(figuresOf(speed, several), null, 2)};
`;
}

const CONTEXT = 512;
const LONGER = [8192, 32_000];
/** Of passes beside those of one row. */
const ROWS = [2, 8, 16, 26, 32, 64];
const DTYPES: readonly HeldAs[] = ['bf16', 'fp16', 'fp8', 'int8', 'int4', 'q8_0', 'q4_0'];

function figuresOf(speed: PartFile, several: PartFile | undefined): EngineFigures {
  const models = Object.values(speed.items)
    .filter((item): item is SpeedResult => Array.isArray((item as SpeedResult).passes))
    .map((result) => ({ result, shape: shapeOf(result) }));
  const read = Math.max(...models.flatMap(({ result }) => result.readBandwidth));
  const at = (result: SpeedResult, rows: number, context = CONTEXT) =>
    result.passes.find((pass) => pass.context === context && pass.width === rows && pass.outputs === 'argmax')
      ?.milliseconds;
  const reading = (bytes: number) => (1000 * bytes) / read;
  // small models wait for their kernels, not for arithmetic; of large ones the least counts, since the largest
  // may keep a GPU at its limit of power, where it is slower by what depends on the GPU at hand
  const large = (dtype: HeldAs) => {
    const found = models.filter(({ result, shape }) => result.dtype === dtype && shape.hidden >= 4096);
    if (found.length === 0)
      throw new Error(
        `Expected speeds of an 8B or larger model in ${dtype}, got none: run speed --only 8b:${dtype} first.`,
      );
    return found;
  };
  const perLayer = (dtype: HeldAs) =>
    Math.min(
      ...large(dtype).map(({ result, shape }) => {
        const bytes = bytesPerToken(shape) + CONTEXT * cacheBytesPerToken(shape);
        return (result.draftTokenMilliseconds - reading(bytes)) / shape.layers;
      }),
    );
  const width = (dtype: HeldAs) => {
    const points = ROWS.flatMap((count) => {
      const found = large(dtype).flatMap(({ result, shape }) => {
        const [one, wide] = [at(result, 1), at(result, count)];
        if (one === undefined || wide === undefined) return [];
        return [(wide - one) / (bytesPerToken({ ...shape, heldAs: 'bf16' }) / 2e9)];
      });
      return found.length === 0 ? [] : [[count, Math.max(0, rounded(Math.min(...found)))] as const];
    });
    return rising(points);
  };
  // of the cache's bytes; behind so many tokens the engine's small kernels wait less or more for each other
  const factors = (context: number) =>
    models.flatMap(({ result, shape }) => {
      const [short, long] = [at(result, 1), at(result, 1, context)];
      if (short === undefined || long === undefined) return [];
      return [(long - short) / reading((context - CONTEXT) * cacheBytesPerToken(shape))];
    });
  const cache = LONGER.flatMap((context) => {
    const found = factors(context);
    return found.length === 0 ? [] : [[context, rounded(median(found))] as const];
  });
  const looked = models.flatMap(({ result, shape }) =>
    LONGER.flatMap((context) =>
      ROWS.flatMap((rows) => {
        const [one, wide] = [at(result, 1), at(result, rows)];
        const [long, longWide] = [at(result, 1, context), at(result, rows, context)];
        if (one === undefined || wide === undefined || long === undefined || longWide === undefined)
          return [];
        const tokens = (context - CONTEXT) * shape.layers * shape.kvHeads;
        const milliseconds = (1e9 * (longWide - long - (wide - one))) / tokens;
        return [{ pairs: (rows * shape.heads) / shape.kvHeads, milliseconds }];
      }),
    ),
  );
  const attention = rising(
    [...new Set(looked.map(({ pairs }) => pairs))]
      .sort((a, b) => a - b)
      .map((pairs) => {
        const found = looked.filter((each) => each.pairs === pairs).map(({ milliseconds }) => milliseconds);
        return [pairs, Math.max(0, rounded(median(found)))] as const;
      }),
  );
  const all = <Value>(value: (dtype: HeldAs) => Value) =>
    Object.fromEntries(DTYPES.map((dtype) => [dtype, value(dtype)])) as Record<HeldAs, Value>;
  const figures: EngineFigures = {
    source: `docs/gpu/speed.json of engine ${speed.engine}${several === undefined ? '' : ` and several.json of ${several.engine}`}`,
    readShare: rounded(read / GPUS.h200!.bandwidth),
    perLayer: all((dtype) => rounded(perLayer(dtype))),
    perCall: rounded(
      median(models.map(({ result }) => Math.max(0, at(result, 1)! - result.draftTokenMilliseconds))),
    ),
    width: all(width),
    cache,
    attention,
    ...sums(several),
    split: 1,
  };
  return overSeveral(figures, several);
}

/**
 * What two GPUs change: a sum's wait is what drafted tokens take beyond what is said without it, and part of the rows'
 * arithmetic hides behind the waits.
 */
function overSeveral(figures: EngineFigures, several: PartFile | undefined): EngineFigures {
  const found = Object.entries(several?.items ?? {}).flatMap(([name, item]) => {
    const ranks = devicesOf(name.split(' ').at(-1)!).length;
    if (ranks !== 2 || !Array.isArray((item as SpeedResult).passes)) return [];
    return [{ result: item as SpeedResult, shape: shapeOf(item as SpeedResult), ranks }];
  });
  if (found.length === 0) return figures;
  const said = (of: EngineFigures, { shape, ranks }: (typeof found)[number], rows: number) =>
    predictPass({ shape, ranks, rows, context: CONTEXT }, GPUS.h200!, of);
  const without = { ...figures, sum: { ...figures.sum, 2: 0 } };
  const waits = found.map(
    (each) =>
      (1000 * (each.result.draftTokenMilliseconds - said(without, each, 1))) / (2 * each.shape.layers),
  );
  const unhidden = { ...figures, split: 0 };
  // the widest passes, where it matters most
  const shares = found.flatMap((each) => {
    const passes = each.result.passes.filter(({ outputs }) => outputs === 'argmax');
    const [one, widest] = [passes.find(({ width }) => width === 1), passes.at(-1)];
    if (one === undefined || widest === undefined || widest.width === 1) return [];
    const rest = said(unhidden, each, widest.width) - said(unhidden, each, 1);
    const alone = said(figures, each, widest.width) - said(unhidden, each, widest.width);
    return [(widest.milliseconds - one.milliseconds - rest) / alone];
  });
  // models differ: between the extremes nothing is far off
  const split = (Math.min(...shares) + Math.max(...shares)) / 2;
  const wait = Math.max(0, median(waits));
  return {
    ...figures,
    // of 4 and 8, which nobody has run yet, an assumption: so much more than two
    sum: { 2: rounded(wait), 4: rounded(wait + 0.5), 8: rounded(wait + 2.25) },
    ...(shares.length === 0 ? {} : { split: rounded(Math.min(1, split)) }),
  };
}

/** No wider pass is faster: where one was, the narrower one was disturbed. */
const rising = (points: readonly (readonly [number, number])[]) =>
  points.map(([place], index) => {
    const least = Math.min(...points.slice(index).map(([, milliseconds]) => milliseconds));
    return [place, least] as const;
  });

/** One rank's residual and norm are taken off; of 4 and 8 ranks, which nobody has run yet, an assumption. */
function sums(several: PartFile | undefined): Pick<EngineFigures, 'sum' | 'linkShare'> {
  const assumed = { sum: { 2: 0.75, 4: 1.25, 8: 3 }, linkShare: 0.7 };
  const found = Object.values(several?.items ?? {}) as {
    readonly sums?: readonly { ranks: number; hidden: number; rows: number; over: number; alone: number }[];
  }[];
  const two = found.flatMap(({ sums: list = [] }) => list).filter(({ ranks }) => ranks === 2);
  const one = two.find(({ rows, hidden }) => rows === 1 && hidden === 8192);
  const wide = two.find(({ rows, hidden }) => rows === 64 && hidden === 8192);
  if (one === undefined || wide === undefined) return assumed;
  // one rank's own kernel, as short, is not always shorter
  const [few, many] = [Math.max(0, one.over - one.alone), wide.over - wide.alone];
  const seconds = ((many - few) * 1e-6) / (63 * 2 * 8192);
  return {
    sum: { ...assumed.sum, 2: rounded(few) },
    linkShare: rounded(1 / seconds / GPUS.h200!.link!),
  };
}

function shapeOf({ model, dtype }: SpeedResult) {
  const { config } = parseSynthetic(model);
  return engineShape(config, { heldAs: dtype as HeldAs, context: config.contextLength });
}

const rounded = (value: number): number => Number(value.toPrecision(3));
