import { JudgeDecodingError, type RuleSpec, STRICT_SPEC } from '@judge-decoding/core';
import type { TokenPiece, TracedRound } from '@judge-decoding/trace';
import { computed, signal } from '@preact/signals';
import type { RunRound, RunStart } from '../engine/protocol.ts';
import { byFrame } from './by-frame.ts';
import { engine, noteFault, openedPair, pair } from './pair.ts';
import { busy, fault, problem } from './runs.ts';
import { asked, sayDevice, settings } from './settings.ts';

/** One way to decode, as it went. */
export interface Lane {
  readonly name: string;
  readonly draftLength: number;
  readonly rounds: readonly TracedRound[];
  /** Milliseconds until each round was done. */
  readonly times: readonly number[];
  readonly pieces: Readonly<Record<string, TokenPiece>>;
  readonly done: boolean;
}

export const lanes = signal<readonly Lane[]>([]);
/** Milliseconds on the clock that all lanes are shown by. */
export const clock = signal(0);
export const finishLine = computed(() => Math.max(0, ...lanes.value.map(({ times }) => times.at(-1) ?? 0)));
export const raced = computed(() => lanes.value.length > 0 && lanes.value.every(({ done }) => done));
/** What is decoded just now. */
export const measuring = signal<string | undefined>(undefined);

let nextId = -1;

/** Plain, strict and the rule as it is set, one after another: they would slow each other down. */
export async function race(): Promise<void> {
  const rule = asked.value;
  if ('fault' in rule) return;
  fault.value = undefined;
  const abort = new AbortController();
  const id = nextId--;
  busy.value = { id, abort };
  const { draftLength, maxTokens, rule: ruleName } = settings.value;
  const arms: readonly { name: string; verify: RuleSpec; draftLength: number }[] = [
    { name: 'plain', verify: STRICT_SPEC, draftLength: 0 },
    { name: 'strict', verify: STRICT_SPEC, draftLength },
    ...(ruleName === 'strict' ? [] : [{ name: ruleName, verify: rule.spec, draftLength }]),
  ];
  lanes.value = arms.map(({ name, draftLength }) => ({
    name,
    draftLength,
    rounds: [],
    times: [],
    pieces: {},
    done: false,
  }));
  clock.value = 0;
  const update = (index: number, changed: (lane: Lane) => Partial<Lane>) => {
    lanes.value = lanes.value.map((lane, at) => (at === index ? { ...lane, ...changed(lane) } : lane));
  };
  try {
    await openedPair();
    // the first passes of a device are slower than all others: they are nobody's
    measuring.value = 'warming up';
    for (const { verify, draftLength } of arms)
      await engine.ask(
        'run',
        { problem: problem.value, verify, draftLength, maxTokens: WARM_UP },
        { signal: abort.signal },
      );
    for (const [index, { name, ...arm }] of arms.entries()) {
      if (abort.signal.aborted) return;
      measuring.value = name;
      const shown = byFrame<RunStart | RunRound>((events) =>
        update(index, (lane) => events.reduce(withEvent, lane)),
      );
      await engine.ask(
        'run',
        { problem: problem.value, maxTokens, ...arm },
        { signal: abort.signal, onEvent: shown.add },
      );
      shown.now();
      if (!abort.signal.aborted) update(index, () => ({ done: true }));
    }
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted')) return;
    noteFault(error);
    fault.value = (error as Error).message;
  } finally {
    measuring.value = undefined;
    if (!raced.value) lanes.value = [];
    if (busy.value?.id === id) busy.value = undefined;
  }
}

const WARM_UP = 24;

const withEvent = (lane: Lane, event: RunStart | RunRound): Lane =>
  'prompt' in event
    ? { ...lane, pieces: event.pieces }
    : {
        ...lane,
        rounds: [...lane.rounds, event.round],
        times: [...lane.times, event.at],
        pieces: { ...lane.pieces, ...event.pieces },
      };

/**
 * What a lane had done by a time of the clock. At its beginning that is nothing: a page's own clock moves in steps, and a
 * quick round may have taken none of them.
 */
export function laneAt(
  { rounds, times }: Lane,
  time: number,
): { readonly rounds: number; readonly tokens: number } {
  let done = 0;
  while (time > 0 && done < times.length && times[done]! <= time) done++;
  return {
    rounds: done,
    tokens: rounds.slice(0, done).reduce((sum, { tokens }) => sum + tokens.length, 0),
  };
}

/** Share of the rounds that drafted a token at each place in which it was kept, by who let it in. */
export function acceptanceOf({ rounds }: Pick<Lane, 'rounds'>): readonly {
  readonly standard: number;
  readonly admitted: number;
}[] {
  const longest = Math.max(0, ...rounds.map(({ draft }) => draft.length));
  return Array.from({ length: longest }, (_, place) => {
    const drafted = rounds.filter(({ draft }) => draft.length > place).length;
    const kept = rounds.flatMap(({ tokens }) => {
      const source = tokens[place]?.source;
      return source === undefined || source === 'recovered' || source === 'bonus' ? [] : [source];
    });
    const standard = kept.filter((source) => source === 'standard').length;
    return { standard: standard / drafted, admitted: (kept.length - standard) / drafted };
  });
}

export const onDevice = computed(() =>
  pair.value.kind === 'open' ? sayDevice(pair.value.opened.target.device) : undefined,
);
