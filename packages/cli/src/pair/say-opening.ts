/** `total` 0: nobody knows how far it is. */
export type OnOpening = (what: string, done: number, total: number) => void;

export interface Opening {
  /** What backends say of their own work goes through here. */
  readonly onProgress: OnOpening;
  /** The models are open, or are not. */
  readonly end: () => void;
}

/** Milliseconds after which opening is worth a word. */
const WORTH_A_WORD = 300;

/**
 * Says that models are being opened, before their backends report on what they write and behind it: reading a
 * file of some gigabytes and setting a runtime up takes many seconds of which nobody knows how many are left.
 */
export function sayOpening(names: readonly string[], told: OnOpening | undefined): Opening {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    clearTimeout(timer);
    if (told === undefined) return;
    timer = setTimeout(() => told(`opening ${names.join(' and ')}`, 0, 0), WORTH_A_WORD);
  };
  soon();
  const onProgress: OnOpening = (what, done, total) => {
    clearTimeout(timer);
    told?.(what, done, total);
    if (done >= total) soon();
  };
  return { onProgress, end: () => clearTimeout(timer) };
}
