import {
  type Backend,
  type ForwardOutputs,
  type Model,
  type OutputRequest,
  type Outputs,
  type Pass,
  type Proposed,
  type ProposeRequest,
  rowOutputs,
  type Session,
  type TokenId,
  type Verified,
  type VerifyRequest,
} from '@judge-decoding/core';
import { toyBackend } from '../toy/backend.ts';
import type { ToyRow } from '../toy/net.ts';

/** A toy backend with one fault, and the clauses that must notice it: these and no others. */
export interface Saboteur {
  readonly name: string;
  readonly fault: string;
  readonly breaks: readonly string[];
  backend(): Backend;
  /** Where the fault is one of memory. */
  memoryInUse?(): number;
}

/** A session's calls without the type arithmetic of the spec, which a fault has no use for. */
export interface SessionFault {
  length?(): number;
  forward?(tokens: readonly TokenId[], request: OutputRequest): Promise<Partial<ForwardOutputs>>;
  truncate?(length: number): void;
  propose?(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed>;
  verify?(tokens: readonly TokenId[], request: VerifyRequest): Promise<Verified>;
  dispose?(): Promise<void>;
}

export interface ModelFault {
  readonly info?: Partial<Model['info']>;
  session?(session: Session, model: Model): SessionFault;
  /** `passes` are over the sessions as callers know them, `sound` runs them without a fault. */
  forward?(
    passes: readonly Pass[],
    request: OutputRequest,
    sound: (passes: readonly Pass[]) => Promise<readonly Partial<ForwardOutputs>[]>,
  ): Promise<readonly Partial<ForwardOutputs>[]>;
  dispose?(model: Model): Promise<void>;
}

/** The sound toy with some of its models' calls replaced. */
export function faultyModels(fault: () => ModelFault, sound: Backend = toyBackend()): Backend {
  return {
    ...sound,
    open: async (location) => faultyModel(await sound.open(location), fault()),
  };
}

/** The sound toy with some of its sessions' calls replaced. */
export function faultySessions(session: (session: Session, model: Model) => SessionFault): Backend {
  return faultyModels(() => ({ session }));
}

/** The sound toy, whose passes return what `change` makes of the results. */
export function faultyOutputs(
  change: (
    outputs: ForwardOutputs,
    tokens: readonly TokenId[],
    request: OutputRequest,
    model: Model,
  ) => object,
): Backend {
  return faultySessions((session, model) => ({
    async forward(tokens, request) {
      // Every output, so that a fault can make one out of another.
      const every = {
        argmax: true,
        chosen: true,
        top: request.top ?? 1,
        judge: request.judge ?? [],
        hidden: request.hidden ?? [],
        logits: true,
      } as const;
      const outputs = await session.forward(tokens, every);
      const changed = { ...outputs, ...change(outputs, tokens, request, model) };
      return Object.fromEntries(Object.entries(changed).filter(([name]) => name in request));
    },
  }));
}

/** The sound toy, whose passes are over what `change` has made of their rows, every output alike. */
export function faultyRows(change: (rows: readonly ToyRow[]) => void): Backend {
  return faultySessions((session, { info }) => ({
    async forward(tokens, request) {
      if (Object.keys(request).length === 0) return session.forward(tokens, request);
      // Refusals are the sound session's; what it returns is then made again.
      const { length } = session;
      await session.forward(tokens, request);
      session.truncate(length);
      const { hidden, logits } = await session.forward(tokens, {
        hidden: ['pre-norm', 'post-norm'],
        logits: true,
      });
      const slice = (values: Float32Array, row: number, width: number) =>
        values.slice(row * width, (row + 1) * width);
      const rows = tokens.map((_, row) => ({
        preNorm: slice(hidden[0]!, row, info.hiddenSize),
        postNorm: slice(hidden[1]!, row, info.hiddenSize),
        logits: slice(logits, row, info.vocabSize),
      }));
      change(rows);
      const { add, outputs } = rowOutputs(tokens, request, info);
      for (const [row, read] of rows.entries()) add(row, read);
      return outputs;
    },
  }));
}

function faultyModel(model: Model, fault: ModelFault): Model {
  const soundOf = new WeakMap<Session, Session>();
  const sound = (passes: readonly Pass[], request: OutputRequest) =>
    model.forward(
      passes.map(({ session, tokens }) => ({ session: soundOf.get(session) ?? session, tokens })),
      request,
    );
  /** Through the faulty sessions, as a backend that cannot batch does; a refusal moves all of them back. */
  const oneByOne = async (passes: readonly Pass[], request: OutputRequest) => {
    if (passes.length === 0) return sound([], request);
    const results: Partial<ForwardOutputs>[] = [];
    const undo: (() => void)[] = [];
    try {
      for (const { session, tokens } of passes) {
        const inner = soundOf.get(session)!;
        const { length } = inner;
        results.push(await session.forward(tokens, request));
        undo.push(() => inner.truncate(length));
      }
    } catch (error) {
      for (const back of undo) back();
      throw error;
    }
    return results;
  };
  return {
    info: { ...model.info, ...fault.info },
    async openSession() {
      const inner = await model.openSession();
      const outer = faultySession(inner, fault.session?.(inner, model) ?? {});
      soundOf.set(outer, inner);
      return outer;
    },
    async forward<const Request extends OutputRequest>(passes: readonly Pass[], request: Request) {
      const run = (some: readonly Pass[]) => sound(some, request);
      const results = fault.forward
        ? fault.forward(passes, request, run)
        : passes.every(({ session }) => soundOf.has(session))
          ? oneByOne(passes, request)
          : run(passes);
      return (await results) as readonly Outputs<Request>[];
    },
    dispose: () => (fault.dispose ? fault.dispose(model) : model.dispose()),
  };
}

function faultySession(session: Session, fault: SessionFault): Session {
  return {
    get length() {
      return fault.length ? fault.length() : session.length;
    },
    async forward<const Request extends OutputRequest>(tokens: readonly TokenId[], request: Request) {
      const outputs = fault.forward ? fault.forward(tokens, request) : session.forward(tokens, request);
      return (await outputs) as Outputs<Request>;
    },
    truncate: (length) => (fault.truncate ? fault.truncate(length) : session.truncate(length)),
    propose: (tokens, request) =>
      fault.propose ? fault.propose(tokens, request) : session.propose(tokens, request),
    verify: (tokens, request) =>
      fault.verify ? fault.verify(tokens, request) : session.verify!(tokens, request),
    dispose: () => (fault.dispose ? fault.dispose() : session.dispose()),
  };
}
