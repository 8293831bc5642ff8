/** What a source means, in a few words; names of admissions other than the judge stand for themselves. */
export function saySource(source: string): string {
  return SAID[source] ?? `let in by ${source}`;
}

const SAID: Readonly<Record<string, string>> = {
  standard: 'accepted by standard verification',
  judge: 'let in by the judge alone',
  recovered: 'written by the target at a rejection',
  bonus: 'written by the target after a whole draft',
  forced: 'forced by you',
  rejected: 'rejected',
  suspected: 'a head would stop it',
  discarded: 'behind a rejection, never looked at',
};

/** The class that marks it: admissions of all names look alike. */
export function markOf(source: string): string {
  return source in SAID ? source : 'judge';
}
