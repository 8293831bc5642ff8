import type { Model, OutputName, OutputRequest, Session, TokenId } from '../backend.ts';
import { type Costs, type CostTable, median } from './costs.ts';

/** Tokens drafted a round, and behind them the rows of the pass that reads them. */
const DRAFTED = [1, 2, 4, 8, 16, 32] as const;
/** Steps of plain decoding in a row. */
const STEPS = 4;

/** A model and one of its sessions, which is empty before and after. */
export interface Measured {
  readonly model: Model;
  readonly session: Session;
}

/** How costs are measured. */
export interface MeasureCostsOptions {
  readonly repeats?: number;
  /** Tokens in the caches. */
  readonly prefix?: number;
  /** So many more, to see what a longer text costs; not measured when absent. */
  readonly longerBy?: number;
  /** What rules ask of the target beside argmax: each is measured by itself. */
  readonly outputs?: OutputRequest;
  /** Whether a rule asks for the draft's logits. */
  readonly draftLogits?: boolean;
}

/**
 * Measures both models as a round uses them, medians of `repeats`: a draft, then the pass that reads it, which
 * finds the processor's caches as the draft left them; and steps of plain decoding, one after another. `now` gives
 * milliseconds.
 */
export async function measureCosts(
  target: Measured,
  draft: Measured | undefined,
  now: () => number,
  { repeats = 7, prefix = 64, longerBy, outputs = {}, draftLogits = false }: MeasureCostsOptions = {},
): Promise<Costs> {
  const contexts = [target, draft].flatMap((each) => each?.model.info.contextLength ?? []);
  const most = Math.min(...contexts);
  const start = Math.min(prefix, Math.max(1, most - 34));
  const clock = stopwatch(now);
  const bench: Bench = { target, draft, clock, repeats };
  const text = textOf(bench, start);
  for (const each of [target, draft]) await read(each, text);
  try {
    const { verify, drafts } = await rounds(bench, start, most);
    const further = await extras(bench, start, most, outputs, draftLogits);
    const draftPrefillToken = draft === undefined ? 0 : await prefill(bench, draft, text);
    const [first, last] = [drafts[0], drafts.at(-1)];
    const slope = first === last ? first?.[1] : (last![1] - first![1]) / (last![0] - first![0]);
    return {
      verify,
      draftToken: Math.max(0, slope ?? 0),
      draftPrefillToken,
      ...(drafts.length === 0 ? {} : { drafts }),
      context: start,
      ...(await longer(bench, start, most, longerBy)),
      ...further,
    };
  } finally {
    target.session.truncate(0);
    draft?.session.truncate(0);
  }
}

async function read(by: Measured | undefined, text: readonly TokenId[]): Promise<void> {
  const chunk = by?.model.info.prefillChunk ?? 1;
  for (let from = 0; from < text.length; from += chunk)
    await by?.session.forward(text.slice(from, from + chunk), {});
}

interface Bench {
  readonly target: Measured;
  readonly draft: Measured | undefined;
  /** Milliseconds of a piece of work. */
  readonly clock: (work: () => Promise<unknown>) => Promise<number>;
  readonly repeats: number;
}

/** Costs by width behind `start` tokens, to which both sessions return. */
async function rounds({ target, draft, clock, repeats }: Bench, start: number, most: number) {
  const counts = DRAFTED.filter((count) => start + count + 1 <= most);
  const verify = new Map<number, number[]>(
    [1, ...counts.map((count) => count + 1)].map((rows) => [rows, []]),
  );
  const drafts = new Map<number, number[]>(draft === undefined ? [] : counts.map((count) => [count, []]));
  // the first of each kind warms up and is thrown away
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const kept = repeat > 0;
    for (const count of counts) {
      if (draft !== undefined) {
        const time = await clock(() => draft.session.propose([3], { count }));
        draft.session.truncate(start);
        if (kept) drafts.get(count)!.push(time);
      }
      const time = await clock(() => target.session.forward(tokens(target, count + 1), { argmax: true }));
      target.session.truncate(start);
      if (kept) verify.get(count + 1)!.push(time);
    }
    // what follows a step is another step
    for (let step = 0; step < Math.min(STEPS, most - start); step++) {
      const time = await clock(() => target.session.forward([3], { argmax: true }));
      if (kept && (step > 0 || STEPS > most - start)) verify.get(1)!.push(time);
    }
    target.session.truncate(start);
  }
  return { verify: tableOf(verify), drafts: tableOf(drafts) };
}

/** The same behind a longer text. */
async function longer(
  bench: Bench,
  start: number,
  most: number,
  by: number | undefined,
): Promise<Pick<Costs, 'longer'>> {
  const context = Math.min(start + (by ?? 0), most - 34);
  if (by === undefined || context <= start) return {};
  const more = textOf(bench, context).slice(start);
  for (const each of [bench.target, bench.draft]) await read(each, more);
  return { longer: { context, ...(await rounds(bench, context, most)) } };
}

/** What other outputs cost, a row or a drafted token. */
async function extras(
  { target, draft, clock, repeats }: Bench,
  start: number,
  most: number,
  outputs: OutputRequest,
  draftLogits: boolean,
): Promise<Pick<Costs, 'outputs' | 'draftLogits'>> {
  const rows = Math.min(17, most - start);
  const names = (Object.keys(outputs) as OutputName[]).filter(
    (name) => name !== 'argmax' && outputs[name] !== undefined,
  );
  const times = new Map<OutputName | '', number[]>(['' as const, ...names].map((name) => [name, []]));
  const logits: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const [name, own] of names.length === 0 ? [] : times) {
      const request = { argmax: true, ...(name === '' ? {} : { [name]: outputs[name] }) } as OutputRequest;
      const time = await clock(() => target.session.forward(tokens(target, rows), request));
      target.session.truncate(start);
      if (repeat > 0) own.push(time);
    }
    if (!draftLogits || draft === undefined || rows < 2) continue;
    const both = [];
    for (const request of [{ count: rows - 1 }, { count: rows - 1, logits: true }] as const) {
      both.push(await clock(() => draft.session.propose([3], request)));
      draft.session.truncate(start);
    }
    if (repeat > 0) logits.push((both[1]! - both[0]!) / (rows - 1));
  }
  const base = names.length === 0 ? 0 : median(times.get('')!);
  const more = names.map((name) => [name, Math.max(0, (median(times.get(name)!) - base) / rows)] as const);
  return {
    ...(names.length === 0 ? {} : { outputs: Object.fromEntries(more) }),
    ...(logits.length === 0 ? {} : { draftLogits: Math.max(0, median(logits)) }),
  };
}

/** A token of the prompt, read by the draft. The session is left at the text. */
async function prefill({ clock, repeats }: Bench, draft: Measured, text: readonly TokenId[]) {
  const times: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    draft.session.truncate(0);
    const time = await clock(() => read(draft, text));
    if (repeat > 0) times.push(time / text.length);
  }
  return median(times);
}

const stopwatch = (now: () => number) => async (work: () => Promise<unknown>) => {
  const from = now();
  await work();
  return now() - from;
};

const tokens = ({ model }: Measured, count: number, vocabSize = model.info.vocabSize): TokenId[] =>
  Array.from({ length: count }, (_, i) => (i * 7 + 3) % vocabSize);

/** A text that both models can read. */
const textOf = ({ target, draft }: Bench, length: number): TokenId[] =>
  tokens(
    target,
    length,
    Math.min(target.model.info.vocabSize, draft?.model.info.vocabSize ?? Number.POSITIVE_INFINITY),
  );

const tableOf = (times: ReadonlyMap<number, readonly number[]>): CostTable =>
  [...times]
    .filter(([, own]) => own.length > 0)
    .sort(([a], [b]) => a - b)
    .map(([count, own]) => [count, median(own)] as const);
