import { TokenText } from '@judge-decoding/page-parts';
import type { TokenPiece, TracedRound } from '@judge-decoding/trace';
import { useMemo } from 'preact/hooks';
import { look, lookAt } from '../state/look.ts';
import { acceptedIn, laneOf } from './lane.ts';

export interface RoundListProps {
  readonly rounds: readonly TracedRound[];
  readonly pieces: Readonly<Record<string, TokenPiece>>;
  readonly special: boolean;
  /** A token of a round is clicked. */
  readonly onPick: (round: TracedRound, at: number, source: string) => void;
  /** The round whose rules stand beside each other. */
  readonly chosen?: TracedRound | undefined;
  readonly onChoose?: (round: TracedRound) => void;
}

/** Every round as a lane: what was drafted, and what became of it. */
export function RoundList({ rounds, ...props }: RoundListProps) {
  return (
    <ol class="rounds" aria-label="Rounds">
      {rounds.map((round, index) => (
        // a round never changes, and never moves
        <RoundLane key={index} {...props} round={round} number={index + 1} />
      ))}
    </ol>
  );
}

function RoundLane({
  round,
  number,
  pieces,
  special,
  onPick,
  chosen,
  onChoose,
}: Omit<RoundListProps, 'rounds'> & { readonly round: TracedRound; readonly number: number }) {
  const lane = useMemo(() => laneOf(round, pieces), [round]);
  const accepted = acceptedIn(round);
  const looked = look.value?.round === round ? lane.findIndex(({ at }) => at === look.value!.at) : undefined;
  return (
    <li class={`round${round === chosen ? ' chosen' : ''}`}>
      <span class="count" title={`${accepted} of ${round.draft.length} drafted tokens kept`}>
        <span class="hidden">Round {number}: </span>
        {accepted}
        <span class="of">/{round.draft.length}</span>
      </span>
      <TokenText
        label={`Round ${number}, ${accepted} of ${round.draft.length} drafted tokens kept`}
        tokens={lane}
        special={special}
        chosen={looked}
        onLook={(index) => lookAt(index === undefined ? undefined : { round, at: lane[index]!.at, pieces })}
        onPick={(index) => onPick(round, lane[index]!.at, lane[index]!.source)}
      />
      {onChoose && (
        <button
          type="button"
          class="quiet rules"
          aria-pressed={round === chosen}
          aria-label={`Compare rules on round ${number}`}
          title="Compare rules on this draft"
          onClick={() => onChoose(round)}
        >
          ⚖
        </button>
      )}
    </li>
  );
}
