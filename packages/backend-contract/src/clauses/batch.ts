import type { ForwardOutputs, Pass } from '@judge-decoding/core';
import type { Clause } from '../clause.ts';
import { ensureClose, ensureRejects, ensureSame } from '../ensure.ts';
import { ensureSameRows, evidence, evidenceRequest, evidenceRows, freshEvidence } from '../evidence.ts';
import { BAD_CALL } from '../refusals.ts';
import { numbersOf, requestOf } from '../requests.ts';

/** Passes over several sessions of one model. */
export const batchClauses: readonly Clause[] = [
  {
    id: 'batch/equals-single',
    promise: 'a pass over several sessions says what one pass per session says, in the order given',
    needs: ['argmax'],
    async run(context) {
      // One of them is new: it has no past.
      const prompts = [3, 9, 0, 6].map((length) => context.tokens(length));
      const follows = [4, 1, 5, 2].map((length) => context.tokens(length));
      const sessions = await Promise.all(prompts.map(() => context.openSession()));
      for (const [index, session] of sessions.entries()) {
        if (prompts[index]!.length > 0) await session.forward(prompts[index]!, {});
      }
      // Not in the order they were opened in.
      const order = [2, 0, 3, 1];
      const passes: Pass[] = order.map((index) => ({ session: sessions[index]!, tokens: follows[index]! }));
      const results = await context.model.forward(passes, evidenceRequest(context));
      ensureSame(results.length, order.length, 'number of results');
      for (const [place, index] of order.entries()) {
        const prompt = prompts[index]!;
        const follow = follows[index]!;
        const rows = evidenceRows(context, results[place]!, follow.length);
        ensureSame(sessions[index]!.length, prompt.length + follow.length, `length of session ${index}`);
        const after = context.tokens(3);
        rows.push(...(await evidence(context, sessions[index]!, after)));
        const fresh = await freshEvidence(context, prompt, follow, after);
        ensureSameRows(context, rows, fresh.slice(prompt.length), `session ${index}`);
      }
      ensureSame(
        (await context.model.forward([], { argmax: true })).length,
        0,
        'results of a pass over no session',
      );
    },
  },
  {
    id: 'batch/outputs',
    promise: 'a pass over several sessions returns every output as one pass per session does',
    needs: ['argmax'],
    async run(context) {
      const request = requestOf(context, [...context.outputs]);
      const texts = [4, 1, 7].map((length) => context.tokens(length));
      const sessions = await Promise.all(texts.map(() => context.openSession()));
      const passes: Pass[] = sessions.map((session, index) => ({ session, tokens: texts[index]! }));
      const results: readonly Partial<ForwardOutputs>[] = await context.model.forward(passes, request);
      for (const [index, text] of texts.entries()) {
        const single: Partial<ForwardOutputs> = await (await context.openSession()).forward(text, request);
        const result = results[index]!;
        ensureSame(Object.keys(result).sort(), Object.keys(single).sort(), 'names of outputs');
        // Ids may flip at a near tie, which is batch/equals-single's business.
        const [got, expected] = [result, single].map(({ argmax, top, ...values }) =>
          numbersOf(top ? { ...values, top: { ...top, ids: new Int32Array(top.ids.length) } } : values),
        ) as [number[], number[]];
        ensureClose(got, expected, context.tolerance.close, `outputs of session ${index}`);
        ensureSame(result.argmax?.length, text.length, `rows of argmax of session ${index}`);
        ensureSame(result.top?.ids.length, single.top?.ids.length, `top ids of session ${index}`);
      }
    },
  },
  {
    id: 'batch/all-or-nothing',
    promise: 'a pass that is refused for one session moves none',
    needs: ['argmax'],
    async run(context) {
      const { model } = context;
      const sessions = [await context.openSession(), await context.openSession()] as const;
      const texts = [context.tokens(6), context.tokens(6)] as const;
      for (const [index, session] of sessions.entries()) await session.forward(texts[index]!.slice(0, 3), {});
      const stranger = await (await context.openModel()).openSession();
      const gone = await context.openSession();
      await gone.dispose();
      const good: Pass = { session: sessions[0], tokens: context.tokens(2) };
      for (const [what, pass, codes] of [
        ['a bad token', { session: sessions[1], tokens: [model.info.vocabSize] }, BAD_CALL],
        ['no tokens', { session: sessions[1], tokens: [] }, BAD_CALL],
        [
          'more than fits',
          { session: sessions[1], tokens: context.tokens(model.info.contextLength) },
          ['context-full'],
        ],
        ['a session of another model', { session: stranger, tokens: context.tokens(1) }, BAD_CALL],
        ['a disposed session', { session: gone, tokens: context.tokens(1) }, ['disposed']],
      ] as const) {
        await ensureRejects(() => model.forward([good, pass], { argmax: true }), codes, what);
        ensureSame(
          sessions.map(({ length }) => length),
          [3, 3],
          `lengths after ${what}`,
        );
      }
      for (const [index, session] of sessions.entries()) {
        const rows = await evidence(context, session, texts[index]!.slice(3));
        const fresh = await freshEvidence(context, texts[index]!.slice(0, 3), texts[index]!.slice(3));
        ensureSameRows(context, rows, fresh.slice(3), `session ${index} after the refusals`);
      }
    },
  },
];
