import { bytesPerToken, engineShape, parseSynthetic } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import { eachItem, type Part, type Run } from './run.ts';
import { abortedGenerations, agreement, muteRank, textsOver } from './several-checks.ts';
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

  const checks = (list: readonly string[]) =>
    list.flatMap((device) =>
      ['bf16', 'int8', 'int4', 'fp8'].map((dtype) => ({
        name: `agreement ${dtype} ${device}`,
        item: { device, dtype },
      })),
    );
  const agreements = new Map([...checks(devices), ...checks(shared)].map((each) => [each.name, each]));
  await eachItem(run, [...agreements.values()], (item) => agreement(run, item));
  await eachItem(
    run,
    [...new Set([...devices, ...shared])].map((device) => ({ name: `mute ${device}`, item: device })),
    (device) => muteRank(run, device),
  );
  // ranks that share a GPU would be timed for what they wait for each other
  const timed = there >= gpus ? over(gpus) : undefined;
  if (timed !== undefined) {
    await eachItem(run, [{ name: `sums ${timed}`, item: timed }], (device) => sumTimes(run, device));
    for (const item of speedsOf(run)) {
      await eachItem(run, [{ name: `${item.model} ${timed}`, item }], () =>
        measure({ ...run, device: timed }, item),
      );
      if (gpus > 2 || !item.model.startsWith('llama') || !fitsOne(item.model)) continue;
      await eachItem(run, [{ name: `${item.model} cuda:0`, item }], () =>
        measure({ ...run, device: 'cuda:0' }, item),
      );
    }
    await eachItem(
      run,
      roundsOf(run, timed).map((item) => ({
        name: `round ${item.target} ${item.targetDevice}, ${item.draft} ${item.draftDevice}`,
        item,
      })),
      async (item) => ({ ...item, ...(await judgedRound(run, item)) }),
    );
  }
  await eachItem(
    run,
    devices.slice(-1).map((device) => ({ name: `aborts ${device}`, item: device })),
    (device) => abortedGenerations(run, device),
  );
  await eachItem(
    run,
    devices.slice(-1).map((device) => ({ name: `texts ${device}`, item: device })),
    (device) => textsOver(run, device),
  );
};

/** Of an H200, beside its cache. */
const ONE_GPU = 135e9;
function fitsOne(model: string): boolean {
  const { config, dtype } = parseSynthetic(model);
  const heldAs = dtype === 'auto' ? 'bf16' : dtype;
  return bytesPerToken(engineShape(config, { heldAs, context: 512 })) < ONE_GPU;
}

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
      item('llama-3.1-70b:int8', 15),
      item('llama-3.1-8b:int4', 30),
      item('llama-3.1-70b:bf16', 10, few),
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
