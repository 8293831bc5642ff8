/** A stretch of a text and what takes its place. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** The place that what is put in comes from; `from` when absent. */
  readonly at?: number;
}

/**
 * A piece of a text on its way to tokens, which remembers where in the original each of its UTF-16
 * units comes from: who wrote a character decides whether a special token may be read in it, however
 * it was normalised since.
 */
export class NormalText {
  readonly text: string;
  /** Of every unit; where absent, unit i comes from `#start` + i. */
  readonly #origins: Int32Array | undefined;
  readonly #start: number;

  constructor(text: string, start = 0, origins?: Int32Array) {
    this.text = text;
    this.#start = start;
    this.#origins = origins;
  }

  /** Where in the original the unit at `at` comes from. */
  origin(at: number): number {
    return this.#origins === undefined ? this.#start + at : (this.#origins[at] ?? this.#start);
  }

  slice(from: number, to: number): NormalText {
    if (from === 0 && to === this.text.length) return this;
    return new NormalText(this.text.slice(from, to), this.origin(from), this.#origins?.slice(from, to));
  }

  /** With these stretches replaced: in order, none over another. */
  edit(edits: readonly Edit[]): NormalText {
    if (edits.length === 0) return this;
    const parts: string[] = [];
    const origins: number[] = [];
    let done = 0;
    const keep = (to: number) => {
      parts.push(this.text.slice(done, to));
      for (let i = done; i < to; i++) origins.push(this.origin(i));
    };
    for (const { from, to, text, at = from } of edits) {
      keep(from);
      parts.push(text);
      const origin = this.origin(at);
      for (let i = 0; i < text.length; i++) origins.push(origin);
      done = to;
    }
    keep(this.text.length);
    return new NormalText(parts.join(''), this.#start, Int32Array.from(origins));
  }

  /** The same piece written otherwise, of which only the beginning's place still matters. */
  rewrite(text: string): NormalText {
    return new NormalText(text, this.origin(0));
  }
}

/** Every match of a pattern (with the flag `g`), empty ones apart, as edits. */
export function editsOf(text: string, pattern: RegExp, written: (found: string) => string): Edit[] {
  const edits: Edit[] = [];
  for (const { 0: found, index } of text.matchAll(pattern)) {
    const replacement = written(found);
    if (replacement !== found) edits.push({ from: index, to: index + found.length, text: replacement });
  }
  return edits;
}
