import {
  bytesPerToken,
  type CudaModel,
  cacheBytesPerToken,
  devicesOf,
  engineShape,
  parseSynthetic,
  partOf,
} from '@judge-decoding/backend-cuda';
import type { HeadTerm, SamplingOptions, Session, TokenId } from '@judge-decoding/core';
import { digestOf, median, textOf, uniforms } from './numbers.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';
import { draftTime, PLAIN_TOKENS, plainTime } from './written.ts';

/**
 * What passes take as a program sees them: through the binding, from the call to its result, everything
 * included. Medians of interleaved runs; read and copy bandwidth before and after, in the same process.
 */
export interface SpeedItem {
  readonly model: string;
  /** Tokens in the cache before the pass. */
  readonly contexts: readonly number[];
  readonly widths: readonly number[];
  readonly repeats: number;
  readonly prefill?: number;
}

export const WIDTHS = [1, 2, 8, 16, 26, 32, 64] as const;

/** What matters most first: a run may be short. */
const FULL: readonly SpeedItem[] = [
  {
    model: 'llama-3.1-8b:bf16',
    contexts: [512, 8192, 32_000],
    widths: WIDTHS,
    repeats: 30,
    prefill: 2048,
  },
  { model: 'llama-3.1-8b:int4', contexts: [512, 8192], widths: WIDTHS, repeats: 40, prefill: 2048 },
  { model: 'llama-3.1-70b:int8', contexts: [512], widths: WIDTHS, repeats: 15, prefill: 512 },
  { model: 'llama-3.1-8b:int8', contexts: [512, 8192], widths: WIDTHS, repeats: 40, prefill: 2048 },
  { model: 'llama-3.2-1b:bf16', contexts: [512], widths: WIDTHS, repeats: 60 },
  { model: 'llama-3.1-8b:fp8', contexts: [512], widths: WIDTHS, repeats: 40 },
  { model: 'qwen2.5-1.5b:bf16', contexts: [512], widths: WIDTHS, repeats: 60 },
  { model: 'llama-3.2-1b:int4', contexts: [512], widths: WIDTHS, repeats: 60 },
  { model: 'llama-3.1-70b:int4', contexts: [512], widths: [1, 26], repeats: 15 },
  { model: 'qwen2.5-0.5b:bf16', contexts: [512], widths: [1, 26], repeats: 60 },
  { model: 'llama-3.1-8b:fp16', contexts: [512], widths: WIDTHS, repeats: 30, prefill: 2048 },
  { model: 'llama-3.1-8b:q8_0', contexts: [512], widths: WIDTHS, repeats: 30, prefill: 2048 },
  { model: 'llama-3.1-8b:q4_0', contexts: [512], widths: WIDTHS, repeats: 30, prefill: 2048 },
];
/** Items before the judged round, which runs their models together. */
const BEFORE_THE_ROUND = 3;

const QUICK: readonly SpeedItem[] = [
  { model: 'random:hidden=64,rows=256:int8', contexts: [32], widths: [1, 4], repeats: 3, prefill: 200 },
];

export const QUICK_PAIR = {
  target: 'random:hidden=64,rows=256:int8',
  draft: 'random:hidden=64,layers=1,rows=256:int4',
};

/** One kind of pass. */
export interface PassTime {
  readonly context: number;
  readonly width: number;
  /** What was asked for. */
  readonly outputs: string;
  readonly milliseconds: number;
  /** The fastest and the slowest of the middle nine tenths. */
  readonly spread: readonly [number, number];
  /** Bytes of weights and cache that must be read, over the bandwidth of the copy before. */
  readonly limitMilliseconds: number;
  /** Of every bit that came back, the same at each repeat. */
  readonly digest: string;
}

export interface SpeedResult {
  readonly model: string;
  readonly dtype: string;
  readonly openSeconds: number;
  readonly weightBytes: number;
  readonly readBandwidth: readonly [before: number, after: number];
  readonly copyBandwidth: readonly [before: number, after: number];
  readonly passes: readonly PassTime[];
  /** A token of a greedy draft of 25, which the device makes without the host. */
  readonly draftTokenMilliseconds: number;
  /** A token of plain decoding, whose steps the host asks for one after another, from the first on. */
  readonly plainTokenMilliseconds: number;
  readonly prefill?: { readonly tokens: number; readonly milliseconds: number };
  readonly host: readonly HostTime[];
}

/** What a call takes beyond the device's own time, of it what lies outside the library. Medians, milliseconds. */
export interface HostTime {
  readonly call: string;
  readonly milliseconds: number;
  readonly beyondDevice: number;
  readonly beyondLibrary: number;
}

export const speed: Part = async (run) => {
  const items = (run.quick ? QUICK : FULL).map((item) => ({ name: item.model, item }));
  const passes = (part: typeof items) => eachItem(run, part, (item) => measure(run, item));
  await passes(items.slice(0, BEFORE_THE_ROUND));
  await eachItem(run, [{ name: 'judged round', item: undefined }], () =>
    judgedRound(run, run.quick ? QUICK_PAIR : {}),
  );
  await passes(items.slice(BEFORE_THE_ROUND));
};

/** Over as many GPUs as the run's device names. */
export async function measure(
  run: Run,
  { model: name, contexts, widths, repeats, prefill }: SpeedItem,
): Promise<SpeedResult> {
  const devices = devicesOf(run.device);
  const device = devices[0]!;
  const before = await run.engine.bandwidth(device);
  const { config } = parseSynthetic(name);
  const opening = performance.now();
  // passes behind the longest context, and the prompt of `prefill`, are cut from one text
  const longest = Math.max(Math.max(...contexts) + 128, prefill ?? 0);
  return withModel(run, `synthetic:${name}`, { contextLength: longest }, async (model) => {
    const openSeconds = (performance.now() - opening) / 1000;
    const { info } = model;
    const shape = engineShape(config, { device, heldAs: info.dtype as never, context: info.contextLength });
    // what each GPU has to read
    const part = partOf(shape, devices.length);
    const session = await model.openSession();
    const text = textOf(uniforms(7), longest, info.vocabSize);
    const passes: PassTime[] = [];
    for (const context of contexts) {
      await feed(session, text.slice(session.length, context), info.prefillChunk);
      const arms = widths.flatMap((width) => armsOf(width, info.hiddenSize));
      const times = arms.map((): number[] => []);
      const digests = arms.map(() => new Set<string>());
      // the first round of each warms up and is thrown away
      for (let repeat = 0; repeat <= repeats; repeat++) {
        for (const [index, { width, request }] of arms.entries()) {
          const tokens = text.slice(context, context + width);
          const from = performance.now();
          const outputs = await session.forward(tokens, request);
          const took = performance.now() - from;
          session.truncate(context);
          if (repeat === 0) continue;
          times[index]!.push(took);
          digests[index]!.add(digestOf(outputs));
        }
      }
      for (const [index, { width, outputs }] of arms.entries()) {
        const bytes = bytesPerToken(part) + (context + width) * cacheBytesPerToken(part);
        passes.push({
          context,
          width,
          outputs,
          milliseconds: median(times[index]!),
          spread: middle(times[index]!),
          limitMilliseconds: (1000 * bytes) / before.copied,
          digest: [...digests[index]!].join(' or '),
        });
      }
    }
    session.truncate(contexts[0]!);
    const draftTokenMilliseconds = await draftTime(session, text[contexts[0]!]!, contexts[0]!, repeats);
    session.truncate(contexts[0]!);
    const plainTokenMilliseconds = await plainTime(session, text[contexts[0]!]!);
    session.truncate(contexts[0]!);
    const host = await hostTimes(model, session, text, contexts[0]!, repeats);
    session.truncate(0);
    const prefilled = prefill === undefined ? undefined : await prefillTime(session, text.slice(0, prefill));
    const after = await run.engine.bandwidth(device);
    return {
      model: name,
      dtype: info.dtype,
      openSeconds,
      weightBytes: model.memory.weights,
      readBandwidth: [before.read, after.read],
      copyBandwidth: [before.copied, after.copied],
      passes,
      draftTokenMilliseconds,
      plainTokenMilliseconds,
      host,
      ...(prefilled === undefined ? {} : { prefill: prefilled }),
    } satisfies SpeedResult;
  });
}

/** A plain step, and verification as judge mode asks for it. */
export function armsOf(width: number, hiddenSize: number) {
  const term: HeadTerm = {
    layer: 'last',
    state: 'pre-norm',
    row: 'own',
    weights: new Float32Array(hiddenSize).fill(0.01),
  };
  const plain = { width, outputs: 'argmax', request: { argmax: true } as const };
  const judged = { argmax: true, chosen: true, judge: [term] } as const;
  return width === 1 ? [plain] : [plain, { width, outputs: 'argmax, chosen, judge', request: judged }];
}

async function hostTimes(
  model: CudaModel,
  session: Session,
  text: readonly TokenId[],
  context: number,
  repeats: number,
): Promise<HostTime[]> {
  const rows = (width: number) => text.slice(context, context + width);
  const { request } = armsOf(2, model.info.hiddenSize)[1]!;
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    'a step of 1 row': () => session.forward(rows(1), { argmax: true }),
    'verification of 26 rows': () => session.forward(rows(26), request),
    'a draft of 25': () => session.propose(rows(1), { count: 25 }),
    ...sampledCalls(session, text.slice(0, context + 1), rows(26), model.info.vocabSize),
  };
  model.calls.timed = true;
  const times: HostTime[] = [];
  for (const [call, work] of Object.entries(calls)) {
    const [took, beyondDevice, beyondLibrary]: [number[], number[], number[]] = [[], [], []];
    for (let repeat = 0; repeat < repeats + 3; repeat++) {
      const from = performance.now();
      await work();
      const milliseconds = performance.now() - from;
      const { library, device } = model.calls.lastCall;
      session.truncate(context);
      if (repeat < 3) continue;
      took.push(milliseconds);
      beyondDevice.push(milliseconds - device);
      beyondLibrary.push(milliseconds - library);
    }
    times.push({
      call,
      milliseconds: median(took),
      beyondDevice: median(beyondDevice),
      beyondLibrary: median(beyondLibrary),
    });
  }
  model.calls.timed = false;
  return times;
}

/** Sampled drafts and rounds, of all tokens and of the likeliest; where the device does not decide them there are none. */
function sampledCalls(
  session: Session,
  history: readonly TokenId[],
  fed: readonly TokenId[],
  vocabSize: number,
): Readonly<Record<string, () => Promise<unknown>>> {
  if (session.verify === undefined) return {};
  const numbers = Float64Array.from({ length: 25 }, uniforms(5));
  const drafted = fed.length - 1;
  const probs = new Float64Array(drafted * vocabSize).fill(1 / vocabSize);
  const draft = { rows: drafted, probs: async () => probs };
  const draftWith = (options: SamplingOptions) => () =>
    session.propose(fed.slice(0, 1), {
      count: 25,
      sampling: { options, history, uniforms: numbers, keep: true },
    });
  const roundWith = (options: SamplingOptions, kept: boolean) => () =>
    session.verify!(fed, {
      ...{ law: { kind: 'speculative', lenience: 1 }, options, history, outputs: {} },
      uniforms: { accept: numbers, recovered: numbers, bonus: 0.5 },
      ...(kept ? { draft } : {}),
    });
  const cut = { temperature: 0.8, topK: 50, topP: 0.95 };
  const penalised = { ...cut, repetitionPenalty: 1.1 };
  return {
    'a sampled draft of 25, all tokens': draftWith({ temperature: 1 }),
    'a sampled draft of 25, top-k 50, top-p 0.95': draftWith(cut),
    'a sampled round of 26 rows, all tokens': roundWith({ temperature: 1 }, false),
    'a sampled round of 26 rows, top-k 50, top-p 0.95': roundWith(cut, false),
    'the same with a repetition penalty': roundWith(penalised, false),
    'the same, the draft’s distributions from the host': roundWith(cut, true),
  };
}

async function prefillTime(session: Session, tokens: readonly TokenId[]) {
  const times: number[] = [];
  for (let repeat = 0; repeat < 4; repeat++) {
    const from = performance.now();
    await session.forward(tokens, {});
    if (repeat > 0) times.push(performance.now() - from);
    session.truncate(0);
  }
  return { tokens: tokens.length, milliseconds: median(times) };
}

/** Rounds of a pair, the accepted length assumed: nothing here is quality. */
export interface RoundResult {
  readonly target: string;
  readonly draft: string;
  readonly draftLength: number;
  /** Tokens taken as accepted in every round; one more is committed. */
  readonly acceptedAssumed: number;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly draftMilliseconds: number;
  readonly verifyMilliseconds: number;
  readonly tokensPerSecond: number;
  readonly plainTokensPerSecond: number;
}

/** Two models and the GPUs of each. */
export interface RoundPair {
  readonly target: string;
  readonly draft: string;
  readonly targetDevice: string;
  readonly draftDevice: string;
}

export async function judgedRound(
  run: Run,
  {
    target = 'llama-3.1-70b:int8',
    draft = 'llama-3.1-8b:int4',
    targetDevice = run.device,
    draftDevice = run.device,
  }: Partial<RoundPair> = {},
): Promise<RoundResult> {
  const [context, draftLength, accepted] = run.quick ? [16, 5, 3] : [512, 25, 19];
  const rounds = run.quick ? 3 : 40;
  const contextLength = context + Math.max(rounds * (accepted + 1) + draftLength + 8, PLAIN_TOKENS);
  const on = (device: string) => ({ engine: run.engine, device });
  return withModel(on(targetDevice), `synthetic:${target}`, { contextLength }, (targetModel) =>
    withModel(on(draftDevice), `synthetic:${draft}`, { contextLength }, async (draftModel) => {
      const [verifier, drafter] = [await targetModel.openSession(), await draftModel.openSession()];
      const text = textOf(uniforms(11), context, targetModel.info.vocabSize);
      await feed(verifier, text.slice(0, -1), targetModel.info.prefillChunk);
      await feed(drafter, text.slice(0, -1), draftModel.info.prefillChunk);
      const { request } = armsOf(2, targetModel.info.hiddenSize)[1]!;
      const [times, drafting, verifying]: number[][] = [[], [], []];
      let [unread, last] = [text.slice(-1), text.at(-1)!];
      for (let round = 0; round <= rounds; round++) {
        const from = performance.now();
        const { tokens } = await drafter.propose(unread, { count: draftLength });
        const middle = performance.now();
        const length = verifier.length;
        const { argmax } = await verifier.forward([last, ...tokens], request);
        const end = performance.now();
        // as if the rule had kept so many: the target's own token follows
        verifier.truncate(length + accepted + 1);
        const next = argmax[accepted]!;
        const keep = length + Math.min(accepted + 1, tokens.length);
        drafter.truncate(Math.min(drafter.length, keep));
        unread = [...tokens.slice(drafter.length - length - 1, accepted), next];
        last = next;
        if (round === 0) continue;
        times!.push(performance.now() - from);
        drafting!.push(middle - from);
        verifying!.push(end - middle);
      }
      verifier.truncate(context);
      const plain = await plainTime(verifier, last);
      const milliseconds = median(times!);
      return {
        target,
        draft,
        draftLength,
        acceptedAssumed: accepted,
        rounds,
        milliseconds,
        draftMilliseconds: median(drafting!),
        verifyMilliseconds: median(verifying!),
        tokensPerSecond: (1000 * (accepted + 1)) / milliseconds,
        plainTokensPerSecond: 1000 / plain,
      } satisfies RoundResult;
    }),
  );
}

export async function feed(session: Session, tokens: readonly TokenId[], chunk: number): Promise<void> {
  for (let at = 0; at < tokens.length; at += chunk) await session.forward(tokens.slice(at, at + chunk), {});
}

function middle(times: readonly number[]): readonly [number, number] {
  const sorted = [...times].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 20);
  return [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
}
