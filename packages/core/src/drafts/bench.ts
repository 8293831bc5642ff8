import type { Model, Session, TokenId } from '../backend.ts';

/** A model and one of its sessions, which is empty before and after. */
export interface Measured {
  readonly model: Model;
  readonly session: Session;
}

/** Who is measured, and by which clock. */
export interface Bench {
  readonly target: Measured;
  readonly draft: Measured | undefined;
  /** Milliseconds of a piece of work. */
  readonly clock: (work: () => Promise<unknown>) => Promise<number>;
  /** Rounds of a kind that there is time for: as asked, or one. */
  repeats(): number;
  /** Told what a pass of one row took. */
  oneRow(milliseconds: number): void;
  /** A kind of rounds is measured. */
  done(): void;
}

/** Milliseconds that rounds of a kind take at least, where there are enough of them. */
export const LONG_ENOUGH = 120;

/** A token that every vocabulary has, for a text to go on with. */
export const ANY: TokenId = 3;

/** Gives back what lies behind so many tokens. */
export const back = (to: Measured | undefined, length: number): void => to?.session.truncate(length);
