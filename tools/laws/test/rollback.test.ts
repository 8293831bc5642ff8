import { toyModel } from '@judge-decoding/backend-contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const tokens = (most: number, least = 1) =>
  fc.array(fc.integer({ min: 0, max: 16 }), { minLength: least, maxLength: most });

test('the logits after a roll back are those of a fresh prefill, three and more tokens on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 999 }),
      tokens(30),
      tokens(17),
      tokens(8, 3),
      fc.nat(),
      async (seed, prompt, draft, after, cut) => {
        const model = toyModel({ seed });
        const session = await model.openSession();
        await session.forward(prompt, {});
        await session.forward(draft, {});
        const kept = cut % (prompt.length + draft.length + 1);
        session.truncate(kept);
        const rolledBack = await session.forward(after, { logits: true, hidden: ['pre-norm'] });
        const fresh = await model.openSession();
        const text = [...prompt, ...draft].slice(0, kept);
        if (kept > 0) await fresh.forward(text, {});
        expect(rolledBack).toEqual(await fresh.forward(after, { logits: true, hidden: ['pre-norm'] }));
      },
    ),
    { numRuns: 500, seed: 2 },
  );
});
