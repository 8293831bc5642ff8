import {
  JudgeDecodingError,
  type Model,
  type ModelInfo,
  type OutputRequest,
  type Outputs,
  type Pass,
  type Session,
} from '@judge-decoding/core';
import type { ToyNet } from './net.ts';
import { ToySession } from './session.ts';

/** A model and its sessions over a toy network. */
export function modelOver(net: ToyNet, info: ModelInfo): Model {
  const sessions = new Set<Session>();
  let disposed = false;

  const open = () => {
    if (disposed) throw new JudgeDecodingError('disposed', `Model ${info.name} was disposed. Open it again.`);
  };

  return {
    info,
    async openSession() {
      open();
      const session = new ToySession(net, info, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    async forward<const Request extends OutputRequest>(passes: readonly Pass[], request: Request) {
      open();
      // Everything is checked, and every session taken, before the first one moves.
      const taken: ToySession[] = [];
      try {
        for (const { session, tokens } of passes) {
          if (!(session instanceof ToySession && session.info === info)) {
            throw new JudgeDecodingError('invalid-input', `Expected sessions of model ${info.name} only.`);
          }
          session.take();
          taken.push(session);
          session.check(tokens, request);
        }
        await null;
        return passes.map(({ tokens }, index) => taken[index]!.feed(tokens, request) as Outputs<Request>);
      } finally {
        for (const session of taken) session.release();
      }
    },
    async dispose() {
      disposed = true;
      for (const session of [...sessions]) await session.dispose();
    },
  };
}
