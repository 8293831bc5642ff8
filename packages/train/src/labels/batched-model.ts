import type { Model, OutputRequest, Outputs, Session, TokenId } from '@judge-decoding/core';

/** One text's way through a model: passes of several lanes are put together where they can be. */
export interface Lane {
  readonly length: number;
  truncate(length: number): void;
  forward<const Request extends OutputRequest>(
    tokens: readonly TokenId[],
    request: Request,
  ): Promise<Outputs<Request>>;
  readonly session: Session;
  dispose(): Promise<void>;
}

interface Waiting {
  readonly session: Session;
  readonly tokens: readonly TokenId[];
  readonly request: OutputRequest;
  readonly resolve: (outputs: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Opens lanes over a model. What all of them ask for while a pass is running, or in one turn of the
 * event loop, is one call of `Model.forward` for each kind of request: nobody waits for a lane that
 * has ended or is doing something else, and whoever takes its place joins the next pass.
 */
export function batchedModel(model: Model): { openLane(): Promise<Lane> } {
  let waiting: Waiting[] = [];
  let running = false;
  const run = async () => {
    running = true;
    while (waiting.length > 0) {
      const round = waiting;
      waiting = [];
      const groups = new Map<string, Waiting[]>();
      for (const one of round) {
        const key = JSON.stringify(one.request);
        groups.set(key, [...(groups.get(key) ?? []), one]);
      }
      for (const group of groups.values()) {
        try {
          const passes = group.map(({ session, tokens }) => ({ session, tokens }));
          const outputs = await model.forward(passes, group[0]!.request);
          for (const [i, one] of group.entries()) one.resolve(outputs[i]);
        } catch (error) {
          for (const one of group) one.reject(error);
        }
      }
      // whoever was answered asks again in this turn
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    running = false;
  };
  return {
    async openLane() {
      const session = await model.openSession();
      return {
        session,
        get length() {
          return session.length;
        },
        truncate: (length) => session.truncate(length),
        forward: (tokens, request) =>
          new Promise((resolve, reject) => {
            const answer = resolve as (outputs: unknown) => void;
            waiting.push({ session, tokens, request, resolve: answer, reject });
            if (running) return;
            running = true;
            setImmediate(() => void run());
          }),
        dispose: () => session.dispose(),
      };
    },
  };
}
