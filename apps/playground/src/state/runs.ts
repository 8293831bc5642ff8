import { type CommittedToken, JudgeDecodingError } from '@judge-decoding/core';
import type { ShownToken } from '@judge-decoding/page-parts';
import type { TokenPiece, TracedRound } from '@judge-decoding/trace';
import { computed, signal } from '@preact/signals';
import type { RunEnd, RunRequest, RunRound, RunStart } from '../engine/protocol.ts';
import { pin } from './look.ts';
import { engine, noteFault, openedPair } from './pair.ts';
import { asked, settings } from './settings.ts';

/** One token of a text, and the round and place in it where it was decided; none for a forced one. */
export interface WrittenToken extends CommittedToken {
  readonly from?: { readonly round: TracedRound; readonly at: number };
}

/** One generation as it is shown. */
export interface Run {
  readonly id: number;
  readonly request: RunRequest;
  readonly prompt: readonly number[];
  readonly pieces: Readonly<Record<string, TokenPiece>>;
  /** What stood there before the first round: of a branch, the text until the fork, and the forced token. */
  readonly before: readonly WrittenToken[];
  readonly rounds: readonly TracedRound[];
  /** Milliseconds until each round was done. */
  readonly times: readonly number[];
  readonly end?: RunEnd;
  readonly fault?: string;
  /** Where it left another run. */
  readonly fork?: { readonly parent: number; readonly at: number; readonly token: number };
}

export const runs = signal<readonly Run[]>([]);
export const currentId = signal<number | undefined>(undefined);
export const current = computed(() => runs.value.find(({ id }) => id === currentId.value));
/** The run that is being decoded, and what stops it. */
export const busy = signal<{ readonly id: number; readonly abort: AbortController } | undefined>(undefined);
/** What went wrong before there was a run. */
export const fault = signal<string | undefined>(undefined);

export const problem = signal('');

let nextId = 1;

/** The text of a run, token by token. */
export const writtenIn = ({ before, rounds }: Pick<Run, 'before' | 'rounds'>): readonly WrittenToken[] => [
  ...before,
  ...rounds.flatMap((round) => round.tokens.map((token, at) => ({ ...token, from: { round, at } }))),
];

export const shownIn = (run: Run, tokens: readonly CommittedToken[]): readonly ShownToken[] =>
  tokens.map((token) => ({ ...token, piece: run.pieces[token.id] }));

/** Answers the problem; what was shown before is left. */
export async function answer(): Promise<void> {
  const rule = asked.value;
  if ('fault' in rule) return;
  const { draftLength, maxTokens } = settings.value;
  runs.value = [];
  await decode({
    problem: problem.value,
    verify: rule.spec,
    draftLength,
    maxTokens,
  });
}

/** What if this token had stood there? Decodes on from it, beside the run that it leaves. */
export async function force(run: Run, at: number, token: number): Promise<void> {
  const before: readonly WrittenToken[] = [...writtenIn(run).slice(0, at), { id: token, source: 'forced' }];
  await decode(
    { ...run.request, after: before.map(({ id }) => id) },
    before,
    {
      parent: run.id,
      at,
      token,
    },
    run.pieces,
  );
}

/** Goes on from a place of a text as if nothing stood behind it, with the rule as it is set now. */
export async function rewind(run: Run, at: number): Promise<void> {
  const rule = asked.value;
  if ('fault' in rule) return;
  const before = writtenIn(run).slice(0, at);
  const request = { ...run.request, verify: rule.spec, draftLength: settings.value.draftLength };
  await decode({ ...request, after: before.map(({ id }) => id) }, before, undefined, run.pieces);
}

export const stop = (): void => busy.value?.abort.abort();

async function decode(
  request: RunRequest,
  before: readonly WrittenToken[] = [],
  fork?: Run['fork'],
  pieces: Run['pieces'] = {},
): Promise<void> {
  stop();
  fault.value = undefined;
  // what was looked at may be gone, and on a phone it would cover the answer
  pin(undefined);
  const id = nextId++;
  const abort = new AbortController();
  busy.value = { id, abort };
  const update = (changed: (run: Run) => Partial<Run>) => {
    runs.value = runs.value.map((run) => (run.id === id ? { ...run, ...changed(run) } : run));
  };
  try {
    await openedPair();
    if (abort.signal.aborted) return;
    const run: Run = {
      id,
      request,
      prompt: [],
      pieces,
      before,
      rounds: [],
      times: [],
      ...(fork ? { fork } : {}),
    };
    runs.value = [...runs.value, run];
    currentId.value = id;
    showAnswer();
    const end = await engine.ask('run', request, {
      signal: abort.signal,
      onEvent: (event) => update((run) => withEvent(run, event)),
    });
    update(() => ({ end }));
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted')) return;
    noteFault(error);
    const message = (error as Error).message;
    if (runs.value.some((run) => run.id === id && run.rounds.length > 0)) update(() => ({ fault: message }));
    else {
      runs.value = runs.value.filter((run) => run.id !== id);
      fault.value = message;
    }
  } finally {
    if (busy.value?.id === id) busy.value = undefined;
  }
}

const withEvent = (run: Run, event: RunStart | RunRound): Partial<Run> =>
  'prompt' in event
    ? { prompt: event.prompt, pieces: { ...run.pieces, ...event.pieces } }
    : {
        rounds: [...run.rounds, event.round],
        times: [...run.times, event.at],
        pieces: { ...run.pieces, ...event.pieces },
      };

/** Accepted tokens a round, and all tokens a second, so far. */
export function figuresOf({ rounds, times, request }: Pick<Run, 'rounds' | 'times' | 'request'>): {
  readonly tokens: number;
  readonly accepted: number | undefined;
  readonly perSecond: number | undefined;
  readonly bySource: Readonly<Record<string, number>>;
} {
  const bySource: Record<string, number> = {};
  for (const { tokens } of rounds)
    for (const { source } of tokens) bySource[source] = (bySource[source] ?? 0) + 1;
  const tokens = Object.values(bySource).reduce((sum, count) => sum + count, 0);
  const written = (bySource.recovered ?? 0) + (bySource.bonus ?? 0);
  const elapsed = times.at(-1);
  return {
    tokens,
    accepted:
      rounds.length === 0 || request.draftLength === 0 ? undefined : (tokens - written) / rounds.length,
    perSecond: elapsed ? (1000 * tokens) / elapsed : undefined,
    bySource,
  };
}

/** Brings the answer into view, where it is not: on a phone it stands below, and after a what-if above. */
function showAnswer(): void {
  requestAnimationFrame(() =>
    document.querySelector('.answer')?.scrollIntoView({ block: 'nearest', behavior: 'smooth' }),
  );
}
