/**
 * Ours and transformers.js in Node on a GPU through WebGPU, or on the processor, in turns, with the same weights in the
 * same precision; theirs in a process of its own.
 *
 *     npm run -s in-node -- [--device webgpu|cpu] [--dtypes fp32,int8] [--problems 8] [--turns 3] [--drafts cpu,webgpu]
 *     npm run -s in-node -- --model SmolLM2-135M-Instruct --lengths 128,1000,4000 --tokens 48   # or a GGUF file
 *
 * `--seconds 100` begins no further problem after that long and prints what there is.
 * `--no-theirs` measures ours alone, where transformers.js is not installed. `--save visits.json` keeps every visit as it ends; `npm run -s
 * told-visits -- visits.json` prints what was kept.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { vulkanDrivers, webgpuBackend } from '@judge-decoding/backend-webgpu/node';
import { exactMatch, GREEDY, judged, type Model, readHead, rule, strict } from '@judge-decoding/core';
import { draftFolder, headFile, USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { openChild } from '../anchors/in-child.ts';
import { theirDtype, transformersFolder } from '../anchors/other-forms.ts';
import { inTurns, roundTable, slopeTable, speedTable, type Visit, type Writer } from './in-turns.ts';
import { printMachine } from './interleave.ts';
import { type Arm, armsOf, casesOf, type Dtype, raced } from './race-cases.ts';
import { saveVisits } from './save-visits.ts';
import { flag } from './workspace.ts';
import { writeWith } from './write-with.ts';

type Device = 'webgpu' | 'cpu';

const device = flag('device', 'webgpu') as Device;
const threads = Number(flag('threads', '2'));
const turns = Number(flag('turns', '3'));
// of the process; what is measured by then is printed
const seconds = Number(flag('seconds', 'Infinity'));
const { pocket, target, modes } = raced();

/** Of dtypes that are through. */
const done: Visit[] = [];
const grouped = (dtype: Dtype, visits: readonly Visit[]) =>
  visits.map((visit) => ({ ...visit, group: `${dtype}, ${visit.group}` }));

const cacheFolder = process.env.JUDGE_CACHE ?? (await mkdtemp(join(tmpdir(), 'judge-in-node-')));
const open = (
  where: Device,
  location: string,
  options: { dtype?: Dtype; contextLength?: number },
): Promise<Model> =>
  where === 'webgpu'
    ? webgpuBackend({ cacheFolder }).open(location, options)
    : cpuBackend({ cacheFolder }).open(location, { ...options, threads });

try {
  printMachine();
  if (device === 'webgpu')
    console.log(`drivers: ${(await vulkanDrivers()).join(', ') || 'whatever there is'}\n`);
  const cases = await casesOf();
  for (const dtype of flag('dtypes', 'fp32').split(',') as Dtype[]) {
    const visits = await measure(dtype, cases);
    done.push(...grouped(dtype, visits));
    console.log(
      `\n${pocket ? 'pocket target' : flag('model', '')}, Node, ${device}, ${dtype}\n\n${speedTable(visits)}\n\n${slopeTable(visits)}\n\n${roundTable(visits)}`,
    );
  }
} finally {
  if (process.env.JUDGE_CACHE === undefined) await rm(cacheFolder, { recursive: true, force: true });
}

async function measure(dtype: Dtype, cases: Awaited<ReturnType<typeof casesOf>>): Promise<readonly Visit[]> {
  const contextLength = pocket
    ? {}
    : { contextLength: Math.max(...cases.map(({ prompt, maxTokens }) => prompt.length + maxTokens)) };
  const opened = await open(device, target, { dtype, ...contextLength });
  const drafts = pocket
    ? await Promise.all(
        (flag('drafts', device === 'cpu' ? 'cpu' : 'cpu,webgpu').split(',') as Device[]).map(
          async (where) => [where, await open(where, draftFolder, {})] as const,
        ),
      )
    : [];
  const judge = rule(exactMatch(), judged(readHead(await readFile(headFile(USUAL_HEAD)))));
  const theirs = process.argv.includes('--no-theirs')
    ? undefined
    : await openChild('transformers-js-child.mjs', '@huggingface/transformers', {
        folder: await transformersFolder(target, cacheFolder, dtype, device),
        ...{ dtype: theirDtype(dtype), device, threads },
        endTokens: pocket ? opened.info.endTokens : [],
      });
  const own = ({ name, mode, draftLength, leastProbability }: Arm, draft?: Model): Writer => ({
    name,
    write: (prompt, maxTokens) =>
      writeWith(opened, draft, {
        ...{ prompt, maxTokens, draftLength, leastProbability },
        rule: mode === 'judge' ? judge : strict(GREEDY),
        endless: !pocket,
      }),
  });
  const writers: readonly Writer[] = [
    ...(theirs === undefined
      ? []
      : [
          {
            name: theirs.facts,
            write: (prompt: readonly number[], maxTokens: number) =>
              theirs.decode({ prompt, maxTokens } as Parameters<typeof theirs.decode>[0]),
          },
        ]),
    ...armsOf(modes).flatMap((arm) =>
      arm.mode === 'plain'
        ? [own(arm)]
        : drafts.map(([where, draft]) => own({ ...arm, name: `${arm.name} on ${where}` }, draft)),
    ),
  ];
  try {
    return await inTurns(writers, cases, {
      turns,
      warmGroups: device === 'webgpu',
      onTurn: (turn) => console.error(`turn ${turn + 1} of ${turns}`),
      enough: () => performance.now() > 1000 * seconds,
      onVisit: (visits) => saveVisits([...done, ...grouped(dtype, visits)]),
    });
  } finally {
    await theirs?.dispose();
    for (const [, draft] of drafts) await draft.dispose();
    await opened.dispose();
  }
}
