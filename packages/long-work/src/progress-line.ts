/**
 * What `onProgress` of `runArms` and its like takes: how far, how long so far and how long the rest
 * will take, a line on stderr at most every two seconds but for the last.
 */
export function progressLine(
  what: string,
  write = (line: string): void => void process.stderr.write(`${line}\n`),
  now = (): number => performance.now(),
): (progress: { readonly done: number; readonly total: number }) => void {
  const started = now();
  let last = started;
  // what is done when it is first told may be of an earlier run, and says nothing of what is to come
  let first: { readonly done: number; readonly at: number } | undefined;
  return ({ done, total }) => {
    const at = now();
    first ??= { done, at };
    if (done < total && at - last < 2000) return;
    last = at;
    const pace =
      done > first.done ? (at - first.at) / (done - first.done) : (at - started) / Math.max(1, done);
    write(
      `${what}: ${done} of ${total}, ${duration(at - started)}, about ${duration(pace * (total - done))} left`,
    );
  };
}

/** As long as somebody waits for it: `45 s`, `10.6 min`, `3.2 h`. */
export const duration = (milliseconds: number): string =>
  milliseconds < 120_000
    ? `${Math.round(milliseconds / 1000)} s`
    : milliseconds < 7_200_000
      ? `${(milliseconds / 60_000).toFixed(1)} min`
      : `${(milliseconds / 3_600_000).toFixed(1)} h`;
