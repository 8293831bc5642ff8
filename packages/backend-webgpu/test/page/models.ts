import { openTokenizerFrom, pickedModel } from '@judge-decoding/checkpoint/browser';
import {
  complete,
  draftSession,
  exactMatch,
  type HeadTerm,
  JudgeDecodingError,
  judged,
  type ReadBacks,
  readBacksSince,
  readHead,
  rule,
  type Stats,
} from '@judge-decoding/core';
import { openGpu } from '../../src/browser/gpu.ts';
import { GpuRuntime } from '../../src/browser/gpu-runtime.ts';
import { type BrowserDevice, type BrowserThread, cachedModel } from '../../src/browser/index.ts';
import { loadRuntime } from '../../src/browser/runtime.ts';
import { backendOn } from './backend-on.ts';

/** What a call refused with. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

async function refusal(work: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (JudgeDecodingError.is(error)) return { code: error.code, message: error.message };
    return { code: 'not ours', message: String(error) };
  }
}

/** The target's favourite after each token of a text. */
export async function favourites(
  device: BrowserDevice,
  location: string,
  tokens: readonly number[],
  thread: BrowserThread = 'own',
): Promise<{ readonly argmax: readonly number[]; readonly details: object }> {
  await using model = await backendOn({ device, thread }).open(location);
  const session = await model.openSession();
  const { argmax } = await session.forward(tokens, { argmax: true });
  return { argmax: [...argmax], details: model.details };
}

/** Log-probabilities of a text's tokens but the first. */
export async function chosen(
  device: BrowserDevice,
  location: string,
  tokens: readonly number[],
): Promise<readonly number[]> {
  await using model = await backendOn({ device }).open(location);
  const session = await model.openSession();
  return [...(await session.forward(tokens, { chosen: true })).chosen];
}

/** What the GPU hands over: in a verification of `rows` rows with a judge, and in a generation with a draft. */
export async function readBacks(
  location: string,
  rows: number,
): Promise<{ readonly verification: ReadBacks; readonly stats: Stats }> {
  await using model = await backendOn({ device: 'webgpu' }).open(location);
  const session = await model.openSession();
  const text = Array.from({ length: rows }, (_, index) => (index * 7 + 3) % model.info.vocabSize);
  const weights = new Float32Array(model.info.hiddenSize);
  const judge: HeadTerm[] = [{ layer: 'last', state: 'pre-norm', row: 'own', weights }];
  await session.forward(text, {});
  const before = session.readBacks;
  await session.forward(text, { argmax: true, chosen: true, judge });
  const { stats } = await complete({
    model: { ...model.info, endTokens: [] },
    target: await model.openSession(),
    draft: draftSession(model, await model.openSession()),
    draftLength: rows - 1,
    prompt: text.slice(0, 5),
    maxTokens: 2 * rows,
  });
  return { verification: readBacksSince(session.readBacks, before)!, stats };
}

/** A judged generation of the pocket pair, in workers of the models. */
export async function judgedTokens(
  problem: string,
  headName: string,
  maxTokens: number,
): Promise<readonly number[]> {
  const backend = backendOn({ device: 'wasm' });
  const files = await cachedModel('/pocket/target');
  await using target = await backend.open(files);
  await using draft = await backend.open('/pocket/draft');
  const tokenizer = await openTokenizerFrom(pickedModel(files));
  const head = await fetch(`/pocket/heads/${headName}.safetensors`);
  const { tokens } = await complete({
    model: target.info,
    target: await target.openSession(),
    draft: draftSession(draft, await draft.openSession()),
    draftLength: 16,
    rule: rule(exactMatch(), judged(readHead(new Uint8Array(await head.arrayBuffer())))),
    prompt: tokenizer.encodeChat([{ role: 'user', content: problem }]),
    maxTokens,
  });
  return tokens;
}

/** Drafts of the pocket draft that end where it is unsure: in one run, and by passes, which `logits` asks for. */
export async function unsureDrafts(
  texts: readonly (readonly number[])[],
  leastProbability: number,
): Promise<{ readonly looped: number[][]; readonly passed: number[][]; readonly whole: number[][] }> {
  await using draft = await backendOn({ device: 'wasm' }).open('/pocket/draft');
  const session = await draft.openSession();
  const ways = {
    looped: { leastProbability },
    passed: { leastProbability, logits: true },
    whole: {},
  } as const;
  const drafts = { looped: [] as number[][], passed: [] as number[][], whole: [] as number[][] };
  for (const text of texts) {
    for (const way of ['looped', 'passed', 'whole'] as const) {
      session.truncate(0);
      await session.forward(text.slice(0, -1), {});
      const { tokens } = await session.propose(text.slice(-1), { count: 16, ...ways[way] });
      if (session.length !== text.length + tokens.length - 1)
        throw new Error(`${way}: ${session.length} rows`);
      // what was cut leaves no trace
      const { tokens: on } = await session.propose(tokens.slice(-1), { count: 4 });
      drafts[way].push([...tokens, ...on]);
    }
  }
  return drafts;
}

/** Keeps a model, opens it from what was kept, and says how far the last progress was. */
export async function kept(
  location: string,
  thread: BrowserThread = 'own',
): Promise<{ readonly rows: number; readonly done: number }> {
  let done = 0;
  const files = await cachedModel(location, { onProgress: ({ doneBytes }) => (done = doneBytes) });
  await using model = await backendOn({ device: 'wasm', thread }).open(files);
  const { argmax } = await (await model.openSession()).forward([1, 2, 3], { argmax: true });
  return { rows: argmax.length, done };
}

export const keptRefusal = (location: string): Promise<Refusal | undefined> => refusal(cachedModel(location));

/** As on a disk with no more than so many bytes left. */
export const fullRefusal = (location: string, quota: number): Promise<Refusal | undefined> =>
  refusal(
    cachedModel(location, {
      storage: {
        getDirectory: () => navigator.storage.getDirectory(),
        estimate: async () => ({ quota, usage: 0 }),
      },
    }),
  );

export const openRefusal = (
  device: BrowserDevice,
  location: string,
  thread: BrowserThread = 'own',
): Promise<Refusal | undefined> => refusal((async () => backendOn({ device, thread }).open(location))());

/** What happens to a device that is lost, and whether the next one can be had. */
export async function lostDevice(): Promise<Refusal | undefined> {
  const { device } = await openGpu();
  const runtime = new GpuRuntime(
    await loadRuntime({ device: 'webgpu', threads: 1, runtimeFiles: undefined }),
    device,
  );
  const tensor = await runtime.allocate('int32', [1]);
  if ((await runtime.readTokens([tensor])).join() !== '0') throw new Error('a new tensor is not zero');
  device.destroy();
  const refused = await refusal(runtime.readTokens([tensor]));
  const next = new GpuRuntime(runtime, (await openGpu()).device);
  await next.readTokens([await next.allocate('int32', [1])]);
  return refused;
}
