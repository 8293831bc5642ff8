import type { CallTime } from '../engine.ts';
import { CALL } from './abi.ts';
import type { Calls } from './calls.ts';
import { libraryError } from './library-error.ts';
import { Structs } from './structs.ts';

/** Milliseconds for which the event loop looks at a call in each of its turns, before a thread sleeps for it. */
const LOOKS_FOR = 500;
/**
 * Milliseconds of looking in one turn. A turn that looks once makes objects in their hundreds while a pass runs, and its code and
 * its garbage push what comes after the pass out of the processor's caches.
 */
const A_LOOK = 0.05;

/** What a started call points to: structs of the ABI, which must live until it has ended. */
export interface Started {
  readonly kind: keyof typeof CALL;
  /** Addresses. */
  readonly passes: number;
  readonly count: number;
  readonly outputs?: number;
  readonly propose?: number;
  readonly verify?: number;
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

  /** `abort`: the library reads it between the parts of a pass. */
  constructor(calls: Calls, model: bigint, abort: Int32Array) {
    this.#calls = calls;
    this.#model = model;
    this.#call.set({ abort: calls.address(abort), error: calls.address(this.#error.bytes) });
    this.#done = new Int32Array(this.#call.bytes.buffer, this.#call.offset('done'), 1);
  }

  async run(
    { kind, passes, count, outputs = 0, propose = 0, verify = 0 }: Started,
    timed: boolean,
  ): Promise<void> {
    const call = this.#call
      .put('kind', CALL[kind])
      .put('pass_count', count)
      .put('passes', passes)
      .put('outputs', outputs)
      .put('propose', propose)
      .put('verify', verify)
      .put('timed', timed ? 1 : 0);
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
        const from = performance.now();
        let now: number;
        do {
          for (let times = 0; times < 256; times++)
            if (Atomics.load(this.#done, 0) !== 0) return resolve(true);
          now = performance.now();
        } while (now - from < A_LOOK);
        if (now > until) resolve(false);
        else setImmediate(look);
      };
      setImmediate(look);
    });
  }
}
