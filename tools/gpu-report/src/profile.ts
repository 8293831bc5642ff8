import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devicesOf, parseSynthetic } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import { NCU_METRICS, readKernels } from './ncu.ts';
import { type KernelProfile, ofLayers } from './of-layers.ts';
import { openPass, PROFILED_PASS } from './profiled-pass.ts';
import { eachItem, type Part, type Run } from './run.ts';
import { runTool, thisProgram } from './tool.ts';

/**
 * One pass of a model under NVIDIA's ncu, kernel by kernel: what each takes by itself, which bytes it moves and what
 * its warps wait for, beside the same pass as it runs. For work that misses what is wanted of it.
 */
export interface ProfileResult {
  readonly model: string;
  readonly rows: number;
  readonly context: number;
  readonly layers: number;
  /** Of them, those that the profiler saw: each kernel takes it a sixth of a second, and layers are alike. */
  readonly layersSeen: number;
  /** Of the pass without the profiler, on the device; median. */
  readonly milliseconds: number;
  /** Bytes a second of a copy, read and written together, in the same minute. */
  readonly copyBandwidth: number;
  readonly kernels: readonly KernelProfile[];
}

interface ProfiledItem {
  readonly model: string;
  readonly rows: number;
}

const FULL: readonly ProfiledItem[] = [
  { model: 'llama-3.2-1b:bf16', rows: 1 },
  { model: 'llama-3.1-8b:int4', rows: 1 },
  { model: 'llama-3.1-8b:int4', rows: 26 },
  { model: 'llama-3.1-70b:int8', rows: 26 },
];
const QUICK: readonly ProfiledItem[] = [{ model: 'random:hidden=64,layers=3,rows=256:int8', rows: 2 }];

export const profile: Part = (run) =>
  eachItem(
    run,
    (run.quick ? QUICK : FULL).map((item) => ({
      name: `${item.model}, ${item.rows} ${item.rows === 1 ? 'row' : 'rows'}`,
      item,
    })),
    (item) => profiled(run, item),
  );

const MOST_LAYERS = 6;

/** The model with a few of its layers, as `parseSynthetic` reads it. */
export function fewLayers(model: string): { readonly name: string; readonly layers: number } {
  const { config, dtype } = parseSynthetic(model);
  const layers = Math.min(config.layers, MOST_LAYERS);
  const fields = {
    ...{ hidden: config.hiddenSize, layers, heads: config.attentionHeads, kv: config.keyValueHeads },
    ...{ headDim: config.headDim, ff: config.intermediateSize, rows: config.vocabSize },
    ...{ tokens: config.tokenCount, tied: config.tiedEmbeddings ? 1 : 0 },
  };
  const said = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  return { name: `random:${said.join(',')}:${dtype}`, layers };
}

async function profiled(run: Run, { model, rows }: ProfiledItem): Promise<ProfileResult> {
  const context = run.quick ? 16 : 512;
  const milliseconds = await openPass(run, { model, rows, context }, (pass) => pass.onDevice());
  // a GPU that was idle copies slower
  const { copied } = await run.engine.bandwidth(devicesOf(run.device)[0]!);
  const few = fewLayers(model);
  const folder = await mkdtemp(join(tmpdir(), 'judge-profile-'));
  try {
    const log = join(folder, 'ncu.csv');
    const { status, text } = await runTool('ncu', [
      ...['--csv', '--page', 'raw', '--print-units', 'base', '--log-file', log],
      // kernels of a recorded graph one by one; caches and clocks as they are
      ...['--graph-profiling', 'node', '--cache-control', 'none', '--clock-control', 'none'],
      ...['--target-processes', 'all', '--profile-from-start', 'off', '--metrics', NCU_METRICS.join(',')],
      ...thisProgram(run, [PROFILED_PASS, few.name, String(rows), String(context)]),
    ]);
    const csv = await readFile(log, 'utf8').catch(() => '');
    const kernels = status === 0 ? readKernels(csv) : [];
    if (kernels.length === 0) {
      throw new JudgeDecodingError(
        'device',
        `Expected ncu to profile ${model}, it ended with ${status}: ${`${csv}\n${text}`.trim().slice(-1500)}`,
      );
    }
    return {
      ...{ model, rows, context, milliseconds, copyBandwidth: copied },
      ...{ layers: parseSynthetic(model).config.layers, layersSeen: few.layers },
      kernels: ofLayers(kernels, few.layers),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
