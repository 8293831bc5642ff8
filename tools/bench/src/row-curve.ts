/**
 * What passes of 1 to 32 rows cost on a device, by the form of the weights: single products as a decoder has them, and
 * whole verifications of a model. A form is flat where many rows cost little more than one.
 *
 *     npm run -s row-curve -- --on wasm|webgpu            # in a page of Chromium; --gpu for a real one
 *     npm run -s row-curve -- --on cpu|node-webgpu        # in Node
 *       [--threads 2] [--rows 1,2,4,8,16,32] [--turns 9] [--shapes 384x1920,576x3072] [--forms 'fp32|int4, blocks of 32']
 *       [--model FOLDER] [--dtypes fp32,int8,int4] [--lengths 100] [--products no] [--save curve.json]
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { vulkanDrivers, webgpuBackend } from '@judge-decoding/backend-webgpu/node';
import { openPage, REAL_WEBGPU } from '@judge-decoding/browser';
import { targetFolder } from '@judge-decoding/pocket-pair';
import * as ort from 'onnxruntime-node';
import type { Calls } from './in-page/curve-page.ts';
import { interval, median, printMachine, type Timing } from './interleave.ts';
import { type MeasurePasses, measurePasses, type PassSamples } from './row-curve/measure-passes.ts';
import { type MeasureProducts, measureProducts, type ProductCurve } from './row-curve/measure-products.ts';
import { flag, inFolder } from './workspace.ts';

type Dtype = 'fp32' | 'int8' | 'int4';

/** A device, and what is measured on it. */
interface Measuring {
  readonly said: string;
  products(options: MeasureProducts): Promise<readonly ProductCurve[]>;
  passes(dtype: Dtype, options: readonly MeasurePasses[]): Promise<readonly PassSamples[]>;
  close(): Promise<void>;
}

const on = flag('on', 'wasm');
const threads = Number(flag('threads', '1'));
const turns = Number(flag('turns', '9'));
const numbers = (name: string, fallback: string) => flag(name, fallback).split(',').map(Number);
const rows = numbers('rows', '1,2,3,4,6,8,12,16,17,24,32');
const model = resolve(flag('model', targetFolder));

await inFolder(async (folder) => {
  printMachine();
  const measuring = on === 'wasm' || on === 'webgpu' ? await inPage(on) : await inNode(on, folder);
  const saved: object[] = [];
  try {
    console.log(`${measuring.said}\n`);
    if (flag('products', 'yes') !== 'no') {
      for (const shape of flag('shapes', '384x1920,576x3072').split(',')) {
        const [inputs, outputs] = shape.split('x').map(Number) as [number, number];
        // 30 MB of floats: more than a processor keeps near itself
        const copies = Math.max(2, Math.round(7.5e6 / (inputs * outputs)));
        const forms = flag('forms', '');
        const curves = await measuring.products({
          shape: { inputs, outputs, copies },
          ...{ rows, turns },
          ...(forms === '' ? {} : { forms: forms.split('|') }),
        });
        saved.push({ inputs, outputs, copies, curves });
        console.log(`${copies} products by ${inputs} x ${outputs}, milliseconds in all\n`);
        console.log(table(curves.map(({ form, samples, refused }) => ({ name: form, samples, refused }))));
      }
    }
    const lengths = numbers('lengths', '100');
    const dtypes = flag('dtypes', 'fp32,int8,int4');
    for (const dtype of dtypes === '' ? [] : (dtypes.split(',') as Dtype[])) {
      const options = lengths.map((length) => ({ length, rows, turns }));
      const curves = await measuring.passes(dtype, options);
      saved.push({ model, dtype, lengths, curves });
      console.log(`\nverifications of ${model.split('/').at(-1)}, ${dtype}, milliseconds\n`);
      console.log(
        table(curves.map((samples, index) => ({ name: `after ${lengths[index]} tokens`, samples }))),
      );
    }
  } finally {
    await measuring.close();
  }
  const save = flag('save', '');
  if (save !== '') await writeFile(save, JSON.stringify({ on, threads, said: measuring.said, saved }));
});

async function inPage(device: 'wasm' | 'webgpu'): Promise<Measuring> {
  const page = await openPage<Calls>(fileURLToPath(new URL('./in-page/curve-page.ts', import.meta.url)), {
    mounts: [{ at: '/model/', folder: model }],
    isolated: threads > 1,
    ...(process.argv.includes('--gpu') ? { args: REAL_WEBGPU } : {}),
  });
  page.page.setDefaultTimeout(0);
  return {
    said: `Chromium, ${device}${device === 'wasm' ? `, threads: ${threads}` : ''}`,
    products: (options) => page.call('productCurve', device, threads, options),
    async passes(dtype, options) {
      await page.call('openOurs', {
        device,
        dtype,
        threads,
        contextLength: contextOf(options),
        target: '/model/',
      });
      const curves: PassSamples[] = [];
      for (const each of options) curves.push(await page.call('passes', each));
      await page.call('closeOurs');
      return curves;
    },
    close: () => page.close(),
  };
}

async function inNode(name: string, folder: string): Promise<Measuring> {
  const gpu = name === 'node-webgpu';
  const cacheFolder = process.env.JUDGE_CACHE ?? join(folder, 'cache');
  return {
    said: gpu
      ? `Node, WebGPU through ${(await vulkanDrivers()).join(', ') || 'whatever driver there is'}`
      : `Node, threads: ${threads}`,
    products: (options) =>
      measureProducts(
        ort,
        gpu
          ? { executionProviders: ['webgpu'], extra: { session: { disable_cpu_ep_fallback: '1' } } }
          : { executionProviders: ['cpu'], intraOpNumThreads: threads },
        options,
      ),
    async passes(dtype, options) {
      const opening = { dtype, contextLength: contextOf(options) };
      const opened = gpu
        ? await webgpuBackend({ cacheFolder }).open(model, opening)
        : await cpuBackend({ cacheFolder, threads }).open(model, opening);
      const curves: PassSamples[] = [];
      for (const each of options) curves.push(await measurePasses(opened, each));
      await opened.dispose();
      return curves;
    },
    close: async () => undefined,
  };
}

function contextOf(options: readonly MeasurePasses[]): number {
  return Math.max(...options.map(({ length }) => length)) + Math.max(...rows);
}

/** Medians by rows, 95 % intervals at one row and eight, and what 8, 16 and 32 rows cost in passes of one. */
function table(
  lines: readonly {
    readonly name: string;
    readonly samples: PassSamples;
    readonly refused?: string | undefined;
  }[],
): string {
  const told = [8, 16, 32].filter((count) => rows.includes(count) && rows.includes(1));
  const head = `| | ${rows.map((count) => `${count}`).join(' | ')} | ${told.map((count) => `${count} : 1`).join(' | ')} |`;
  const rule = `| --- |${' ---: |'.repeat(rows.length + told.length)}`;
  return [
    head,
    rule,
    ...lines.map(({ name, samples, refused }) => {
      if (refused !== undefined) return `| ${name} | ${refused.split('\n')[0]!.slice(0, 160)} |`;
      const timings = new Map(samples.map(([count, times]) => [count, timingOf(times)]));
      const middle = (count: number) => median(timings.get(count)!);
      const cells = rows.map((count) => {
        if (count !== 1 && count !== 8) return middle(count).toFixed(2);
        const [low, high] = interval(timings.get(count)!);
        return `${middle(count).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
      });
      const ratios = told.map((count) => (middle(count) / middle(1)).toFixed(2));
      return `| ${name} | ${[...cells, ...ratios].join(' | ')} |`;
    }),
  ].join('\n');
}

function timingOf(times: readonly number[]): Timing {
  return { name: '', samples: [...times].sort((a, b) => a - b), processor: [] };
}
