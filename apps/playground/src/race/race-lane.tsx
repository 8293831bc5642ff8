import { TokenText } from '@judge-decoding/page-parts';
import { useMemo } from 'preact/hooks';
import { acceptedIn } from '../parts/lane.ts';
import { type Lane, laneAt } from '../state/race.ts';
import { seconds } from './seconds.ts';

/** One way to decode: its rounds along the clock, and its text so far. */
export function RaceLane({
  lane,
  time,
  until,
  plain,
  most,
}: {
  readonly lane: Lane;
  readonly time: number;
  /** When the last of all lanes is done. */
  readonly until: number;
  readonly plain: Lane | undefined;
  /** Tokens that a round of any lane can commit. */
  readonly most: number;
}) {
  const { name, rounds, times, pieces, draftLength } = lane;
  const now = laneAt(lane, time);
  const shown = useMemo(
    () =>
      rounds.slice(0, now.rounds).flatMap(({ tokens }) =>
        tokens.map((token) => ({
          ...token,
          piece: pieces[token.id],
          // all of it is the target's own: there is nothing to tell apart
          ...(draftLength === 0 ? { source: 'standard' } : {}),
        })),
      ),
    [rounds, now.rounds],
  );
  const elapsed = times.at(-1);
  const perSecond = speedOf(lane);
  const times100 =
    plain && plain !== lane && plain.done && lane.done ? perSecond / speedOf(plain) : undefined;
  const accepted = rounds.reduce((sum, round) => sum + acceptedIn(round), 0) / (rounds.length || 1);
  const finished = elapsed !== undefined && time >= elapsed && lane.done;
  return (
    <li class={`lane${finished ? ' finished' : ''}`}>
      <div class="lane-head">
        <h3>{name}</h3>
        <dl class="figures">
          {elapsed !== undefined && lane.done && (
            <>
              <Figure name="tokens a second" value={perSecond.toFixed(perSecond < 10 ? 1 : 0)} />
              {draftLength > 0 && <Figure name="accepted a round" value={accepted.toFixed(1)} />}
              {times100 !== undefined && <Figure name="of plain’s speed" value={`${times100.toFixed(2)}×`} />}
              <Figure name="done after" value={seconds(elapsed)} />
            </>
          )}
        </dl>
      </div>
      <Track lane={lane} done={now.rounds} time={time} until={until} most={most} />
      <TokenText class="prose small" label={`Tokens of ${name}`} tokens={shown} />
    </li>
  );
}

const speedOf = ({ rounds, times }: Lane): number =>
  (1000 * rounds.reduce((sum, { tokens }) => sum + tokens.length, 0)) / (times.at(-1) || 1);

const Figure = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** Rounds along the clock: each as wide as it took, as high as what it committed. */
function Track({
  lane,
  done,
  time,
  until,
  most,
}: {
  readonly lane: Lane;
  /** Rounds by that time. */
  readonly done: number;
  readonly time: number;
  readonly until: number;
  readonly most: number;
}) {
  const { rounds, times, name } = lane;
  const end = until || times.at(-1) || 1;
  const x = (at: number) => (1000 * at) / end;
  return (
    <svg
      class="track"
      viewBox="0 0 1000 64"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${name}: ${rounds.length} rounds in ${seconds(times.at(-1) ?? 0)}`}
    >
      {rounds.slice(0, done).map((round, index) => {
        const [from, to] = [index === 0 ? 0 : times[index - 1]!, times[index]!];
        let y = 64;
        return segmentsOf(round.tokens).map(({ mark, count }) => {
          const height = (60 * count) / most;
          y -= height;
          const gap = Math.min(1.5, (x(to) - x(from)) * 0.2);
          return (
            <rect
              key={`${index} ${mark}`}
              class={`s-${mark}`}
              x={x(from)}
              y={y}
              width={Math.max(0.4, x(to) - x(from) - gap)}
              height={height}
            />
          );
        });
      })}
      {Number.isFinite(time) && <line class="playhead" x1={x(time)} x2={x(time)} y1={0} y2={64} />}
    </svg>
  );
}

/** What a round committed, from the bottom up: standard, let in, written by the target. */
function segmentsOf(tokens: readonly { readonly source: string }[]) {
  const own = tokens.filter(({ source }) => source === 'recovered' || source === 'bonus').length;
  const standard = tokens.filter(({ source }) => source === 'standard').length;
  return [
    { mark: 'standard', count: standard },
    { mark: 'judge', count: tokens.length - standard - own },
    { mark: 'target', count: own },
  ].filter(({ count }) => count > 0);
}
