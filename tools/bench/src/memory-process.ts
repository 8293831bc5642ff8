/** The process that `memory-budget.ts` looks into: opens a model, reads and writes, and prints its `Stage`s as JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import type { Session } from '@judge-decoding/core';
import type { Work } from './runtime-measures.ts';

/** Resident memory in MiB when a part of the work was done. */
export interface Stage {
  readonly name: string;
  readonly resident: number;
  /** Most within the part. */
  readonly peak: number;
  /** Belongs to no file: heaps, packed weights, caches. */
  readonly anonymous: number;
  /** Pages of the graph's weights file that are mapped. */
  readonly weightsFile: number;
}

const SAMPLE_MS = 5;

const work: Work = JSON.parse(process.argv[2]!);
const stages: Stage[] = [];

function status(field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(
    readFileSync('/proc/self/status', 'utf8'),
  );
  return Number(kilobytes![1]) / 1024;
}

function weightsFile(): number {
  let kilobytes = 0;
  let ours = false;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) ours = line.endsWith('/weights.bin');
    else if (ours && line.startsWith('Rss:')) kilobytes += Number(/\d+/.exec(line)![0]);
  }
  return kilobytes / 1024;
}

function note(name: string): Stage {
  const stage = {
    name,
    resident: status('VmRSS'),
    peak: status('VmHWM'),
    anonymous: status('RssAnon'),
    weightsFile: weightsFile(),
  };
  // the peak begins anew
  writeFileSync('/proc/self/clear_refs', '5');
  return stage;
}

async function read(session: Session, prompt: readonly number[], name: string): Promise<void> {
  session.truncate(0);
  await session.forward(prompt.slice(0, -1), {});
  const { argmax } = await session.forward(prompt.slice(-1), { argmax: true });
  stages.push(note(name));
  let token = argmax[0]!;
  for (let step = 0; step < work.steps; step++) {
    const outputs = await session.forward([token], { argmax: true });
    token = outputs.argmax[0]!;
  }
  stages.push(note(`${work.steps} steps`));
}

stages.push(note('Node and code'));
// this thread is idle while the model is opened, and sees when its graph is there: ONNX Runtime maps the weights
const timer = setInterval(() => {
  if (readFileSync('/proc/self/maps', 'utf8').includes('/weights.bin')) {
    clearInterval(timer);
    stages.push(note('checkpoint read, graph found'));
  }
}, SAMPLE_MS);
const { location, threads, contextLength, cacheFolder, shortPrompt, longPrompt } = work;
const model = await cpuBackend({ dtype: 'auto', threads, contextLength, cacheFolder }).open(location);
clearInterval(timer);
stages.push(note('weights loaded'));
const session = await model.openSession();
await read(session, shortPrompt, `prompt of ${shortPrompt.length}`);
if (longPrompt !== undefined) await read(session, longPrompt, `prompt of ${longPrompt.length}`);
await model.dispose();
stages.push(note('model disposed'));
console.log(`\n${JSON.stringify(stages)}`);
