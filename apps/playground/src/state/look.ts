import type { TokenPiece, TracedRound } from '@judge-decoding/trace';
import { computed, signal } from '@preact/signals';

/** A place of a round that is looked at: `at` counts what was drafted, and one more for the target's own token. */
export interface Look {
  readonly round: TracedRound;
  readonly at: number;
  readonly pieces: Readonly<Record<string, TokenPiece>>;
}

/** Hovered or focused just now. */
export const passing = signal<Look | undefined>(undefined);
/** Chosen by a click, and kept until the next. */
export const pinned = signal<Look | undefined>(undefined);
export const look = computed(() => passing.value ?? pinned.value);

export function lookAt(next: Look | undefined): void {
  passing.value = next;
}
export function pin(next: Look | undefined): void {
  pinned.value = next;
  passing.value = undefined;
}
