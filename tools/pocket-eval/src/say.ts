/** One line of progress on stderr, at most one in two seconds but for the last. */
export function progressLine(
  what: string,
): (progress: { readonly done: number; readonly total: number }) => void {
  const started = performance.now();
  let last = started;
  // what an earlier run left there is told at once and says nothing of what is to come
  let first: { readonly done: number; readonly at: number } | undefined;
  return ({ done, total }) => {
    const now = performance.now();
    first ??= { done, at: now };
    if (done < total && now - last < 2000) return;
    last = now;
    const pace =
      done > first.done ? (now - first.at) / (done - first.done) : (now - started) / Math.max(1, done);
    const left = pace * (total - done);
    process.stderr.write(
      `${what}: ${done} of ${total}, ${Math.round((now - started) / 1000)} s, about ${Math.round(left / 1000)} s left\n`,
    );
  };
}
