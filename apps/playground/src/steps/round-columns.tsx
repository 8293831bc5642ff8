import { markOf, saySource } from '@judge-decoding/page-parts';
import type { Replanned, TokenPiece, TracedRound } from '@judge-decoding/trace';
import { acceptedIn, laneOf, ownTokenOf, percent, sayPiece, sayScore, shortPiece } from '../parts/lane.ts';
import { Scroll } from '../parts/scroll.tsx';
import { look, lookAt, pin } from '../state/look.ts';

/** A round as columns: a drafted token, what the target would have written there, the score, and the decision. */
export function RoundColumns({
  round,
  pieces,
  threshold,
  instead,
}: {
  readonly round: TracedRound;
  readonly pieces: Readonly<Record<string, TokenPiece>>;
  readonly threshold: number | undefined;
  /** What another threshold would have kept. */
  readonly instead?: Replanned | undefined;
}) {
  const drafted = laneOf(round, pieces).filter(({ source }) => source !== 'recovered' && source !== 'bonus');
  const own = ownTokenOf(round);
  const place = (at: number) => ({ round, at, pieces });
  const columns = Array.from(
    { length: round.draft.length + (own?.source === 'bonus' ? 1 : 0) },
    (_, at) => at,
  );
  return (
    <Scroll label="The round, token by token">
      <table class="columns">
        <tbody>
          <tr>
            <th scope="row">drafted</th>
            {columns.map((at) => {
              const token = drafted[at];
              return (
                <td key={at}>
                  {token === undefined ? (
                    <span class="soft">–</span>
                  ) : (
                    <button
                      type="button"
                      class={`t t-${markOf(token.source)}${look.value?.round === round && look.value.at === at ? ' t-chosen' : ''}`}
                      aria-label={`${sayPiece(token.piece)}, ${saySource(token.source)}`}
                      onPointerEnter={() => lookAt(place(at))}
                      onPointerLeave={() => lookAt(undefined)}
                      onFocus={() => lookAt(place(at))}
                      onClick={() => pin(place(at))}
                    >
                      {shortPiece(token.piece)}
                    </button>
                  )}
                </td>
              );
            })}
          </tr>
          <tr>
            <th scope="row">target’s choice</th>
            {columns.map((at) => {
              const { choice, top } = round.rows[at]!;
              const same = choice === round.draft[at];
              return (
                <td key={at} class={same ? 'same' : ''}>
                  {same ? <span title="the same">=</span> : shortPiece(pieces[choice])}
                  <small>{percent(top[0]?.[1] ?? Number.NEGATIVE_INFINITY)}</small>
                </td>
              );
            })}
          </tr>
          {round.scores.length > 0 && (
            <tr>
              <th scope="row">score</th>
              {columns.map((at) => {
                const score = round.scores[at];
                const passes = typeof score === 'number' && threshold !== undefined && score > threshold;
                return (
                  <td key={at} class={passes ? 'passes' : 'fails'}>
                    {typeof score === 'number' ? sayScore(score) : ''}
                  </td>
                );
              })}
            </tr>
          )}
          <tr>
            <th scope="row">{instead === undefined ? 'decision' : 'it was'}</th>
            {columns.map((at) => (
              <Decision key={at} accepted={acceptedIn(round)} tokens={round.tokens} at={at} pieces={pieces} />
            ))}
          </tr>
          {instead !== undefined && (
            <tr class="instead">
              <th scope="row">would be</th>
              {columns.map((at) => (
                <Decision
                  key={at}
                  accepted={instead.accepted}
                  tokens={instead.tokens}
                  at={at}
                  pieces={pieces}
                />
              ))}
            </tr>
          )}
        </tbody>
      </table>
    </Scroll>
  );
}

function Decision({
  accepted,
  tokens,
  at,
  pieces,
}: {
  readonly accepted: number;
  readonly tokens: TracedRound['tokens'];
  readonly at: number;
  readonly pieces: Readonly<Record<string, TokenPiece>>;
}) {
  const token = tokens[at];
  if (token === undefined) return <td class="soft">·</td>;
  if (at < accepted) {
    const standard = token.source === 'standard';
    return (
      <td class={standard ? '' : 'admitted'}>
        <span aria-hidden="true">{standard ? '✓' : '◐'}</span>
        <small>{standard ? 'standard' : token.source}</small>
      </td>
    );
  }
  return (
    <td class="own">
      <span>{shortPiece(pieces[token.id])}</span>
      <small>{token.source}</small>
    </td>
  );
}
