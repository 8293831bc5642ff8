/**
 * Ours and transformers.js in one page, in turns, with the same weights in the same precision: the pocket target
 * (plain, strict, judged), and a folder of one's own after a short and a long text.
 *
 *     npm run -s in-page -- [--device wasm|webgpu] [--threads 1,2] [--dtypes fp32,int8] [--problems 8] [--turns 3]
 *       [--draft-lengths 8,16@0.55] [--thread own,calling]
 *     npm run -s in-page -- --model SmolLM2-135M-Instruct --lengths 100,4000 --tokens 48   # or a GGUF file
 *
 * `--thread calling`: ours in one worker with the loop around it, as transformers.js is; `own`: each model in a worker of its own.
 * `--keep 1000`: prompts of at least so many tokens are read once by each, transformers.js reads them `--read-by 256` tokens a pass, and
 * every visit begins behind them: what is compared, tokens after the first, is the same. `--fill`: transformers.js does not read them, which takes it
 * minutes, its cache has as many made-up rows: texts are no longer the same. `--each` says each visit as it ends. `--seconds 100` begins no further problem after that long. Threads above 1 are measured in a page that may share memory. `--save visits.json` keeps every
 * visit as it ends; `npm run -s told-visits -- visits.json` prints what was kept.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage, REAL_WEBGPU } from '@judge-decoding/browser';
import { draftFolder, headFile, USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { theirDtype, transformersFolder } from '../anchors/other-forms.ts';
import type { Calls } from './in-page/race-page.ts';
import {
  type Case,
  inTurns,
  roundTable,
  slopeTable,
  speedTable,
  type Visit,
  type Writer,
} from './in-turns.ts';
import { printMachine } from './interleave.ts';
import { armsOf, casesOf, type Dtype, raced } from './race-cases.ts';
import { saveVisits } from './save-visits.ts';
import { flag } from './workspace.ts';

const device = flag('device', 'wasm') as 'wasm' | 'webgpu';
const { pocket, target, modes } = raced();
const isFile = target.endsWith('.gguf');
const inThreads = flag('thread', 'own').split(',') as ('own' | 'calling')[];
const turns = Number(flag('turns', '3'));
// of the process; what is measured by then is printed
const seconds = Number(flag('seconds', 'Infinity'));
// a long prompt takes minutes in WebAssembly, and longer in one pass
const keepFrom = Number(flag('keep', 'Infinity'));
const readBy = Number(flag('read-by', '256'));
const fill = process.argv.includes('--fill');
const numbers = (name: string, fallback: string) => flag(name, fallback).split(',').map(Number);
const anchors = fileURLToPath(new URL('../anchors/', import.meta.url));

/** Of dtypes and numbers of threads that are through. */
const done: Visit[] = [];
const grouped = (dtype: Dtype, threads: number, visits: readonly Visit[]) =>
  visits.map((visit) => ({ ...visit, group: `${dtype}, ${threads} threads, ${visit.group}` }));

const cacheFolder = process.env.JUDGE_CACHE ?? (await mkdtemp(join(tmpdir(), 'judge-in-page-')));
try {
  printMachine();
  const cases = await casesOf();
  for (const dtype of flag('dtypes', 'fp32').split(',') as Dtype[])
    for (const threads of device === 'webgpu' ? [1] : numbers('threads', '1,2')) {
      const visits = await measure(dtype, threads, cases);
      done.push(...grouped(dtype, threads, visits));
      console.log(
        `\n${pocket ? 'pocket target' : flag('model', '')}, ${device}, ${dtype}, threads: ${threads}\n\n${speedTable(visits)}\n\n${slopeTable(visits)}\n\n${roundTable(visits)}`,
      );
    }
} finally {
  if (process.env.JUDGE_CACHE === undefined) await rm(cacheFolder, { recursive: true, force: true });
}

async function measure(dtype: Dtype, threads: number, cases: readonly Case[]): Promise<readonly Visit[]> {
  const theirs = await transformersFolder(target, cacheFolder, dtype, device);
  const page = await openPage<Calls>(fileURLToPath(new URL('./in-page/race-page.ts', import.meta.url)), {
    mounts: [
      { at: '/ours/', folder: isFile ? dirname(target) : target },
      { at: '/draft/', folder: draftFolder },
      { at: '/heads/', folder: dirname(headFile(USUAL_HEAD)) },
      { at: '/theirs/', folder: theirs },
      { at: '/their-runtime/', folder: join(anchors, 'node_modules/onnxruntime-web/dist') },
    ],
    isolated: threads > 1,
    ...(process.argv.includes('--gpu') ? { args: REAL_WEBGPU } : {}),
    ...(device === 'wasm' ? { args: ['--disable-gpu'] } : {}),
  });
  try {
    page.page.setDefaultTimeout(0);
    page.page.on('console', (said) => said.type() === 'info' && console.error(said.text()));
    const contextLength = pocket
      ? undefined
      : Math.max(...cases.map(({ prompt, maxTokens }) => prompt.length + maxTokens));
    const opening = {
      device,
      draftDevice: 'wasm' as const,
      dtype,
      threads,
      ...(contextLength === undefined ? {} : { contextLength }),
      target: isFile ? `/ours/${basename(target)}` : '/ours/',
      ...(modes.length > 1 || modes[0] !== 'plain'
        ? { draft: '/draft/', head: `/heads/${USUAL_HEAD}.safetensors` }
        : {}),
    };
    let opened: Awaited<ReturnType<Calls['openOurs']>> | undefined;
    for (const each of inThreads)
      opened = await page.call(each === 'own' ? 'openOurs' : 'openInOne', opening);
    const { facts } = await page.call('openTheirs', {
      folder: 'theirs',
      dtype: theirDtype(dtype),
      device,
      threads,
      runtimeFiles: '/their-runtime/',
      endTokens: pocket ? (opened!.info as { endTokens: number[] }).endTokens : [],
    });
    const writers: readonly Writer[] = [
      {
        name: facts,
        write: (prompt, maxTokens) =>
          page.call('writeTheirs', {
            prompt,
            maxTokens,
            ...(prompt.length >= keepFrom ? { readBy, fill } : {}),
          }),
      },
      ...inThreads.flatMap((thread) =>
        armsOf(modes).map(({ name, mode, draftLength, leastProbability }) => ({
          name: thread === 'own' ? name : `${name}, in one worker`,
          write: (prompt: readonly number[], maxTokens: number) => {
            const ask = {
              ...{ mode, prompt, maxTokens, draftLength, leastProbability },
              endless: !pocket,
              keep: prompt.length >= keepFrom,
            };
            return page.call(thread === 'own' ? 'writeOurs' : 'writeInOne', ask);
          },
        })),
      ),
    ];
    console.error(`${facts}; ours: ${JSON.stringify(opened!.details)}`);
    const visits = await inTurns(process.argv.includes('--each') ? writers.map(saying) : writers, cases, {
      turns,
      warmGroups: device === 'webgpu',
      onTurn: (turn) => console.error(`turn ${turn + 1} of ${turns}`),
      enough: () => performance.now() > 1000 * seconds,
      onVisit: (visits) => saveVisits([...done, ...grouped(dtype, threads, visits)]),
    });
    if (page.faults.length > 0) console.error(page.faults.join('\n'));
    return visits;
  } finally {
    await page.close();
  }
}

/** The same, each visit on a line of its own: what a run that is cut had come to. */
function saying({ name, write }: Writer): Writer {
  return {
    name,
    async write(prompt, maxTokens) {
      const written = await write(prompt, maxTokens);
      const { at } = written;
      const [first, last] = [at[0]!, at.at(-1)!];
      const after = at.filter((time) => time > first).length;
      const perSecond = ((1000 * after) / (last - first)).toFixed(1);
      console.error(
        `${name}, after ${prompt.length} tokens: first ${first.toFixed(0)} ms, then ${perSecond} tokens/s`,
      );
      return written;
    },
  };
}
