/**
 * A model of one's own in a page: megabytes of the first visit with the runtime, seconds until it is open, tokens a second,
 * peak memory of the page's process.
 *
 *     npm run -s first-visit -- --folder SmolLM2-135M-Instruct --gguf smollm2.gguf [--device wasm|webgpu] [--threads 2]
 *       [--dtype auto|fp32|int8|int4] [--context 2048] [--tokens 64]
 *
 * The folder and the GGUF file come from a static host, and the file once more as one that is picked. Peak memory is read
 * from Linux.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage, REAL_WEBGPU } from '@judge-decoding/browser';
import type { OpenOptions } from './in-page/ours.ts';
import type { Calls } from './in-page/visit-page.ts';
import { printMachine } from './interleave.ts';
import { flag } from './workspace.ts';

const device = flag('device', 'wasm') as 'wasm' | 'webgpu';
const threads = Number(flag('threads', '1'));
const maxTokens = Number(flag('tokens', '64'));
const [folder, gguf] = [flag('folder', ''), flag('gguf', '')];

printMachine();
console.log('| | fetched, MB | the model’s part | open after, s | tokens/s | peak memory, MB | weights as |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | --- |');
if (folder !== '') await visit('a folder of a host', { target: '/folder/' });
if (gguf !== '') {
  await visit('a GGUF file of a host', { target: `/files/${basename(gguf)}` });
  await visit('a GGUF file that is picked', { picked: resolve(gguf) });
}

async function visit(
  name: string,
  from: { readonly target?: string; readonly picked?: string },
): Promise<void> {
  const page = await openPage<Calls>(fileURLToPath(new URL('./in-page/visit-page.ts', import.meta.url)), {
    mounts: [
      ...(folder === '' ? [] : [{ at: '/folder/', folder: resolve(folder) }]),
      ...(gguf === '' ? [] : [{ at: '/files/', folder: dirname(resolve(gguf)) }]),
    ],
    isolated: threads > 1,
    ...(process.argv.includes('--gpu') ? { args: REAL_WEBGPU } : {}),
  });
  try {
    page.page.setDefaultTimeout(0);
    const fetched = { all: 0, model: 0 };
    page.page.context().on('response', async (response) => {
      const { responseBodySize } = await response.request().sizes();
      fetched.all += responseBodySize;
      if (/\/(folder|files)\//.test(response.url())) fetched.model += responseBodySize;
    });
    // from the first byte on
    await page.page.reload();
    await page.page.waitForFunction(() => 'calls' in globalThis);
    const options: Omit<OpenOptions, 'target'> = {
      ...{ device, threads },
      contextLength: Number(flag('context', '2048')),
      dtype: flag('dtype', 'auto') as 'auto',
    };
    if (from.picked !== undefined) await page.page.setInputFiles('input', from.picked);
    const opened =
      from.picked === undefined
        ? await page.call('openOurs', { ...options, target: from.target! })
        : await page.call('openPicked', options);
    const { vocabSize } = opened.info as { readonly vocabSize: number };
    const prompt = Array.from(
      { length: 40 },
      (_, index) => (index * 7919 + 11) % Math.min(vocabSize, 40_000),
    );
    const { tokens, at } = await page.call('writeOurs', { mode: 'plain', prompt, maxTokens, endless: true });
    const rate = (1000 * (tokens.length - 1)) / (at.at(-1)! - at[0]!);
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const cells = [
      megabytes(fetched.all),
      megabytes(fetched.model),
      (opened.milliseconds / 1000).toFixed(1),
      rate.toFixed(1),
      megabytes(await peakOfRenderers()),
      (opened.info as { readonly dtype: string }).dtype,
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  } finally {
    await page.close();
  }
}

/** Most resident bytes of the largest process that draws a page under this one. */
async function peakOfRenderers(): Promise<number> {
  const parents = new Map<number, number>();
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const of = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  for (const pid of pids) parents.set(pid, Number(/PPid:\s+(\d+)/.exec(await of(pid, 'status'))?.[1] ?? 0));
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  let most = 0;
  for (const pid of pids) {
    if (!isOurs(pid) || !(await of(pid, 'cmdline')).includes('--type=renderer')) continue;
    most = Math.max(most, 1024 * Number(/VmHWM:\s+(\d+)/.exec(await of(pid, 'status'))?.[1] ?? 0));
  }
  return most;
}
