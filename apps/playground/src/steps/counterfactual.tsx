import type { Replanned, Trace } from '@judge-decoding/trace';
import { acceptedIn, sayScore } from '../parts/lane.ts';
import { ThresholdSlider } from '../parts/threshold-slider.tsx';

/** The threshold as a slider: what each round would have kept, from the scores that the trace saved. */
export function Counterfactual({
  trace,
  decided,
  threshold,
  why,
  replanned,
  at,
  onThreshold,
  onRound,
}: {
  readonly trace: Trace;
  /** What decided then. */
  readonly decided: number | undefined;
  /** Undefined while it is that. */
  readonly threshold: number | undefined;
  /** Why nothing can be asked. */
  readonly why: string | undefined;
  readonly replanned: readonly Replanned[] | undefined;
  readonly at: number;
  readonly onThreshold: (threshold: number | undefined) => void;
  readonly onRound: (at: number) => void;
}) {
  const then = trace.rounds.map(acceptedIn);
  const now = replanned?.map(({ accepted }) => accepted);
  const most = Math.max(1, ...trace.rounds.map(({ draft }) => draft.length));
  const mean = (counts: readonly number[]) =>
    (counts.reduce((sum, count) => sum + count, 0) / (counts.length || 1)).toFixed(2);
  const changed = replanned?.filter(({ differs }) => differs).length ?? 0;
  return (
    <section
      class={`card counterfactual${threshold === undefined ? '' : ' on'}`}
      aria-label="Another threshold"
    >
      <div class="section-head">
        <h2>
          Another threshold <span class="badge">counterfactual</span>
        </h2>
        <p class="soft">
          Each round’s draft decided again from its saved scores. The text that would have followed another
          decision is in no trace, so every round stands on what was written then.
        </p>
      </div>
      {why !== undefined || decided === undefined ? (
        <p class="note">{why}</p>
      ) : (
        <>
          <ThresholdSlider value={threshold ?? decided} usual={decided} onChange={onThreshold} />
          <p role="status">
            {now === undefined ? (
              <>
                At {sayScore(decided)}, as it was decided: {mean(then)} accepted a round.
              </>
            ) : (
              <>
                <b>{mean(now)}</b> accepted a round instead of {mean(then)}; {changed} of {then.length} rounds
                would have gone otherwise.
              </>
            )}
          </p>
        </>
      )}
      <ol class="round-bars" aria-label="Accepted tokens in each round">
        {then.map((accepted, index) => (
          <li key={index}>
            <button
              type="button"
              aria-current={index === at ? 'step' : undefined}
              aria-label={`Round ${index + 1}: ${accepted} of ${trace.rounds[index]!.draft.length} accepted${now === undefined || now[index] === accepted ? '' : `, would be ${now[index]}`}`}
              onClick={() => onRound(index)}
            >
              <span class="then" style={{ height: `${(100 * accepted) / most}%` }} />
              {now !== undefined && <span class="now" style={{ bottom: `${(100 * now[index]!) / most}%` }} />}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
