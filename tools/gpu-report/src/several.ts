import { engineShape, parseSynthetic } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import { eachItem, type Part, type Run } from './run.ts';
import { ABORTS, abortedGenerations, agreement, muteRank, TEXTS, textsOver } from './several-checks.ts';
import { judgedRound, measure, QUICK_PAIR, type RoundPair, type SpeedItem, WIDTHS } from './speed.ts';

/**
 * A model over several GPUs: against one rank, bit for bit among ranks, widths and repeats; what a sum over
 * the ranks takes; passes and judged rounds; rounds that are given up, and a rank that falls silent. What
 * there are not enough GPUs for runs as ranks that share one, and is not timed.
 */
export const several: Part = async (run) => {
  const { gpus } = run;
  if (![1, 2, 4, 8].includes(gpus)) {
    throw new JudgeDecodingError('invalid-option', `Expected --gpus to be 2, 4 or 8, got ${gpus}.`);
  }
  const there = await run.engine.deviceCount();
  const over = (count: number, isReal = there >= count) =>
    `cuda:${Array.from({ length: count }, (_, rank) => (isReal ? rank : 0)).join(',')}`;
  const devices = [2, 4, 8].filter((count) => count <= gpus).map((count) => over(count));
  const shared = [2, 4, 8].map((count) => over(count, false));

  // what matters most first: a run may be short
  const steps: Step[] = [];
  const add = (name: string, work: Step['item']) => steps.push({ name, item: work });
  const agree = (device: string, dtypes = DTYPES) => {
    for (const dtype of dtypes) add(`agreement ${dtype} ${device}`, () => agreement(run, { device, dtype }));
  };
  // ranks that share a GPU would be timed for what they wait for each other
  const isTimed = there >= gpus;
  const all = over(gpus);
  agree(all, ['int8']);
  if (isTimed) {
    const speeds = speedsOf(run).flatMap((item) => [
      { name: `${item.model} ${all}`, item: () => measure({ ...run, device: all }, item) },
      ...(ALONE.includes(item.model) && gpus === 2
        ? [{ name: `${item.model} cuda:0`, item: () => measure({ ...run, device: 'cuda:0' }, item) }]
        : []),
    ]);
    const rounds = roundsOf(run, all).map((pair) => ({
      name: `round ${pair.target} ${pair.targetDevice}, ${pair.draft} ${pair.draftDevice}`,
      item: async () => ({ ...pair, ...(await judgedRound(run, pair)) }),
    }));
    steps.push(...speeds.slice(0, 1), ...rounds.slice(0, 1));
    add(`sums ${all}`, () => sumTimes(run, all));
    steps.push(...speeds.slice(1), ...rounds.slice(1));
  }
  add(`mute ${all}`, () => muteRank(run, all));
  const batches = (what: string, count: number, work: (batch: number) => Promise<unknown>) => {
    for (let batch = 0; batch < (run.quick ? 1 : count); batch++)
      add(`${what} ${batch} ${all}`, () => work(batch));
  };
  batches('texts', 200 / TEXTS, (batch) => textsOver(run, { device: all, batch }));
  batches('aborts', 1000 / ABORTS, (batch) => abortedGenerations(run, { device: all, batch }));
  for (const device of new Set([...devices, ...shared])) {
    agree(device, device === all ? DTYPES.slice(1) : DTYPES);
    if (device !== all) add(`mute ${device}`, () => muteRank(run, device));
  }
  await eachItem(run, steps, (work) => work());
};

interface Step {
  readonly name: string;
  readonly item: () => Promise<unknown>;
}

const DTYPES = ['int8', 'bf16', 'int4', 'fp8'];
/** Measured on one GPU, too, in the same run. */
const ALONE = ['llama-3.1-70b:int8', 'llama-3.1-8b:int4'];

/** A quarter of the layers of 405B: what fits two GPUs, and shows its memory plan. */
const QUARTER =
  'random:hidden=16384,layers=32,heads=128,kv=8,headDim=128,ff=53248,rows=128256,context=4096:int8';

function speedsOf({ gpus, quick }: Run): readonly SpeedItem[] {
  const item = (model: string, repeats: number, widths: readonly number[] = WIDTHS): SpeedItem => ({
    model,
    contexts: [512],
    widths,
    repeats,
  });
  if (quick) return [{ ...item(QUICK_PAIR.target, 2, [1, 4]), contexts: [16] }];
  const few = [1, 16, 26, 64];
  if (gpus === 2) {
    return [
      item('llama-3.1-70b:int8', 12),
      item('llama-3.1-8b:int4', 20),
      item('llama-3.1-70b:bf16', 8, few),
      item('llama-3.1-8b:int8', 20, few),
      item('llama-3.1-8b:bf16', 20, few),
      item(QUARTER, 6, few),
    ];
  }
  return [
    item('llama-3.1-405b:int8', 6, few),
    item('llama-3.1-70b:int8', 15),
    item('llama-3.1-8b:int4', 30),
    item('llama-3.1-405b:fp8', 6, few),
    item('llama-3.1-70b:bf16', 10, few),
  ];
}

function roundsOf({ gpus, quick }: Run, all: string): readonly RoundPair[] {
  const pair = (target: string, draft: string): readonly RoundPair[] =>
    [all, 'cuda:0'].map((draftDevice) => ({ target, draft, targetDevice: all, draftDevice }));
  if (quick) return pair(QUICK_PAIR.target, QUICK_PAIR.draft);
  return [
    ...(gpus > 2 ? pair('llama-3.1-405b:int8', 'llama-3.1-8b:int4') : []),
    ...pair('llama-3.1-70b:int8', 'llama-3.1-8b:int4'),
    ...pair('llama-3.1-70b:bf16', 'llama-3.1-8b:int4'),
  ];
}

/** Microseconds of a sum with residual and norm, beside what one rank takes for residual and norm. */
export interface SumsResult {
  readonly sums: readonly {
    readonly ranks: number;
    readonly hidden: number;
    readonly rows: number;
    readonly over: number;
    readonly alone: number;
  }[];
}

async function sumTimes(run: Run, device: string): Promise<SumsResult> {
  const ranks = device.split(',').length;
  const sums: SumsResult['sums'][number][] = [];
  for (const hidden of run.quick ? [64] : [8192, 16_384]) {
    const model = `random:hidden=${hidden},layers=1,heads=64,kv=8,headDim=128,ff=4096,rows=2048:bf16`;
    const config = parseSynthetic(run.quick ? QUICK_PAIR.target : model).config;
    const open = async (ranksOn: readonly number[]) => {
      const shape = engineShape(config, { ranks: ranksOn, heldAs: 'bf16', context: 256 });
      const made = await run.engine.createModel(shape);
      await made.synthesize(1);
      await made.finish();
      return made;
    };
    const [several, one] = [await open(device.slice(5).split(',').map(Number)), await open([0])];
    for (const rows of run.quick ? [1] : [1, 8, 16, 26, 32, 64]) {
      sums.push({
        ranks,
        hidden,
        rows,
        over: await several.allReduce(rows),
        alone: await one.allReduce(rows),
      });
    }
    await Promise.all([several.destroy(), one.destroy()]);
  }
  return { sums };
}
