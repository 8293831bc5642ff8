/**
 * Shows what has come since the last frame at once, not each by itself: a page that draws all the while takes time from the
 * decoding that it shows.
 */
export function byFrame<Event>(show: (events: readonly Event[]) => void): {
  readonly add: (event: Event) => void;
  /** Shows what is waiting. */
  readonly now: () => void;
} {
  let waiting: Event[] = [];
  let frame: number | undefined;
  const now = () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    show(events);
  };
  const add = (event: Event) => {
    waiting.push(event);
    frame ??= requestAnimationFrame(now);
  };
  return { add, now };
}
