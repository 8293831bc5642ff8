import { markOf, saySource } from '@judge-decoding/page-parts';
import type { ComponentChildren } from 'preact';
import { type Look, look, pin, pinned } from '../state/look.ts';
import { acceptedIn, laneOf, ownTokenOf, percent, sayPiece, sayScore } from './lane.ts';

export interface InspectorProps {
  /** The cut that decided, where a judge was asked. */
  readonly threshold: number | undefined;
  /** Absent where nothing can be decoded on from here. */
  readonly onForce?: (look: Look, token: number) => void;
  readonly onRewind?: (look: Look) => void;
}

/** Everything about the token that is hovered, focused or chosen. */
export function Inspector(props: InspectorProps) {
  const at = look.value;
  return (
    <aside class={`inspector card${pinned.value ? ' pinned' : ''}`} aria-label="About one token">
      {at === undefined ? (
        <div class="hint">
          <h2>Look at a token</h2>
          <p class="soft">
            Hover or focus a token: its score, what the target would have written, and what else it thought
            of.
          </p>
        </div>
      ) : (
        <Details {...props} at={at} />
      )}
    </aside>
  );
}

function Details({ at: looked, threshold, onForce, onRewind }: InspectorProps & { readonly at: Look }) {
  const { round, at, pieces } = looked;
  const row = round.rows[at]!;
  const drafted = round.draft[at];
  const accepted = acceptedIn(round);
  const shown = laneOf(round, pieces).filter((token) => token.at === at);
  const source = shown[0]?.source ?? 'bonus';
  const own = at === accepted ? ownTokenOf(round) : undefined;
  const score = round.scores[at];
  const reachable = at <= accepted;
  return (
    <>
      <header>
        <span class={`big t t-${markOf(source)}`}>{sayPiece(pieces[drafted ?? own?.id ?? row.choice])}</span>
        <button type="button" class="quiet close" aria-label="Close" onClick={() => pin(undefined)}>
          ✕
        </button>
      </header>
      <p>
        {drafted === undefined ? 'Behind the draft: ' : 'Drafted, '}
        {saySource(source)}
        {own && own.source === 'recovered' && (
          <>
            ; the target wrote <Piece pieces={pieces} id={own.id} /> there
          </>
        )}
        .
      </p>
      <dl class="facts">
        {typeof score === 'number' && drafted !== undefined && (
          <Fact name="Judge’s score">
            <ScoreBar score={score} threshold={threshold} />
          </Fact>
        )}
        {drafted !== undefined && (
          <Fact name="Target gives it">
            {row.drafted === undefined || row.drafted === null ? 'nothing' : percent(row.drafted)}
          </Fact>
        )}
        <Fact name="Its own choice">
          <Piece pieces={pieces} id={row.choice} />
          {row.choice === drafted && ', the same'}
        </Fact>
        <Fact name="How unsure it is">{row.entropy.toFixed(2)} nats</Fact>
      </dl>
      <h3>What it thought of</h3>
      <ul class="likely">
        {row.top.map(([id, logProb]) => (
          <li key={id} class={id === drafted ? 'drafted' : ''}>
            <span class="bar" style={{ '--share': Math.exp(logProb) }} aria-hidden="true" />
            <Piece pieces={pieces} id={id} />
            <span class="share">{percent(logProb)}</span>
            {onForce && reachable && (
              <button
                type="button"
                class="link"
                aria-label={`What if ${sayPiece(pieces[id])} stood here?`}
                onClick={() => onForce(looked, id)}
              >
                what if?
              </button>
            )}
          </li>
        ))}
      </ul>
      {(onForce || onRewind) && reachable && (
        <div class="actions">
          {onForce && drafted !== undefined && source === 'rejected' && (
            <button type="button" class="primary" onClick={() => onForce(looked, drafted)}>
              Force “{sayPiece(pieces[drafted])}”
            </button>
          )}
          {onRewind && (
            <button type="button" onClick={() => onRewind(looked)}>
              Rewind to here
            </button>
          )}
        </div>
      )}
    </>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

export const Piece = ({ pieces, id }: { readonly pieces: Look['pieces']; readonly id: number }) => (
  <span class="piece">{sayPiece(pieces[id])}</span>
);

/** On the scale of logits, as the threshold's slider: between 0.9 and 0.999 is room. */
export function ScoreBar({
  score,
  threshold,
}: {
  readonly score: number;
  readonly threshold: number | undefined;
}) {
  const place = (value: number) => Math.max(0, Math.min(1, (Math.log(value / (1 - value)) + 7) / 16));
  const passes = threshold !== undefined && score > threshold;
  return (
    <span class={`score${passes ? ' passes' : ''}`}>
      <span class="track" aria-hidden="true">
        <span class="fill" style={{ width: `${100 * place(score)}%` }} />
        {threshold !== undefined && <span class="cut" style={{ left: `${100 * place(threshold)}%` }} />}
      </span>
      <span>
        {sayScore(score)}
        {threshold !== undefined && (
          <span class="soft">
            {' '}
            {passes ? 'above' : 'not above'} {sayScore(threshold)}
          </span>
        )}
      </span>
    </span>
  );
}
