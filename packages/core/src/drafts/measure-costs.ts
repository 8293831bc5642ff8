import type { OutputName, OutputRequest, ProposeRequest, TokenId } from '../backend.ts';
import { type AbortSignalLike, throwIfAborted } from '../decode/abort.ts';
import { ANY, type Bench, back, LONG_ENOUGH, type Measured } from './bench.ts';
import { type Costs, type CostTable, median } from './costs.ts';
import { plainSteps } from './plain-steps.ts';

/** Tokens drafted a round, and behind them the rows of the pass that reads them. */
const DRAFTED = [1, 2, 4, 8, 16, 32] as const;
/** Rounds of a kind in a row, at most: enough of them are `repeats` that took `LONG_ENOUGH`. */
const MANY = 24;
/** Fewer repeats than this are asked for where a round takes long. */
const FEW = 5;

/** How costs are measured. */
export interface MeasureCostsOptions {
  /** Rounds of each kind at least; more of those that are short. */
  readonly repeats?: number;
  /** Tokens in the caches. */
  readonly prefix?: number;
  /** So many more, to see what a longer text costs; not measured when absent. */
  readonly longerBy?: number;
  /** What rules ask of the target beside argmax: each is measured by itself. */
  readonly outputs?: OutputRequest;
  /** Whether a rule asks for the draft's logits. */
  readonly draftLogits?: boolean;
  /**
   * Milliseconds that all of it may take, from those of a pass of one row. What is left when they are over is measured
   * once, whatever `repeats` says: models whose passes take long are measured less often, and none not at all.
   */
  readonly within?: ((oneRow: number) => number) | undefined;
  /** Told from 0 to 1 how much is done. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Stops it between two passes, with code `aborted`. */
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * Measures both models as rounds use them: drafts and the passes that read them in turns, behind a text that grows by
 * a token a round, so that no pass has the shape of the one before it; and steps of plain decoding. Means of all, as a
 * run's time is a sum and its slow rounds are part of it. `now` gives milliseconds.
 */
export async function measureCosts(
  target: Measured,
  draft: Measured | undefined,
  now: () => number,
  options: MeasureCostsOptions = {},
): Promise<Costs> {
  const { repeats = 7, prefix = 64, longerBy, outputs = {}, draftLogits = false } = options;
  const contexts = [target, draft].flatMap((each) => each?.model.info.contextLength ?? []);
  const most = Math.min(...contexts);
  const start = Math.min(prefix, Math.max(1, most - 34));
  const bench: Bench = {
    target,
    draft,
    ...timekeeper(now, repeats, options),
    done: counter(kindsOf(repeats) * (longerBy === undefined ? 1 : 2), options.onProgress),
  };
  const text = textOf(bench, start);
  try {
    for (const each of [target, draft]) await bench.clock(() => read(each, text));
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

const turnsOf = (repeats: number): number => (repeats < FEW ? 1 : 2);
/** Kinds of rounds of one text: plain steps, and each draft length. */
const kindsOf = (repeats: number): number => (1 + DRAFTED.length) * turnsOf(repeats);

function counter(total: number, onProgress: MeasureCostsOptions['onProgress']): () => void {
  let count = 0;
  return () => onProgress?.(Math.min(1, ++count / total));
}

/** Costs by width behind `start` tokens and a few more; both sessions return to `start`. */
async function rounds(bench: Bench, start: number, most: number) {
  const { target, draft, clock } = bench;
  const verify = new Map<number, number[]>();
  const drafts = new Map<number, number[]>();
  // twice, so that a busy moment does not fall on one width alone; once where a round is long
  for (let turn = 0; turn < turnsOf(bench.repeats()); turn++) {
    timesOf(verify, 1).push(...(await plainSteps(bench, start, most)));
    back(target, start);
    bench.done();
    for (const count of DRAFTED.filter((count) => start + count + 1 <= most)) {
      const [drafting, reading] = [timesOf(drafts, count), timesOf(verify, count + 1)];
      const fed = tokens(target, count + 1);
      let [length, spent] = [start, 0];
      const isEnough = (round: number) => round > bench.repeats() && spent >= LONG_ENOUGH;
      // the first of each kind warms up and is thrown away
      for (let round = 0; round < 1 + MANY && !isEnough(round); round++) {
        if (draft !== undefined) {
          const time = await clock(() => draft.session.propose([ANY], { count }));
          spent += time;
          if (round > 0) drafting.push(time);
        }
        const time = await clock(() => target.session.forward(fed, { argmax: true }));
        spent += time;
        if (round > 0) reading.push(time);
        length = length + count + 2 > most ? start : length + 1;
        for (const each of [target, draft]) back(each, length);
      }
      for (const each of [target, draft]) back(each, start);
      bench.done();
    }
  }
  return { verify: tableOf(verify), drafts: tableOf(drafts) };
}

function timesOf(of: Map<number, number[]>, count: number): number[] {
  const own = of.get(count) ?? [];
  of.set(count, own);
  return own;
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

/** What other outputs cost, a row or a drafted token, and what a second token to read costs a draft. */
async function extras(
  { target, draft, clock, repeats }: Bench,
  start: number,
  most: number,
  outputs: OutputRequest,
  draftLogits: boolean,
): Promise<Pick<Costs, 'outputs' | 'draftLogits' | 'draftCatchUp'>> {
  const rows = Math.min(17, most - start - 1);
  if (rows < 2) return {};
  const drafting = async (read: readonly TokenId[], request: Omit<ProposeRequest, 'count'>) => {
    const time = await clock(() => draft!.session.propose(read, { count: rows - 1, ...request }));
    back(draft, start);
    return time;
  };
  const reading = async (request: OutputRequest) => {
    const time = await clock(() => target.session.forward(tokens(target, rows), request));
    back(target, start);
    return time;
  };
  const names = (Object.keys(outputs) as OutputName[]).filter(
    (name) => name !== 'argmax' && outputs[name] !== undefined,
  );
  const usual: number[] = [];
  const more = new Map<OutputName, number[]>(names.map((name) => [name, []]));
  const drafts: Record<'one' | 'two' | 'logits', number[]> = { one: [], two: [], logits: [] };
  for (let repeat = 0; repeat <= repeats(); repeat++) {
    const kept = repeat > 0;
    // each behind a draft, as in a round
    for (const name of [undefined, ...names]) {
      if (draft !== undefined) drafts.one.push(await drafting([ANY], {}));
      const asked = name === undefined ? {} : { [name]: outputs[name] };
      const time = await reading({ argmax: true, ...asked } as OutputRequest);
      if (kept) (name === undefined ? usual : more.get(name)!).push(time);
    }
    if (draft === undefined) continue;
    drafts.two.push(await drafting([ANY, 5], {}));
    await reading({ argmax: true });
    if (!draftLogits) continue;
    drafts.logits.push(await drafting([ANY], { logits: true }));
    await reading({ argmax: true });
  }
  const over = (times: readonly number[], base: readonly number[]) =>
    Math.max(0, median(times) - median(base));
  return {
    ...(names.length === 0
      ? {}
      : {
          outputs: Object.fromEntries(
            [...more].map(([name, times]) => [name, over(times, usual) / rows] as const),
          ),
        }),
    ...(drafts.two.length === 0 ? {} : { draftCatchUp: over(drafts.two, drafts.one) }),
    ...(drafts.logits.length === 0 ? {} : { draftLogits: over(drafts.logits, drafts.one) / (rows - 1) }),
  };
}

/** A token of the prompt, read by the draft. The session is left at the text. */
async function prefill({ clock, repeats }: Bench, draft: Measured, text: readonly TokenId[]) {
  const times: number[] = [];
  for (let repeat = 0; repeat <= repeats(); repeat++) {
    draft.session.truncate(0);
    const time = await clock(() => read(draft, text));
    if (repeat > 0) times.push(time / text.length);
  }
  return median(times);
}

/** Times pieces of work, and knows whether there is time for more than one of a kind. */
function timekeeper(
  now: () => number,
  repeats: number,
  { within, signal }: MeasureCostsOptions,
): Pick<Bench, 'clock' | 'repeats' | 'oneRow'> {
  let spent = 0;
  let fastest = Number.POSITIVE_INFINITY;
  return {
    async clock(work) {
      throwIfAborted(signal);
      const from = now();
      await work();
      const time = now() - from;
      spent += time;
      return time;
    },
    repeats: () =>
      within === undefined || fastest === Number.POSITIVE_INFINITY || spent <= within(fastest) ? repeats : 1,
    oneRow(milliseconds) {
      fastest = Math.min(fastest, milliseconds);
    },
  };
}

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
    .map(([count, own]) => [count, mean(own)] as const);

const mean = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0) / times.length;
