import { JudgeDecodingError } from '../errors.ts';

/** One call at a time: refuses a session that is at work or gone. */
export class WorkPermit {
  #busy = false;
  #gone = false;

  take(): void {
    if (this.#gone) {
      throw new JudgeDecodingError(
        'disposed',
        'Expected a live session, got a disposed one. Open a new one.',
      );
    }
    if (this.#busy) {
      throw new JudgeDecodingError(
        'busy',
        'Expected one call at a time on a session, got one while another runs. Await each call before the next.',
      );
    }
    this.#busy = true;
  }

  release(): void {
    this.#busy = false;
  }

  /** Ends the session; false when it had ended before. */
  end(): boolean {
    const first = !this.#gone;
    this.#gone = true;
    return first;
  }
}
