import { expect, test } from 'vitest';
import type { Model, Session } from '../src/backend.ts';
import { placeDraft } from '../src/index.ts';

/** A model whose drafts take so many milliseconds a token, on a clock of its own. */
function slowModel(clock: { time: number }, milliseconds: number, alive: Set<Session>): Model {
  const openSession = async (): Promise<Session> => {
    let length = 0;
    const session: Session = {
      get length() {
        return length;
      },
      async forward(tokens) {
        length += tokens.length;
        return {} as never;
      },
      async propose(_, { count }) {
        clock.time += count * milliseconds;
        length += count;
        return { tokens: Array.from({ length: count }, () => 1) };
      },
      truncate: (to) => {
        length = to;
      },
      dispose: async () => void alive.delete(session),
    };
    alive.add(session);
    return session;
  };
  return { info: { contextLength: 200, vocabSize: 50 }, openSession } as unknown as Model;
}

test('a draft is put where a drafted token takes the least time, and its sessions are given back', async () => {
  const clock = { time: 0 };
  const alive = new Set<Session>();
  const places = { cpu: slowModel(clock, 0.25, alive), webgpu: slowModel(clock, 2, alive) };
  const placement = await placeDraft(places, () => clock.time);
  expect(placement).toEqual({ chosen: 'cpu', milliseconds: { cpu: 0.25, webgpu: 2 } });
  expect(alive.size).toBe(0);
});
