import type { Clause, ClauseContext } from '../clause.ts';
import { ensure, ensureRejects, ensureSame } from '../ensure.ts';
import { ensureSameRows, evidence, freshEvidence, inPassesOf } from '../evidence.ts';

type Session = Awaited<ReturnType<ClauseContext['openSession']>>;

const MANY = 40;

export const disposeClauses: readonly Clause[] = [
  {
    id: 'dispose/final',
    promise: 'disposing a session twice is fine; afterwards every other call is refused',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      const neighbour = await context.openSession();
      const text = context.tokens(6);
      const seen = await evidence(context, neighbour, text.slice(0, 3));
      await session.forward(context.tokens(3), {});
      await session.dispose();
      await session.dispose();
      await ensureDisposed(context, session);
      seen.push(...(await evidence(context, neighbour, text.slice(3))));
      const fresh = await freshEvidence(context, text.slice(0, 3), text.slice(3));
      ensureSameRows(context, seen, fresh, 'another session of the model');
    },
  },
  {
    id: 'dispose/model-closes-sessions',
    promise: 'disposing a model twice is fine, disposes its sessions, and opens no more',
    needs: [],
    async run(context) {
      const model = await context.openModel();
      const sessions = [await model.openSession(), await model.openSession()];
      await sessions[0]!.forward(context.tokens(3), {});
      await model.dispose();
      await model.dispose();
      for (const session of sessions) {
        await ensureDisposed(context, session);
        await session.dispose();
      }
      await ensureRejects(() => model.openSession(), ['disposed'], 'openSession of a disposed model');
      await ensureRejects(() => model.forward([], {}), ['disposed'], 'forward of a disposed model');
    },
  },
  {
    id: 'dispose/frees',
    promise: 'sessions can be opened, used and disposed any number of times',
    needs: ['argmax'],
    async run(context) {
      const { memoryInUse } = context.subject;
      const cycle = async (times: number) => {
        for (let index = 0; index < times; index++) {
          // Other tokens in every session, so that a cache handed on with its rows would show.
          const text = context.tokens(6);
          const session = await context.model.openSession();
          const rows = await evidence(context, session, text, index > 0 ? text.length : 1);
          await session.dispose();
          if (index > 0) continue;
          const fresh = await freshEvidence(context, ...inPassesOf(1, text));
          ensureSameRows(context, rows, fresh, 'rows of a session');
        }
      };
      await cycle(5);
      const before = (await memoryInUse?.()) ?? 0;
      const many = context.times(MANY);
      await cycle(many);
      const grown = ((await memoryInUse?.()) ?? 0) - before;
      ensure(grown <= 1_048_576 + before / 100, `memory in use grew by ${grown} bytes over ${many} sessions`);
    },
  },
];

async function ensureDisposed(context: ClauseContext, session: Session): Promise<void> {
  const tokens = context.tokens(1);
  await ensureRejects(() => session.forward(tokens, {}), ['disposed'], 'forward of a disposed session');
  await ensureRejects(
    () => session.propose(tokens, { count: 1 }),
    ['disposed'],
    'propose of a disposed session',
  );
  await ensureRejects(() => session.truncate(0), ['disposed'], 'truncate of a disposed session');
  ensureSame(typeof session.length, 'number', 'type of length');
}
