/**
 * What a GPU costs through WebGPU in Node: passes of 1 to 32 rows by weight type and length, and plain, strict and
 * judged decoding of the pocket pair with its draft on the processor and on the GPU.
 *
 *     npm run -s webgpu-node -- [--shape pocket|135m] [--dtypes fp32,int8,int4] [--lengths 100,900] [--no-pair]
 *
 * `135m` is SmolLM2-135M's shape with made-up weights. Vulkan's loader finds the driver by VK_DRIVER_FILES.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { tryGpu, vulkanDrivers, webgpuBackend } from '@judge-decoding/backend-webgpu/node';
import { openTokenizer } from '@judge-decoding/checkpoint';
import {
  complete,
  draftSession,
  exactMatch,
  type HeadTerm,
  judged,
  type Model,
  readHead,
  rule,
  type Session,
} from '@judge-decoding/core';
import { draftFolder, headFile, targetFolder } from '@judge-decoding/pocket-pair';
import { type ModelShape, writeModel } from './synthetic-model.ts';
import { flag, inFolder } from './workspace.ts';

const ROWS = [1, 2, 4, 8, 12, 16, 17, 24, 32];
const TURNS = Number(flag('turns', '15'));
const SMOLLM2: ModelShape = {
  hiddenSize: 576,
  layers: 30,
  attentionHeads: 9,
  keyValueHeads: 3,
  intermediateSize: 1536,
  tokens: 49_152,
  contextLength: 4224,
};
const now = () => performance.now();
const say = (text: string) => console.log(text);

await inFolder(async (folder) => {
  say(`drivers: ${(await vulkanDrivers()).join(', ') || 'none found'}`);
  const cacheFolder = join(folder, 'cache');
  say(`self-test: ${JSON.stringify(await tryGpu(cacheFolder))}`);
  const gpu = webgpuBackend({ cacheFolder });
  const shape = flag('shape', 'pocket');
  const location = shape === 'pocket' ? targetFolder : await writeModel(join(folder, 'model'), SMOLLM2);
  const lengths = flag('lengths', shape === 'pocket' ? '100,900' : '100,1000,4000')
    .split(',')
    .map(Number);
  for (const dtype of flag('dtypes', 'fp32,int8,int4').split(',') as ('fp32' | 'int8' | 'int4')[]) {
    const opening = now();
    const model = await gpu.open(location, { dtype });
    say(`${shape} ${dtype}: opened in ${((now() - opening) / 1e3).toFixed(1)} s`);
    await passes(model, lengths);
    await model.dispose();
  }
  if (!process.argv.includes('--no-pair')) await pairs(cacheFolder);
});

/** Milliseconds of a verification (argmax, chosen, a judge's term), median and quietest tenth, by rows and length. */
async function passes(model: Model, lengths: readonly number[]): Promise<void> {
  const judge: HeadTerm[] = [
    { layer: 'last', state: 'pre-norm', row: 'own', weights: new Float32Array(model.info.hiddenSize) },
  ];
  const session = await model.openSession();
  for (const length of lengths) {
    await filled(session, length);
    const cells: string[] = [];
    for (const rows of ROWS) {
      const tokens = Array.from({ length: rows }, (_, row) => (row * 17 + 3) % 700);
      const times: number[] = [];
      for (let turn = 0; turn < TURNS + 3; turn++) {
        session.truncate(length);
        const start = now();
        await session.forward(tokens, { argmax: true, chosen: true, judge });
        // shaders are compiled in the first ones
        if (turn >= 3) times.push(now() - start);
      }
      times.sort((a, b) => a - b);
      cells.push(
        `${rows}: ${times[times.length >> 1]!.toFixed(2)} (${times[Math.floor(times.length / 10)]!.toFixed(2)})`,
      );
    }
    say(`  after ${length} tokens, ms by rows: ${cells.join('  ')}`);
  }
  session.truncate(100);
  const start = now();
  const { tokens } = await session.propose([5], { count: 32 });
  say(`  a greedy draft: ${((now() - start) / tokens.length).toFixed(2)} ms a token`);
  await session.dispose();
}

async function filled(session: Session, length: number): Promise<void> {
  if (session.length > length) session.truncate(length);
  const missing = Array.from({ length: length - session.length }, (_, index) => (index * 7 + 1) % 700);
  if (missing.length > 0) await session.forward(missing, {});
}

/** Tokens a second of the pocket pair on a few problems. */
async function pairs(cacheFolder: string): Promise<void> {
  const tokenizer = await openTokenizer(targetFolder);
  const head = readHead(await readFile(headFile('pre-norm')));
  const problems = [
    'Start with the list 49, 14, 26, 24, 51, 21, 47. Raise every number by 39. Sort it in ascending order. Turn it around. What is the first number now?',
    'Mia has 12 pens. She buys 5 pens. She gives 3 pens to Tom. How many pens does she have now?',
  ].map((content) => tokenizer.encodeChat([{ role: 'user', content }]));
  const target = await webgpuBackend({ cacheFolder }).open(targetFolder);
  for (const where of ['cpu', 'webgpu'] as const) {
    const draft = await (where === 'cpu' ? cpuBackend({ cacheFolder }) : webgpuBackend({ cacheFolder })).open(
      draftFolder,
    );
    for (const mode of ['plain', 'strict', 'judge'] as const) {
      if (mode === 'plain' && where === 'webgpu') continue;
      let tokens = 0;
      let took = 0;
      let rounds = 0;
      for (let turn = 0; turn < 4; turn++) {
        for (const prompt of problems) {
          const [session, drafts] = [await target.openSession(), await draft.openSession()];
          const start = now();
          const result = await complete({
            model: target.info,
            target: session,
            prompt,
            ...(mode === 'plain' ? {} : { draft: draftSession(draft, drafts), draftLength: 16 }),
            ...(mode === 'judge' ? { rule: rule(exactMatch(), judged(head)) } : {}),
          });
          // the first turn compiles
          if (turn > 0) {
            took += now() - start;
            tokens += result.tokens.length;
            rounds += result.stats.rounds;
          }
          await session.dispose();
          await drafts.dispose();
        }
      }
      say(
        `pocket pair, target webgpu, draft ${where}, ${mode}: ${((1e3 * tokens) / took).toFixed(0)} tokens/s, ${(tokens / rounds).toFixed(1)} tokens a round, ${(took / rounds).toFixed(2)} ms a round`,
      );
    }
    await draft.dispose();
  }
  await target.dispose();
}
