import type { CallTime } from '../engine.ts';
import { CALL } from './abi.ts';
import type { Calls } from './calls.ts';
import { libraryError } from './library-error.ts';
import { Structs } from './structs.ts';

/** Milliseconds for which the event loop looks at a call in each of its turns, before a thread sleeps for it. */
const LOOKS_FOR = 500;

/** What a started call points to: structs of the ABI. */
export interface Started {
  readonly kind: keyof typeof CALL;
  readonly passes: Structs;
  readonly count: number;
  readonly outputs?: Structs;
  readonly propose?: Structs;
  readonly verify?: Structs;
  readonly abort: Int32Array;
}

/**
 * Forwards and drafts of one model, started on the library's own thread and looked at in every turn of the
 * event loop: no thread has to be woken, which took longer than everything else beside the device. One at a
 * time. The loop goes on turning; after half a second it sleeps, and a thread of koffi's waits in its place.
 */
export class StartedCalls {
  readonly #calls: Calls;
  readonly #model: bigint;
  readonly #call = new Structs('jc_call');
  readonly #error = new Structs('jc_error');
  readonly #done: Int32Array;
  /** Of the last call. */
  time: CallTime = { library: 0, device: 0 };

  constructor(calls: Calls, model: bigint) {
    this.#calls = calls;
    this.#model = model;
    this.#done = new Int32Array(this.#call.bytes.buffer, this.#call.offset('done'), 1);
  }

  async run(
    { kind, passes, count, outputs, propose, verify, abort }: Started,
    timed: boolean,
  ): Promise<void> {
    const address = (structs: Structs | undefined) =>
      structs === undefined ? 0n : this.#calls.address(structs.bytes);
    const call = this.#call.set({
      kind: CALL[kind],
      pass_count: count,
      passes: address(passes),
      outputs: address(outputs),
      propose: address(propose),
      verify: address(verify),
      abort: this.#calls.address(abort),
      error: address(this.#error),
      timed: timed ? 1 : 0,
    });
    const begun = this.#calls.now<number>('jc_start', this.#model, call.bytes, this.#error.bytes);
    if (begun !== 0) throw libraryError(begun, this.#error.text('message'));
    if (!(await this.#seen())) await this.#calls.plain<void>('jc_wait', this.#model, call.bytes);
    this.time = { library: call.number('nanoseconds') / 1e6, device: call.number('gpu_nanoseconds') / 1e6 };
    const code = call.number('code');
    if (code !== 0) throw libraryError(code, this.#error.text('message'));
  }

  /** Whether the call ended while the loop looked. */
  #seen(): Promise<boolean> {
    const until = performance.now() + LOOKS_FOR;
    return new Promise((resolve) => {
      const look = () => {
        if (Atomics.load(this.#done, 0) !== 0) resolve(true);
        else if (performance.now() > until) resolve(false);
        else setImmediate(look);
      };
      setImmediate(look);
    });
  }
}
