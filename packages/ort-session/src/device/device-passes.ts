import {
  asksForArgmaxAlone,
  type ForwardOutputs,
  type HiddenName,
  type ModelInfo,
  type OutputRequest,
  type Proposed,
  type ProposeRequest,
  proposeByForward,
  type ReadBacks,
  StepsAhead,
  type TokenId,
} from '@judge-decoding/core';
import { DEVICE_INPUTS, DEVICE_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { topOf } from '../outputs.ts';
import type { Passes } from '../passes.ts';
import type { Tails } from '../tails.ts';
import type { DeviceCache } from './device-cache.ts';
import type { DeviceRuntime, HostData, WantedTensor } from './device-runtime.ts';
import type { Places } from './places.ts';
import type { Terms } from './terms.ts';
import type { TokenSlots } from './token-slots.ts';

/** What several sessions of one model on a device share. */
export interface DeviceDecoder {
  readonly runtime: DeviceRuntime;
  readonly session: InferenceSession;
  readonly shape: DecoderShape;
  readonly terms: Terms;
  readonly places: Places;
  readonly slots: TokenSlots;
  readonly tails: Tails;
}

/** Passes over a cache that stays on a device. */
export class DevicePasses implements Passes {
  readonly #decoder: DeviceDecoder;
  readonly #cache: DeviceCache;
  readonly #info: ModelInfo;
  readonly #ahead: StepsAhead;
  #readBacks: ReadBacks = { count: 0, bytes: 0 };

  constructor(decoder: DeviceDecoder, cache: DeviceCache, info: ModelInfo) {
    this.#decoder = decoder;
    this.#cache = cache;
    this.#info = info;
    this.#ahead = new StepsAhead(info, () => decoder.runtime.now());
  }

  get length(): number {
    return this.#cache.length;
  }

  set length(length: number) {
    this.#cache.length = length;
  }

  get end(): number {
    return this.#ahead.end;
  }

  set end(end: number) {
    this.#ahead.end = end;
  }

  get readBacks(): ReadBacks {
    return this.#readBacks;
  }

  forward(
    tokens: readonly TokenId[],
    nexts: readonly TokenId[],
    request: OutputRequest,
  ): Promise<Partial<ForwardOutputs>> {
    if (tokens.length === 1 && asksForArgmaxAlone(request))
      return this.#counted(() => this.#step(tokens[0]!));
    this.#ahead.forget();
    return this.#counted(() => this.#forward(tokens, nexts, request));
  }

  propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    this.#ahead.forget();
    return this.#counted(() => this.#propose(tokens, request));
  }

  free(): void {
    this.#cache.free();
  }

  /** The runtime counts for all sessions; calls come one at a time, so what is new is this one's. */
  async #counted<Result>(work: () => Promise<Result>): Promise<Result> {
    const { runtime } = this.#decoder;
    const before = { ...runtime.readBacks };
    try {
      return await work();
    } finally {
      const { count, bytes } = runtime.readBacks;
      this.#readBacks = {
        count: this.#readBacks.count + count - before.count,
        bytes: this.#readBacks.bytes + bytes - before.bytes,
      };
    }
  }

  async #forward(
    tokens: readonly TokenId[],
    nexts: readonly TokenId[],
    request: OutputRequest,
  ): Promise<Partial<ForwardOutputs>> {
    const wanted = this.#wantedFor(request, tokens.length);
    const all = Object.keys(wanted).length > 0;
    const results = await this.#run(this.#tokens(tokens), tokens.length, {
      picked: all ? tokens.map((_, row) => row) : [tokens.length - 1],
      nexts,
      judge: request.judge,
      wanted,
      kept: {},
    });
    return this.#outputsOf(results, tokens.length, nexts, request);
  }

  async #propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed> {
    const { sampling, leastProbability, logits } = request;
    // the host must see a row before it knows whether the draft goes on
    const stays = sampling === undefined && leastProbability === undefined && logits !== true;
    if (stays) return { tokens: await this.#proposeOnDevice(tokens, request) };
    // only the last row's outputs are used
    const forward = async (part: readonly TokenId[], asked: OutputRequest) => {
      const wanted = this.#wantedFor(asked, 1);
      const options = { picked: [part.length - 1], nexts: [], judge: undefined, wanted, kept: {} };
      const results = await this.#run(this.#tokens(part), part.length, options);
      return this.#outputsOf(results, 1, [], asked);
    };
    return proposeByForward({ forward, info: this.#info, length: this.length }, tokens, request);
  }

  /** A step of plain decoding, or several at once where it is foreseen that they will be asked for. */
  async #step(token: TokenId): Promise<Partial<ForwardOutputs>> {
    const place = this.length;
    const run = async (steps: number) =>
      steps === 1
        ? (await this.#forward([token], [], { argmax: true })).argmax!
        : (await this.#chain(this.#tokens([token]), 1, steps)).tokens;
    const argmax = await this.#ahead.step(place, token, run, this.#decoder.slots.most);
    this.length = place + 1;
    return { argmax: Int32Array.of(argmax) };
  }

  /** Each step reads what the step before it has written: the host asks once, at the end. */
  async #chain(
    first: Tensor,
    firstRows: number,
    count: number,
  ): Promise<{ readonly tokens: readonly TokenId[]; readonly last: Tensor }> {
    const { runtime, slots } = this.#decoder;
    const written = await slots.take(count);
    let fed = first;
    let rows = firstRows;
    for (const slot of written) {
      const kept = { [DEVICE_OUTPUTS.argmax]: slot };
      await this.#run(fed, rows, { picked: [rows - 1], nexts: [], judge: undefined, wanted: {}, kept });
      fed = slot;
      rows = 1;
    }
    return { tokens: await runtime.readTokens(written), last: fed };
  }

  async #proposeOnDevice(
    tokens: readonly TokenId[],
    { count, endTokens = [] }: ProposeRequest,
  ): Promise<TokenId[]> {
    const { contextLength, prefillChunk } = this.#info;
    // the last token drawn is not read, so a draft may be one longer than the room that is left
    const most = Math.min(count, contextLength - this.length - tokens.length + 1);
    let reading = tokens;
    for (; reading.length > prefillChunk; reading = reading.slice(prefillChunk))
      await this.#forward(reading.slice(0, prefillChunk), [], {});
    const drafted: TokenId[] = [];
    let fed = this.#tokens(reading);
    let rows = reading.length;
    while (drafted.length < most) {
      const read = await this.#chain(fed, rows, Math.min(most - drafted.length, this.#decoder.slots.most));
      fed = read.last;
      rows = 1;
      const end = read.tokens.findIndex((token) => endTokens.includes(token));
      drafted.push(...(end < 0 ? read.tokens : read.tokens.slice(0, end + 1)));
      if (end >= 0) break;
    }
    return drafted;
  }

  async #run(
    tokens: Tensor,
    rows: number,
    {
      picked,
      nexts,
      judge,
      wanted,
      kept,
    }: {
      readonly picked: readonly number[];
      readonly nexts: readonly TokenId[];
      readonly judge: OutputRequest['judge'];
      readonly wanted: Readonly<Record<string, WantedTensor>>;
      readonly kept: Readonly<Record<string, Tensor>>;
    },
  ): Promise<Readonly<Record<string, HostData>>> {
    const { runtime, session, terms, places } = this.#decoder;
    const { Tensor } = runtime;
    const total = this.length + rows;
    const tells = TOLD.some((name) => name in wanted);
    const feeds: Record<string, Tensor> = {
      [DEVICE_INPUTS.tokens]: tokens,
      [DEVICE_INPUTS.start]: new Tensor('int64', BigInt64Array.of(BigInt(this.length)), [1]),
      [DEVICE_INPUTS.last]: new Tensor('int32', Int32Array.of(total - 1), [1]),
      [DEVICE_INPUTS.total]: new Tensor('int32', Int32Array.of(total), [1]),
      [DEVICE_INPUTS.picked]: await places.picked(picked),
      [DEVICE_INPUTS.tells]: new Tensor('bool', Uint8Array.of(tells ? 1 : 0), [1]),
      [DEVICE_INPUTS.next]: await places.next(nexts, picked.length),
      [DEVICE_INPUTS.terms]: await terms.tensor(judge),
      ...this.#cache.feeds,
    };
    const results = await runtime.run(session, feeds, { kept: { ...this.#cache.kept, ...kept }, wanted });
    this.#cache.length = total;
    return results;
  }

  #tokens(tokens: readonly TokenId[]): Tensor {
    return new this.#decoder.runtime.Tensor('int32', Int32Array.from(tokens), [tokens.length]);
  }

  /** What the host needs for a request, of so many rows. */
  #wantedFor(
    { argmax, chosen, top, judge, hidden = [], logits }: OutputRequest,
    rows: number,
  ): Record<string, WantedTensor> {
    const { hiddenSize, tokenCount } = this.#decoder.shape;
    const wanted: Record<string, WantedTensor> = {};
    const floats = (name: string, columns: number) => {
      wanted[name] = { type: 'float32', dims: [rows, columns] };
    };
    // a wait for each output, in Node: what is little comes as one
    if (Number(argmax === true) + Number(chosen === true) + Number(judge !== undefined) > 1)
      floats(DEVICE_OUTPUTS.told, 2 + columnsOf(judge));
    else {
      if (argmax) wanted[DEVICE_OUTPUTS.argmax] = { type: 'int32', dims: [rows] };
      if (chosen) floats(DEVICE_OUTPUTS.chosen, 1);
      if (judge !== undefined) floats(DEVICE_OUTPUTS.judge, columnsOf(judge));
    }
    if (top !== undefined || logits) floats(DEVICE_OUTPUTS.logits, tokenCount);
    for (const state of hidden) floats(nameOf(state), hiddenSize);
    return wanted;
  }

  async #outputsOf(
    results: Readonly<Record<string, HostData>>,
    rows: number,
    nexts: readonly TokenId[],
    { argmax, chosen, top, judge, hidden, logits }: OutputRequest,
  ): Promise<Partial<ForwardOutputs>> {
    const outputs: { -readonly [Name in keyof ForwardOutputs]?: ForwardOutputs[Name] } = {};
    const floats = (name: string) => results[name] as Float32Array;
    const told = results[DEVICE_OUTPUTS.told] as Float32Array | undefined;
    /** Columns of what was told at once, or an output of its own. */
    const column = (name: string, first: number, count: number) =>
      told === undefined ? floats(name) : columnsFrom(told, 2 + columnsOf(judge), first, count);
    if (argmax) {
      outputs.argmax =
        told === undefined
          ? (results[DEVICE_OUTPUTS.argmax] as Int32Array)
          : Int32Array.from(column(DEVICE_OUTPUTS.argmax, 0, 1));
    }
    if (chosen) outputs.chosen = column(DEVICE_OUTPUTS.chosen, 1, 1).slice(0, Math.min(rows, nexts.length));
    if (judge !== undefined)
      outputs.judge =
        judge.length === 0 ? new Float32Array(0) : column(DEVICE_OUTPUTS.judge, 2, judge.length);
    if (hidden !== undefined) {
      outputs.hidden = hidden.map((state, index) => {
        const states = floats(nameOf(state));
        // asked for twice, given twice: each array is the caller's own
        return hidden.indexOf(state) < index ? states.slice() : states;
      });
    }
    if (top !== undefined) {
      const { runtime, tails, shape } = this.#decoder;
      const all = new runtime.Tensor('float32', floats(DEVICE_OUTPUTS.logits), [rows, shape.tokenCount]);
      outputs.top = await topOf(all, top, { runtime, tails });
    }
    if (logits) outputs.logits = floats(DEVICE_OUTPUTS.logits);
    return outputs;
  }
}

/** What the graph computes where it is told to alone. */
const TOLD: readonly string[] = [DEVICE_OUTPUTS.chosen, DEVICE_OUTPUTS.judge, DEVICE_OUTPUTS.told];

/** Columns that terms have in the graph. */
const columnsOf = (judge: OutputRequest['judge']): number => Math.max(1, judge?.length ?? 0);

/** `count` columns of a table `width` wide, from `first` on, row after row. */
function columnsFrom(table: Float32Array, width: number, first: number, count: number): Float32Array {
  const rows = table.length / width;
  const columns = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++)
    columns.set(table.subarray(row * width + first, row * width + first + count), row * count);
  return columns;
}

const nameOf = (state: HiddenName): string =>
  state === 'pre-norm' ? DEVICE_OUTPUTS.preNorm : DEVICE_OUTPUTS.postNorm;
