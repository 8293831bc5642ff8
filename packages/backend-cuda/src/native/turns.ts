/** Work that must not overlap: each waits for those before it, whatever became of them. It rejects where it fails, and does not throw. */
export class Turns {
  #last: Promise<unknown> | undefined;

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    // begun at once where nothing runs: every promise in between costs a call its time
    const result = this.#last === undefined ? work() : this.#last.then(work, work);
    const done = () => {
      if (this.#last === result) this.#last = undefined;
    };
    this.#last = result;
    result.then(done, done);
    return result;
  }
}
