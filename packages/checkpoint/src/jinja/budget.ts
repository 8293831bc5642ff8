import { TemplateLimit } from './errors.ts';

/** Far beyond any conversation that fits into a context; a hostile template ends here within seconds. */
const MAX_STEPS = 2_000_000;
/** Characters of the text, and of any string made on the way. */
const MAX_TEXT = 32 * 1024 * 1024;
/** Characters of all strings made on the way, added up. */
const MAX_TEXT_IN_ALL = 256 * 1024 * 1024;
const MAX_ITEMS = 1_000_000;
const MAX_DEPTH = 200;
/** Python prints no integer of more than 4,300 digits either. */
const MAX_INTEGER_BITS = 16_384;

/** Counts what a rendering has done, so that none is without end. */
export class Budget {
  #steps = 0;
  #characters = 0;
  #depth = 0;

  /** One for each expression, statement, item: work whose size does not depend on the data. */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > MAX_STEPS) throw new TemplateLimit(`it takes more than ${MAX_STEPS} steps`);
  }

  /** To be asked before a string of this length is made. */
  text(length: number): void {
    this.#characters += length;
    if (!(length <= MAX_TEXT) || this.#characters > MAX_TEXT_IN_ALL) {
      throw new TemplateLimit(`it makes a text of more than ${MAX_TEXT} characters`);
    }
  }

  /** To be told how long the text has become. */
  output(length: number): void {
    if (length > MAX_TEXT) throw new TemplateLimit(`it writes more than ${MAX_TEXT} characters`);
  }

  /** To be asked before a list of this length is made. */
  items(count: number): void {
    if (!(count <= MAX_ITEMS)) throw new TemplateLimit(`it makes a list of more than ${MAX_ITEMS} items`);
    this.step(count);
  }

  integer(bits: number): void {
    if (!(bits <= MAX_INTEGER_BITS)) {
      throw new TemplateLimit(`it makes an integer of more than ${MAX_INTEGER_BITS} bits`);
    }
  }

  /** Runs something that may call itself again. */
  deeper<T>(run: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new TemplateLimit(`it nests more than ${MAX_DEPTH} calls`);
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
