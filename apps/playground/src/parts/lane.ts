import type { ShownToken } from '@judge-decoding/page-parts';
import type { TokenPiece, TracedRound } from '@judge-decoding/trace';

/** A token of a round as it is shown: what was drafted, and what the target put in its place. */
export interface LaneToken extends ShownToken {
  /** The row of the target that it stands against. */
  readonly at: number;
}

/** How many drafted tokens of a round were kept. */
export const acceptedIn = ({ tokens }: Pick<TracedRound, 'tokens'>): number =>
  tokens.filter(({ source }) => source !== 'recovered' && source !== 'bonus').length;

/** What the target wrote itself, at a rejection or behind a whole draft. */
export const ownTokenOf = ({ tokens }: Pick<TracedRound, 'tokens'>) => {
  const last = tokens.at(-1);
  return last?.source === 'recovered' || last?.source === 'bonus' ? last : undefined;
};

/**
 * A round from left to right: what was kept, what was rejected, what the target wrote there, and what was
 * drafted behind it for nothing. Behind a text that ended inside the draft nothing was rejected.
 */
export function laneOf(
  round: TracedRound,
  pieces: Readonly<Record<string, TokenPiece>>,
): readonly LaneToken[] {
  const { draft, tokens, scores } = round;
  const accepted = acceptedIn(round);
  const own = ownTokenOf(round);
  const drafted = draft.map(
    (id, at): LaneToken => ({
      id,
      at,
      piece: pieces[id],
      score: scores[at],
      source:
        at < accepted
          ? tokens[at]!.source
          : at === accepted && own?.source === 'recovered'
            ? 'rejected'
            : 'discarded',
    }),
  );
  if (own === undefined) return drafted;
  const written: LaneToken = { id: own.id, at: accepted, piece: pieces[own.id], source: own.source };
  const end = own.source === 'recovered' ? accepted + 1 : accepted;
  return [...drafted.slice(0, end), written, ...drafted.slice(end)];
}

/** The text of one token, as a line of prose can hold it. */
export function sayPiece(piece: TokenPiece | undefined): string {
  if (piece === undefined) return '?';
  if (typeof piece !== 'string') return 'special' in piece ? piece.special : `⟨${piece.hex}⟩`;
  if (piece === '') return '∅';
  return piece.replaceAll('\n', '↵').replaceAll('\t', '⇥').replace(/^ | $/g, '␣');
}

/** The same in a narrow column: a space in front of a word goes without saying. */
export const shortPiece = (piece: TokenPiece | undefined): string => sayPiece(piece).replace(/^␣(?=.)/, '');

export const percent = (logProb: number): string => {
  const share = 100 * Math.exp(logProb);
  if (share >= 99.95) return '100 %';
  if (share >= 10) return `${share.toFixed(0)} %`;
  if (share >= 0.1) return `${share.toFixed(1)} %`;
  return share >= 0.001 ? `${share.toFixed(3)} %` : '< 0.001 %';
};

/** Scores near the ends differ where it matters: 0.99 is far from 0.999. */
export const sayScore = (score: number): string =>
  String(Number(score.toFixed(score > 0.95 || score < 0.05 ? 4 : 2)));
