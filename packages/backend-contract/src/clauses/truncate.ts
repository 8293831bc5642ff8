import type { Clause } from '../clause.ts';
import { ensureRejects, ensureSame } from '../ensure.ts';
import { ensureSameRows, evidence, freshEvidence, inPassesOf } from '../evidence.ts';
import { BAD_CALL } from '../refusals.ts';

export const truncateClauses: readonly Clause[] = [
  {
    id: 'truncate/forgets',
    promise: 'forgotten tokens leave no trace, however many were fed and however many follow',
    needs: ['argmax'],
    async run(context) {
      // From the second token on, rows that were not overwritten are read: one token after is not enough.
      const cases = [
        [6, 4, 5, 1],
        [20, 1, 6, 2],
        [4, 2, 30, 30],
        [9, 3, 8, 1],
        [9, 3, 3, 3],
        [5, 5, 3, 1],
      ] as const;
      for (const [fed, kept, after, width] of context.cases(cases, 3)) {
        const session = await context.openSession();
        const [first, follow] = [context.tokens(fed), context.tokens(after)];
        await session.forward(first, {});
        session.truncate(kept);
        ensureSame(session.length, kept, 'length');
        const rows = await evidence(context, session, follow, width);
        ensureSame(session.length, kept + after, 'length after what follows');
        const fresh = await freshEvidence(context, first.slice(0, kept), ...inPassesOf(width, follow));
        ensureSameRows(context, rows, fresh.slice(kept), `${fed} fed, ${kept} kept, ${after} after`);
      }
    },
  },
  {
    id: 'truncate/again-and-again',
    promise: 'many rounds of feeding and forgetting end where a fresh session does',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      let text: number[] = [];
      for (let round = 0; round < context.times(12, 6); round++) {
        const fed = context.tokens(1 + Math.floor(context.uniform() * 6));
        const rows = await evidence(context, session, fed);
        const fresh = await freshEvidence(context, text, fed);
        text = [...text, ...fed];
        ensureSameRows(context, rows, fresh.slice(-fed.length), `round ${round}`);
        text = text.slice(0, Math.max(1, text.length - Math.floor(context.uniform() * 5)));
        session.truncate(text.length);
      }
    },
  },
  {
    id: 'truncate/range',
    promise: 'refuses lengths that are not whole numbers from 0 to the session’s, and stays as it is',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      const text = context.tokens(9);
      const seen = await evidence(context, session, text.slice(0, 5));
      for (const length of [-1, 6, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await ensureRejects(() => session.truncate(length), BAD_CALL, `truncate to ${length} of 5`);
        ensureSame(session.length, 5, `length after truncate to ${length}`);
      }
      session.truncate(5);
      seen.push(...(await evidence(context, session, text.slice(5))));
      const fresh = await freshEvidence(context, text.slice(0, 5), text.slice(5));
      ensureSameRows(context, seen, fresh, 'the text around the refusals');
    },
  },
  {
    id: 'truncate/to-zero',
    promise: 'a session cut to nothing equals a new one',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      session.truncate(0);
      for (let attempt = 0; attempt < context.times(3, 2); attempt++) {
        await session.forward(context.tokens(11), {});
        session.truncate(0);
        ensureSame(session.length, 0, 'length');
        const text = context.tokens(7);
        const rows = await evidence(context, session, text, 1);
        const fresh = await freshEvidence(context, ...inPassesOf(1, text));
        ensureSameRows(context, rows, fresh, `rows of text ${attempt}`);
        session.truncate(0);
      }
    },
  },
];
