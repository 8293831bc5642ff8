/**
 * Races in WebAssembly beside other work: each in a browser of its own on cores of its own, as many side by side as there are cores.
 *
 *     CORES=8-23 OUT=results SMOLLM2=model.gguf wasm-races.js [SECONDS]     # 480 in all when absent
 *
 * A step that is cut keeps its visits; begun again, what came to its end is not run again. Tables of all visits so far lie in
 * OUT/tables.md, renewed every few seconds. PREPARE=1 only makes the files that races start from. SMALL=1 tries all of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { targetFolder } from '@judge-decoding/pocket-pair';
import { transformersFolder } from '../anchors/other-forms.ts';
import { roundTable, slopeTable, speedTable, type Visit } from '../src/in-turns.ts';
import type { Dtype } from '../src/race-cases.ts';
import { coresOf, grant } from './cores.ts';

interface Step {
  readonly name: string;
  readonly threads: number;
  /** In which it begins another case, and after which it is cut. */
  readonly seconds: number;
  readonly limit: number;
  readonly arguments: readonly string[];
}

const { OUT = 'results', SMOLLM2 = '', SMALL = '', PREPARE = '', CORES = '0' } = process.env;
const small = SMALL !== '';
const total = Number(process.argv[2] ?? 480);
const here = fileURLToPath(new URL('.', import.meta.url));
const out = resolve(OUT);
const smollm2 = resolve(SMOLLM2);
const program = (name: string) => join(here, `${name}.js`);

const turns = small ? '1' : '40';
const lengths = small ? '100,300' : '100,4000';
// transformers.js would need most of the time to read its prompt
const kept = ['--keep', small ? '200' : '1000', '--fill'];
const smol = (dtype: Dtype, threads: number, seconds: number, limit: number, length = lengths): Step => ({
  name: `smollm2-${dtype}-${threads}`,
  ...{ threads, seconds, limit },
  arguments: [
    ...[program('in-page'), '--model', smollm2, '--dtypes', dtype, '--threads', String(threads)],
    ...['--lengths', length, '--tokens', small ? '4' : '24', '--turns', turns, '--each', ...kept],
  ],
});
const pocket = (
  dtype: Dtype,
  threads: number,
  seconds: number,
  name = '',
  lengths = '12@0.55,16@0.55',
): Step => ({
  name: `pocket-${dtype}-${threads}${name}`,
  ...{ threads, seconds, limit: seconds + 50 },
  arguments: [
    ...[program('in-page'), '--dtypes', dtype, '--threads', String(threads), '--modes', 'plain,judge'],
    ...['--draft-lengths', lengths, '--thread', name === '' && dtype === 'fp32' ? 'calling,own' : 'calling'],
    ...['--problems', small ? '1' : '6', '--turns', turns, '--each'],
  ],
});
const STEPS: readonly Step[] = [
  smol('fp32', 2, 200, 300),
  smol('int8', 2, 200, 300),
  pocket('fp32', 1, 90),
  smol('int8', 1, 60, 110, '100'),
  pocket('int8', 1, 60),
  pocket('int4', 1, 60),
  smol('fp32', 4, 170, 260),
  smol('int8', 4, 170, 260),
  pocket('fp32', 1, 80, '-drafts', '6,8,12,8@0.55,12@0.4,12@0.7,16@0.7,24@0.7'),
  pocket('fp32', 2, 60),
  pocket('int8', 2, 40),
  pocket('int4', 2, 40),
  smol('fp32', 1, 60, 110, '100'),
  pocket('fp32', 4, 40),
  {
    name: 'curve-1',
    ...{ threads: 1, seconds: 60, limit: 120 },
    arguments: [
      ...[
        program('row-curve'),
        '--on',
        'wasm',
        '--products',
        'no',
        '--dtypes',
        'fp32,int8',
        '--turns',
        small ? '1' : '15',
      ],
      ...['--rows', '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,20,24', '--lengths', '100'],
    ],
  },
];

const start = performance.now();
const left = () => total - (performance.now() - start) / 1000;
const say = (text: string) => {
  const line = `${new Date().toISOString().slice(11, 19)} ${text}`;
  console.log(line);
  writeFileSync(join(out, 'progress.txt'), `${line}\n`, { flag: 'a' });
};
const file = (step: Step, ending: string) => join(out, `${step.name}.${ending}`);
const through = (step: Step) =>
  existsSync(file(step, 'txt')) && /^rc 0$/m.test(readFileSync(file(step, 'txt'), 'utf8'));
/** The last of what a step said. */
const lastLine = (step: Step) =>
  readFileSync(file(step, 'err.txt'), 'utf8').trim().split('\n').at(-1)!.slice(0, 150);

await mkdir(out, { recursive: true });
if (PREPARE === '') await races();
else await prepare();

/** One after another: two steps that made the same files would be in each other's way. */
async function prepare(): Promise<void> {
  const cache = process.env.JUDGE_CACHE!;
  for (const [model, dtypes] of [
    [smollm2, ['fp32', 'int8']],
    [targetFolder, ['fp32', 'int8', 'int4']],
  ] as const)
    for (const dtype of dtypes) {
      await transformersFolder(model, cache, dtype, 'wasm');
      say(`prepared ${model}, ${dtype}`);
    }
}

async function races(): Promise<void> {
  const cores = coresOf(CORES);
  say(`cores ${CORES}: ${cores.map((each) => each.join('+')).join(' ')}; ${total} s`);
  const free = new Set(cores);
  const waiting = STEPS.filter((step) => !through(step));
  const running = new Map<Step, Promise<void>>();
  const begin = (step: Step) => {
    const mine = grant(free, cores, step.threads);
    if (mine === undefined) return false;
    for (const core of mine) free.delete(core);
    running.set(
      step,
      run(step, mine.flat()).finally(() => {
        for (const core of mine) free.add(core);
        running.delete(step);
      }),
    );
    return true;
  };
  for (let tick = 0; (waiting.length > 0 && left() > 30) || running.size > 0; tick++) {
    for (const step of [...waiting]) if (left() > 30 && begin(step)) waiting.splice(waiting.indexOf(step), 1);
    await sleep(1000);
    if (tick % 5 === 0) {
      const load = loadavg()[0]!.toFixed(1);
      for (const step of running.keys()) say(`${step.name} (load ${load}): ${lastLine(step)}`);
      await tables();
    }
  }
  await tables();
  say(waiting.length === 0 ? 'ALL STEPS DONE' : `no time for ${waiting.map(({ name }) => name).join(' ')}`);
}

async function run(step: Step, cpus: readonly number[]): Promise<void> {
  const limit = Math.min(step.limit, left() - 5);
  const seconds = Math.max(15, Math.min(step.seconds, limit - 25));
  const saved = file(step, 'json');
  // what a run that was cut had come to
  if (existsSync(saved)) renameSync(saved, file(step, `before-${Date.now()}.json`));
  say(`${step.name} begins on ${cpus.join(',')}: ${seconds.toFixed(0)} s, cut after ${limit.toFixed(0)}`);
  const [output, errors] = [openSync(file(step, 'txt'), 'w'), openSync(file(step, 'err.txt'), 'w')];
  const child = spawn(
    'taskset',
    [
      ...['-c', cpus.join(','), process.execPath, ...step.arguments],
      ...['--seconds', seconds.toFixed(0), '--save', saved],
    ],
    { stdio: ['ignore', output, errors], cwd: here },
  );
  const code = await ended(child, limit);
  for (const each of [output, errors]) closeSync(each);
  writeFileSync(file(step, 'txt'), `\non ${cpus.join(',')}\nrc ${code}\n`, { flag: 'a' });
  say(`${step.name} ended: ${code === 0 ? 'whole' : `rc ${code}, ${lastLine(step)}`}`);
}

async function ended(child: ChildProcess, limit: number): Promise<number | string> {
  // a browser ends with what started it
  const cut = setTimeout(() => child.kill('SIGTERM'), 1000 * limit);
  const kill = setTimeout(() => child.kill('SIGKILL'), 1000 * (limit + 4));
  const code = await new Promise<number | string>((done) => {
    child.on('error', (error) => done(error.message));
    child.on('exit', (status, signal) => done(status ?? `cut (${signal})`));
  });
  clearTimeout(cut);
  clearTimeout(kill);
  return code;
}

async function tables(): Promise<void> {
  const parts = await Promise.all(
    STEPS.map(async (step) => {
      const text = await readFile(file(step, 'json'), 'utf8').catch(() => '[]');
      const visits: unknown = JSON.parse(text);
      if (!Array.isArray(visits) || visits.length === 0 || step.name.startsWith('curve')) return '';
      const all = visits as readonly Visit[];
      return `## ${step.name}, ${all.length} visits\n\n${speedTable(all)}\n\n${slopeTable(all)}\n\n${roundTable(all)}\n\n`;
    }),
  );
  await writeFile(join(out, 'tables.md.part'), parts.join(''));
  renameSync(join(out, 'tables.md.part'), join(out, 'tables.md'));
}
