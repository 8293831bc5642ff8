import type { FunctionName } from './abi.ts';
import type { Library } from './library.ts';
import { libraryError } from './library-error.ts';
import { Structs } from './structs.ts';

/** An argument: a number, an address, memory of ours (passed by address), or nothing. */
export type Argument = number | bigint | ArrayBufferView | null;

/** Functions of the library on a thread of their own, so that the event loop goes on. */
export class Calls {
  readonly library: Library;

  constructor(library: Library) {
    this.library = library;
  }

  /** A function whose last argument is `jc_error`, and that returns its code. */
  async checked(name: FunctionName, ...given: readonly Argument[]): Promise<void> {
    const error = new Structs('jc_error');
    const code = await this.plain<number>(name, ...given, error.bytes);
    if (code !== 0) throw libraryError(code, error.text('message'));
  }

  plain<Result>(name: FunctionName, ...given: readonly Argument[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.library.functions[name].async(...given, (error: Error | null, result: Result) =>
        error === null ? resolve(result) : reject(error),
      );
    });
  }

  /** Arithmetic of the library that is done before a thread would have been woken. */
  now<Result>(name: FunctionName, ...given: readonly Argument[]): Result {
    return this.library.functions[name](...given) as Result;
  }

  /** 0 (a null pointer) for an array without elements: nothing is asked for. */
  address(array: ArrayBufferView): number {
    return array.byteLength === 0 ? 0 : this.library.address(array);
  }
}
