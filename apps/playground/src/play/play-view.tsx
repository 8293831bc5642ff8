import { parseRule, type RuleSpec } from '@judge-decoding/core';
import { Legend, TokenText } from '@judge-decoding/page-parts';
import type { TracedRound } from '@judge-decoding/trace';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { RuleOpinions } from '../engine/protocol.ts';
import { Inspector } from '../parts/inspector.tsx';
import { acceptedIn } from '../parts/lane.ts';
import { RoundList } from '../parts/round-list.tsx';
import { COMPARED, RuleTable } from '../parts/rule-table.tsx';
import { type Look, look, lookAt, pin } from '../state/look.ts';
import { engine, pair } from '../state/pair.ts';
import { current, force, type Run, rewind, shownIn, writtenIn } from '../state/runs.ts';
import { asked, change, settings } from '../state/settings.ts';
import { AnswerHead } from './answer-head.tsx';
import { Introduction } from './introduction.tsx';
import { ProblemBox } from './problem-box.tsx';

/** Write a problem, watch its answer, look at its tokens, ask what if. */
export function PlayView() {
  const run = current.value;
  const threshold = run === undefined ? undefined : thresholdOf(run.request.verify);
  return (
    <div class="with-inspector">
      <div class="column">
        <ProblemBox />
        {run === undefined ? <Introduction /> : <Answer run={run} />}
      </div>
      <Inspector
        threshold={threshold}
        {...(run === undefined
          ? {}
          : {
              onForce: (at: Look, token: number) => void force(run, placeOf(run, at), token),
              onRewind: (at: Look) => void rewind(run, placeOf(run, at)),
            })}
      />
    </div>
  );
}

/** Of the cut that decided: the rule's own, else the head's. */
function thresholdOf({ admit }: RuleSpec): number | undefined {
  if (admit === undefined || !('name' in admit) || admit.name !== 'judge') return undefined;
  return admit.parameters[0] ?? (pair.value.kind === 'open' ? pair.value.opened.head?.threshold : undefined);
}

/** Where in the text a place of a round is. */
function placeOf(run: Run, { round, at }: Look): number {
  const before = run.rounds.slice(0, run.rounds.indexOf(round));
  // a round of the run that this one left stands in what came before
  const inherited = run.before.findIndex(({ from }) => from?.round === round);
  const start =
    run.rounds.includes(round) || inherited < 0
      ? run.before.length + before.reduce((sum, { tokens }) => sum + tokens.length, 0)
      : inherited;
  return start + Math.min(at, acceptedIn(round));
}

function Answer({ run }: { readonly run: Run }) {
  const written = useMemo(() => writtenIn(run), [run.before, run.rounds]);
  const shown = useMemo(() => shownIn(run, written), [written, run.pieces]);
  const [compared, setCompared] = useState<TracedRound>();
  // with the run itself: a round that is chosen at once stays chosen
  useLayoutEffect(() => setCompared(undefined), [run.id]);
  const { special } = settings.value;
  const lookOf = (index: number | undefined): Look | undefined => {
    const from = index === undefined ? undefined : written[index]?.from;
    return from === undefined ? undefined : { ...from, pieces: run.pieces };
  };
  const looked =
    look.value &&
    written.findIndex(({ from }) => from?.round === look.value!.round && from.at === look.value!.at);
  const sources = [...new Set(written.map(({ source }) => source))].filter((source) => source !== 'standard');
  const plain = run.request.draftLength === 0;
  return (
    <>
      <section class="card answer" aria-label="The answer">
        <AnswerHead run={run} />
        <TokenText
          class="prose"
          label="Tokens of the answer"
          tokens={shown}
          special={special}
          chosen={looked === undefined || looked < 0 ? undefined : looked}
          onLook={(index) => lookAt(lookOf(index))}
          onPick={(index) => pin(lookOf(index))}
        />
        {run.end && (
          <p class="hidden" role="status">
            {run.end.text}
          </p>
        )}
        {run.fault !== undefined && (
          <p class="fault" role="alert">
            {run.fault}
          </p>
        )}
        <div class="legend-row">
          {!plain && <Legend sources={['standard', ...order(sources)]} />}
          <label class="check">
            <input
              type="checkbox"
              checked={special}
              onChange={({ currentTarget }) => change({ special: currentTarget.checked })}
            />
            Special tokens
          </label>
        </div>
      </section>
      {!plain && run.rounds.length > 0 && (
        <section class="card" aria-label="Round by round">
          <div class="section-head">
            <h2>Round by round</h2>
            <p class="soft">
              What was drafted, and what became of it. Click a <span class="t t-rejected">rejected</span>{' '}
              token to force it: the target goes on from there.
            </p>
          </div>
          <RoundList
            rounds={run.rounds}
            pieces={run.pieces}
            special={special}
            chosen={compared}
            onChoose={(round) => setCompared(round === compared ? undefined : round)}
            onPick={(round, at, source) => {
              const place = { round, at, pieces: run.pieces };
              // where nothing can be hovered, the first touch shows what the second would do
              const canHover = matchMedia('(hover: hover)').matches;
              if (source === 'rejected' && canHover) void force(run, placeOf(run, place), round.draft[at]!);
              else pin(place);
            }}
          />
        </section>
      )}
      {compared && <Compared key={run.rounds.indexOf(compared)} run={run} round={compared} />}
    </>
  );
}

const ORDER = ['judge', 'recovered', 'bonus', 'forced'];
const order = (sources: readonly string[]) =>
  [...sources].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));

/** Asks the models: with whole distributions at hand, every rule has an opinion. */
function Compared({ run, round }: { readonly run: Run; readonly round: TracedRound }) {
  const [rows, setRows] = useState<readonly RuleOpinions[] | string>();
  const own = asked.value;
  const specs = useMemo(() => {
    const listed = COMPARED.map((text) => parseRule(text));
    const all = 'spec' in own ? [...listed, own.spec] : listed;
    return all.filter(
      (spec, index) => all.findIndex((each) => JSON.stringify(each) === JSON.stringify(spec)) === index,
    );
  }, [own]);
  useEffect(() => {
    let left = false;
    const at = run.rounds.indexOf(round);
    const before = [...run.before, ...run.rounds.slice(0, at).flatMap(({ tokens }) => tokens)];
    const text = [...run.prompt, ...before.map(({ id }) => id)];
    engine.ask('opinions', { prompt: run.prompt, text, draft: round.draft, specs }).then(
      (answered) => left || setRows(answered),
      (error: Error) => left || setRows(error.message),
    );
    return () => {
      left = true;
    };
  }, [round, specs]);
  return (
    <section class="card" aria-label="Rules side by side">
      <div class="section-head">
        <h2>Rules side by side</h2>
        <p class="soft">
          Round {run.rounds.indexOf(round) + 1}: which rule lets in which token of this draft.
        </p>
      </div>
      {rows === undefined ? (
        <p class="soft" role="status">
          asking the models
        </p>
      ) : typeof rows === 'string' ? (
        <p class="fault" role="alert">
          {rows}
        </p>
      ) : (
        <RuleTable draft={round.draft} pieces={run.pieces} rows={rows} verify={run.request.verify} />
      )}
    </section>
  );
}
