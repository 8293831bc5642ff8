import { buildRule, GREEDY, parseRule, sayRule } from '@judge-decoding/core';
import { TokenText } from '@judge-decoding/page-parts';
import {
  atThreshold,
  opinionsOf,
  type Replanned,
  rebuiltRound,
  replan,
  savedHead,
  type Trace,
  thresholdOf,
  whyNotReplanned,
} from '@judge-decoding/trace';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { RuleOpinions } from '../engine/protocol.ts';
import { Inspector } from '../parts/inspector.tsx';
import { pack } from '../parts/packed.ts';
import { COMPARED, RuleTable } from '../parts/rule-table.tsx';
import { pin } from '../state/look.ts';
import { Counterfactual } from './counterfactual.tsx';
import { RoundColumns } from './round-columns.tsx';

/** Longer links are cut by what carries them. */
const LONGEST_LINK = 30_000;

export function TraceSteps({ trace }: { readonly trace: Trace }) {
  const [at, setAt] = useState(0);
  const [threshold, setThreshold] = useState<number>();
  const decided = thresholdOf(trace);
  const round = trace.rounds[at];
  const spec = threshold === undefined ? trace.verify : atThreshold(trace.verify, threshold);
  const why = decided === undefined ? 'No judge was asked in this trace.' : whyNotReplanned(trace, spec);
  const replanned = useMemo(
    (): readonly Replanned[] | undefined =>
      why === undefined && threshold !== undefined ? replan(trace, spec) : undefined,
    [trace, threshold, why],
  );
  const before = useMemo(
    () =>
      trace.rounds
        .slice(0, at)
        .flatMap(({ tokens }) => tokens.map((token) => ({ ...token, piece: trace.pieces[token.id] }))),
    [trace, at],
  );
  useLayoutEffect(() => pin(undefined), [at, trace]);
  if (round === undefined) return <p class="card">This trace has no round.</p>;
  return (
    <div class="with-inspector">
      <div class="column">
        <TraceFacts trace={trace} />
        <section class="card" aria-label="One round">
          <Stepper at={at} count={trace.rounds.length} onChange={setAt} />
          <TokenText class="prose past" label="The text before this round" tokens={before} />
          <RoundColumns
            round={round}
            pieces={trace.pieces}
            threshold={threshold ?? decided}
            instead={replanned?.[at]}
          />
        </section>
        <Counterfactual
          trace={trace}
          decided={decided}
          threshold={threshold}
          why={why}
          replanned={replanned}
          at={at}
          onThreshold={(next) => setThreshold(next === decided ? undefined : next)}
          onRound={setAt}
        />
        {round.draft.length > 0 && <Rules trace={trace} at={at} />}
      </div>
      <Inspector threshold={threshold ?? decided} />
    </div>
  );
}

function TraceFacts({ trace }: { readonly trace: Trace }) {
  const [link, setLink] = useState<'none' | 'copied' | 'long'>('none');
  const { target, draft, verify, backend, rounds, finish } = trace;
  const accepted = rounds.reduce(
    (sum, { tokens }) =>
      sum + tokens.filter(({ source }) => source !== 'recovered' && source !== 'bonus').length,
    0,
  );
  const name = (folder: string) => folder.replaceAll('\\', '/').replace(/\/$/, '').split('/').at(-1);
  const copy = async () => {
    const packed = await pack(JSON.stringify(trace));
    if (packed.length > LONGEST_LINK) return setLink('long');
    await navigator.clipboard
      ?.writeText(`${location.href.split('#')[0]}#/steps?packed=${packed}`)
      .catch(() => undefined);
    setLink('copied');
  };
  return (
    <section class="card" aria-label="The trace">
      <div class="figures-row">
        <dl class="figures">
          <Figure name="rule" value={sayRule(verify)} />
          <Figure name="accepted a round" value={(accepted / (rounds.length || 1)).toFixed(1)} />
          <Figure name="rounds" value={String(rounds.length)} />
          <Figure name="target" value={`${name(target.folder)} (${target.dtype})`} />
          <Figure
            name="draft"
            value={typeof draft === 'string' ? draft : `${name(draft.folder)} (${draft.dtype})`}
          />
          <Figure name="ran on" value={ranOn(backend, target.device)} />
          <Figure name="ended by" value={finish} />
        </dl>
        <span class="buttons">
          <button type="button" class="link" onClick={() => void copy()}>
            {
              { none: 'Copy as link', copied: 'Link copied', long: 'Too long for a link: send the file' }[
                link
              ]
            }
          </button>
        </span>
      </div>
    </section>
  );
}

/** In words where a device has some; the runtime’s name beside a name that says little alone. */
const ranOn = (backend: string, device: string): string =>
  device === 'wasm' ? 'processor (WebAssembly)' : backend === device ? device : `${backend}, ${device}`;

const Figure = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** From round to round, by button, slider or arrow keys. */
function Stepper({
  at,
  count,
  onChange,
}: {
  readonly at: number;
  readonly count: number;
  readonly onChange: (at: number) => void;
}) {
  const go = (to: number) => onChange(Math.max(0, Math.min(count - 1, to)));
  return (
    <div class="stepper">
      <button type="button" aria-label="Round before" disabled={at === 0} onClick={() => go(at - 1)}>
        ←
      </button>
      <label>
        <span>
          Round <b>{at + 1}</b> of {count}
        </span>
        <input
          type="range"
          min={0}
          max={count - 1}
          value={at}
          aria-valuetext={`round ${at + 1} of ${count}`}
          onInput={({ currentTarget }) => go(Number(currentTarget.value))}
        />
      </label>
      <button type="button" aria-label="Next round" disabled={at === count - 1} onClick={() => go(at + 1)}>
        →
      </button>
    </div>
  );
}

/** Rules that need no more than a trace keeps, on the draft of this round. */
function Rules({ trace, at }: { readonly trace: Trace; readonly at: number }) {
  const rows = useMemo((): readonly RuleOpinions[] => {
    const head = savedHead(trace.head?.threshold ?? 1);
    const { round, guards } = rebuiltRound(trace, at);
    return COMPARED.map((text) => {
      const spec = parseRule(text);
      const noScores = text === 'judge' && trace.rounds[at]!.scores.length === 0;
      const refused = noScores
        ? 'No judge was asked, so the trace has no scores.'
        : whyNotReplanned(trace, spec);
      if (refused !== undefined) return { spec, opinions: [], refused };
      const { base, admission } = buildRule(spec, { sampling: GREEDY, head });
      return { spec, opinions: opinionsOf(round, base, admission, guards) };
    });
  }, [trace, at]);
  return (
    <section class="card" aria-label="Rules side by side">
      <div class="section-head">
        <h2>Rules side by side</h2>
        <p class="soft">Which rule lets in which token of this draft, from what the trace kept.</p>
      </div>
      <RuleTable draft={trace.rounds[at]!.draft} pieces={trace.pieces} rows={rows} verify={trace.verify} />
    </section>
  );
}
