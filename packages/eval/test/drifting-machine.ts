import type { Model, Session } from '@judge-decoding/core';

/** A machine on which passes take as long as is written down, times how slow it is at the moment. */
export interface DriftingMachine {
  now(): number;
  /** The same model; its passes take time here. */
  on(model: Model, times: PassTimes): Model;
}

export interface PassTimes {
  readonly pass: number;
  readonly row: number;
}

/** `slowness` says how many times as long a pass takes that starts at this moment. */
export function driftingMachine(slowness: (at: number) => number): DriftingMachine {
  let time = 0;
  const spend = ({ pass, row }: PassTimes, rows: number) => {
    time += slowness(time) * (pass + row * rows);
  };
  const timed = (session: Session, times: PassTimes): Session => ({
    get length() {
      return session.length;
    },
    forward(tokens, request) {
      spend(times, tokens.length);
      return session.forward(tokens, request);
    },
    propose(read, request) {
      spend(times, request.count);
      return session.propose(read, request);
    },
    truncate: (length) => session.truncate(length),
    dispose: () => session.dispose(),
  });
  return {
    now: () => time,
    on: (model, times) => ({
      ...model,
      info: model.info,
      openSession: async () => timed(await model.openSession(), times),
      dispose: () => model.dispose(),
    }),
  };
}
