import type {
  ForwardOutputs,
  OutputRequest,
  Proposed,
  ProposeRequest,
  ReadBacks,
  SessionCore,
  TokenId,
} from '@judge-decoding/core';
import type { Answered, Line, SentPass } from './protocol.ts';
import type { SentTerms } from './sent-terms.ts';

/** What a model's sessions share. */
export interface SessionTools {
  readonly line: Line;
  readonly terms: SentTerms;
}

/** The main thread's end of a session in a worker; its length travels with each call. */
export class ServedSession implements SessionCore {
  readonly endsUnlikely = true;
  readonly #tools: SessionTools;
  readonly #id: number;
  #readBacks: ReadBacks | undefined;
  #end: number | undefined;

  constructor(tools: SessionTools, id: number) {
    this.#tools = tools;
    this.#id = id;
  }

  async forward(
    tokens: readonly TokenId[],
    request: OutputRequest,
    length: number,
  ): Promise<Partial<ForwardOutputs>> {
    const { line, terms } = this.#tools;
    const passes = [this.pass(tokens, length)];
    const answered = await line.ask({ kind: 'forward', passes, request: terms.request(request) });
    return this.take(answered[0]!);
  }

  async propose(tokens: readonly TokenId[], request: ProposeRequest, length: number): Promise<Proposed> {
    const pass = this.pass(tokens, length);
    return this.take(await this.#tools.line.ask({ kind: 'propose', pass, request }));
  }

  get readBacks(): ReadBacks | undefined {
    return this.#readBacks;
  }

  /** What an answer holds; notes what the session has brought from its device with it. */
  take<Value>({ value, readBacks }: Answered<Value>): Value {
    this.#readBacks = readBacks;
    return value;
  }

  /** Travels with each call, as the length does. */
  expectEnd(length: number): void {
    this.#end = length;
  }

  async dispose(): Promise<void> {
    const { line } = this.#tools;
    if (!line.ended) await line.ask({ kind: 'dispose-session', session: this.#id });
  }

  pass(tokens: readonly TokenId[], length: number): SentPass {
    return { session: this.#id, length, tokens, ...(this.#end === undefined ? {} : { end: this.#end }) };
  }
}
