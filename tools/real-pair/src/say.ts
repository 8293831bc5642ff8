/** One line on stderr. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

const minutes = (milliseconds: number) => `${(milliseconds / 60_000).toFixed(1)} min`;

/** How far, how long so far, and how long the rest will take. */
export function progressLine(
  what: string,
): (progress: { readonly done: number; readonly total: number }) => void {
  const started = performance.now();
  // what an earlier run left there is told at once and says nothing of what is to come
  let first: { readonly done: number; readonly at: number } | undefined;
  return ({ done, total }) => {
    const now = performance.now();
    first ??= { done, at: now };
    const pace = done > first.done ? (now - first.at) / (done - first.done) : now - started;
    say(
      `${what}: ${done} of ${total}, ${minutes(now - started)}, about ${minutes(pace * (total - done))} left`,
    );
  };
}
