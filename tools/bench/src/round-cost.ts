/**
 * What a plain step, a verify pass of several widths and a draft cost with both models open, and
 * what follows for plain, strict and judge decoding. `npx tsx src/round-cost.ts [--threads 1]
 * [--draft-threads 1] [--spinning false] [--target 384x6x6x6x1024] [--drafts 128x2x2x2x344,96x1x2x1x256]`
 *
 * Shapes are hidden x layers x heads x key-value heads x feed-forward width.
 */
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import type { HeadTerm, Session } from '@judge-decoding/core';
import {
  type Arm,
  interleave,
  median,
  printMachine,
  printTimings,
  processorMedian,
  type Timing,
} from './interleave.ts';
import { DRAFT, type ModelShape, parametersOf, TARGET, writeModel } from './synthetic-model.ts';
import { flag, inFolder } from './workspace.ts';

const LENGTH = 250;
const turns = Number(flag('turns', '8'));
const tokens = Number(flag('tokens', String(TARGET.tokens)));
const spinning = flag('spinning', 'false') === 'true';
const threads = Number(flag('threads', '1'));
const draftThreads = Number(flag('draft-threads', '1'));

const write = ({ hiddenSize, layers, attentionHeads, keyValueHeads, intermediateSize }: ModelShape): string =>
  [hiddenSize, layers, attentionHeads, keyValueHeads, intermediateSize].join('x');

function read(text: string): ModelShape {
  const [hiddenSize, layers, attentionHeads, keyValueHeads, intermediateSize] = text.split('x').map(Number);
  return {
    hiddenSize: hiddenSize!,
    layers: layers!,
    attentionHeads: attentionHeads!,
    keyValueHeads: keyValueHeads!,
    intermediateSize: intermediateSize!,
    tokens,
    contextLength: 1024,
  };
}

await inFolder(async (folder) => {
  const target = read(flag('target', write(TARGET)));
  const drafts = flag('drafts', write(DRAFT)).split(',').map(read);
  const backend = cpuBackend({ cacheFolder: join(folder, 'cache'), spinning });
  const prompt = Array.from({ length: LENGTH }, (_, index) => index % tokens);

  const open = async (shape: ModelShape, count: number, name: string): Promise<Session> => {
    const model = await backend.open(await writeModel(join(folder, name), shape), { threads: count });
    const session = await model.openSession();
    await session.forward(prompt, {});
    return session;
  };
  const large = await open(target, threads, 'target');
  const small: Session[] = [];
  for (const [index, shape] of drafts.entries())
    small.push(await open(shape, draftThreads, `draft-${index}`));

  const term: HeadTerm = {
    layer: 'last',
    state: 'pre-norm',
    row: 'own',
    weights: new Float32Array(target.hiddenSize).fill(0.01),
  };
  const verify = async (rows: number, judged: boolean) => {
    large.truncate(LENGTH);
    const fed = prompt.slice(0, rows);
    if (judged) await large.forward(fed, { argmax: true, chosen: true, judge: [term] });
    else await large.forward(fed, { argmax: true });
  };
  const propose = async (session: Session, count: number) => {
    session.truncate(LENGTH);
    await session.propose([1], { count });
  };

  const arms: Record<string, Arm> = {
    'plain step': async () => {
      large.truncate(LENGTH);
      for (let step = 0; step < 6; step++) await large.forward([step], { argmax: true });
      return 6;
    },
  };
  for (const rows of [5, 9, 12, 17, 18, 24, 26]) {
    arms[`verify ${rows} rows`] = async () => {
      await verify(rows, false);
      return 1;
    };
  }
  arms['verify 17 rows, judged'] = async () => {
    await verify(17, true);
    return 1;
  };
  for (const [index, session] of small.entries()) {
    const name = write(drafts[index]!);
    for (const count of [4, 16]) {
      arms[`${name} proposes ${count}`] = async () => {
        await propose(session, count);
        return 1;
      };
    }
    arms[`${name}: round of 16, judged`] = async () => {
      await propose(session, 16);
      await verify(17, true);
      return 1;
    };
    arms[`${name}: round of 4, strict`] = async () => {
      await propose(session, 4);
      await verify(5, false);
      return 1;
    };
    arms[`${name}: round of 8, strict`] = async () => {
      await propose(session, 8);
      await verify(9, false);
      return 1;
    };
  }

  printMachine();
  console.log(
    `Target ${write(target)}, ${(parametersOf(target) / 1e6).toFixed(2)}M, ${threads} thread(s); drafts with ${draftThreads}; ` +
      `${tokens} tokens; ${LENGTH} tokens cached; spinning ${spinning ? 'on' : 'off'}\n`,
  );
  const timings = await interleave(arms, { turns });
  printTimings(timings);

  const find = (name: string) => timings.find((timing) => timing.name === name)!;
  console.log(
    '\nIf a judged round of 16 commits 15.9 tokens, and strict rounds of 4 and 8 commit 3.3 and 4.4:\n\n' +
      '| draft | parameters | judge : plain | judge : strict | the same in processor time |\n| --- | ---: | ---: | ---: | --- |',
  );
  for (const shape of drafts) {
    const name = write(shape);
    const gains = (of: (timing: Timing) => number): readonly [number, number] => {
      const judged = of(find(`${name}: round of 16, judged`)) / 15.9;
      const strict = Math.min(
        of(find(`${name}: round of 4, strict`)) / 3.3,
        of(find(`${name}: round of 8, strict`)) / 4.4,
      );
      return [of(find('plain step')) / judged, strict / judged];
    };
    const [wall, processor] = [gains(median), gains(processorMedian)];
    const cells = [`${(parametersOf(shape) / 1e6).toFixed(2)}M`, ...wall.map((gain) => gain.toFixed(2))];
    console.log(
      `| ${name} | ${cells.join(' | ')} | ${processor.map((gain) => gain.toFixed(2)).join(', ')} |`,
    );
  }
  // sessions and models end with the process; nothing here waits for them
});
process.exit(0);
