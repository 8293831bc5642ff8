import type { ErrorCode, ForwardOutputs, HeadTerm } from '@judge-decoding/core';
import type { Clause, ClauseContext } from '../clause.ts';
import { ensureRejects, ensureSame } from '../ensure.ts';
import { ensureSameBits, ensureSameRows, evidence, freshEvidence, inPassesOf } from '../evidence.ts';
import { BAD_CALL, type RefusedCall, refusedAndAsBefore } from '../refusals.ts';
import { numbersOf, requestOf } from '../requests.ts';

/** Contexts up to this long are filled to the last token. */
const FILLED_UP_TO = 2048;

/** How forward behaves as a call: what it refuses, and what it leaves alone. */
export const forwardCallClauses: readonly Clause[] = [
  {
    id: 'forward/empty-refused',
    promise: 'refuses to feed no tokens, and the session is as before',
    needs: ['argmax'],
    async run(context) {
      await refusedAndAsBefore(context, [['no tokens', [], { argmax: true }, BAD_CALL]]);
    },
  },
  {
    id: 'forward/bad-token',
    promise: 'refuses ids that are no token, and the session is as before',
    needs: ['argmax'],
    async run(context) {
      const good = context.tokens(2);
      const bad = [-1, context.model.info.vocabSize, 2 ** 31, 0.5, Number.NaN];
      await refusedAndAsBefore(
        context,
        bad.flatMap((token): RefusedCall[] => [
          [`token ${token}`, [token], { argmax: true }, BAD_CALL],
          [`token ${token} after good ones`, [...good, token], { argmax: true }, BAD_CALL],
        ]),
      );
    },
  },
  {
    id: 'forward/bad-request',
    promise: 'refuses outputs that cannot be, and the session is as before',
    needs: ['argmax'],
    async run(context) {
      const { outputs, model } = context;
      const { vocabSize, hiddenSize } = model.info;
      const tokens = context.tokens(3);
      const calls: RefusedCall[] = [];
      const refused: readonly ErrorCode[] = [...BAD_CALL, 'unsupported', 'mismatch'];
      if (outputs.has('top')) {
        for (const top of [0, -1, 1.5, vocabSize + 1]) calls.push([`top ${top}`, tokens, { top }, refused]);
      }
      if (outputs.has('judge')) {
        const good: HeadTerm = {
          layer: 'last',
          state: 'pre-norm',
          row: 'own',
          weights: new Float32Array(hiddenSize).fill(1),
        };
        for (const length of [0, hiddenSize - 1, hiddenSize + 1]) {
          const judge = [good, { ...good, weights: new Float32Array(length) }];
          calls.push([`a term of ${length} weights`, tokens, { judge }, refused]);
        }
        const judge = [good, { ...good, layer: 'first' } as unknown as HeadTerm];
        calls.push(['a term over another layer', tokens, { judge }, refused]);
      }
      await refusedAndAsBefore(context, calls);
    },
  },
  {
    id: 'forward/limit',
    promise: 'refuses what goes past the context limit, and the session is as before and usable',
    needs: ['argmax'],
    async run(context) {
      const { contextLength } = context.model.info;
      const full: readonly ErrorCode[] = ['context-full'];
      await refusedAndAsBefore(context, [
        ['more than fits', context.tokens(contextLength + 1), { argmax: true }, full],
      ]);
      if (contextLength > FILLED_UP_TO) return;
      const session = await context.openSession();
      const text = context.tokens(contextLength);
      await feed(context, session, text);
      ensureSame(session.length, contextLength, 'length when full');
      await ensureRejects(
        () => session.forward(context.tokens(1), { argmax: true }),
        full,
        'one token too many',
      );
      ensureSame(session.length, contextLength, 'length after the refusal');
      session.truncate(contextLength - 3);
      const again = await evidence(context, session, text.slice(-3));
      const fresh = await context.openSession();
      await feed(context, fresh, text.slice(0, -3));
      ensureSameRows(context, again, await evidence(context, fresh, text.slice(-3)), 'the last rows again');
    },
  },
  {
    id: 'forward/one-at-a-time',
    promise: 'refuses a call that overlaps another on the same session, and does not move the cache',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      const text = context.tokens(8);
      const seen = await evidence(context, session, text.slice(0, 3));
      const calls: readonly (readonly [string, () => unknown])[] = [
        ['forward', () => session.forward(context.tokens(2), { argmax: true })],
        ['propose', () => session.propose(context.tokens(2), { count: 2 })],
        ['truncate', () => session.truncate(1)],
        ['a pass over several sessions', () => context.model.forward([{ session, tokens: [text[0]!] }], {})],
      ];
      const running = evidence(context, session, text.slice(3, 6));
      const refusals = Promise.all(
        calls.map(([what, call]) => ensureRejects(call, ['busy'], `overlapping ${what}`)),
      );
      // Both are awaited before either may fail, so that no rejection is left behind.
      const [first, second] = await Promise.allSettled([running, refusals]);
      if (second.status === 'rejected') throw second.reason;
      if (first.status === 'rejected') throw first.reason;
      seen.push(...first.value);
      ensureSame(session.length, 6, 'length after the overlapping calls');
      seen.push(...(await evidence(context, session, text.slice(6))));
      const fresh = await freshEvidence(context, text.slice(0, 3), text.slice(3, 6), text.slice(6));
      ensureSameRows(context, seen, fresh, 'the text around the overlapping calls');
    },
  },
  {
    id: 'forward/chunking',
    promise: 'gives the same rows whether tokens come at once, in chunks, or one by one',
    needs: ['argmax'],
    async run(context) {
      const rows = Math.min(
        context.model.info.contextLength,
        Math.max(24, context.model.info.prefillChunk + 3),
        160,
      );
      const text = context.tokens(rows);
      const plain = await freshEvidence(context, ...inPassesOf(1, text));
      for (const width of context.cases([rows, 5, 16, 2], 3)) {
        const chunked = await freshEvidence(context, ...inPassesOf(width, text));
        ensureSameRows(context, chunked, plain, `passes of ${width} rows`);
      }
    },
  },
  {
    id: 'forward/exact',
    promise: 'gives the same bits however a text is cut into passes, where the model says so',
    needs: ['argmax'],
    async run(context) {
      const { contextLength, prefillChunk, exact } = context.model.info;
      if (!exact) return;
      const text = context.tokens(Math.min(contextLength, Math.max(24, prefillChunk + 3), 160));
      const plain = await freshEvidence(context, ...inPassesOf(1, text));
      for (const width of [text.length, 2, 5, 16]) {
        const cut = await freshEvidence(context, ...inPassesOf(width, text));
        for (const [row, expected] of plain.entries()) {
          ensureSameBits(cut[row], expected, `passes of ${width} rows, row ${row}`);
        }
      }
    },
  },
  {
    id: 'forward/owns-its-buffers',
    promise: 'never writes to an array it has returned, nor to one it was given',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      const request = requestOf(context, [...context.outputs]);
      const tokens = context.tokens(4);
      const given = tokens.slice();
      const returned: Partial<ForwardOutputs> = await session.forward(tokens, request);
      const before = numbersOf(returned);
      for (let pass = 0; pass < 3; pass++) {
        session.truncate(pass);
        await session.forward(context.tokens(4), request);
        await session.propose(context.tokens(1), { count: 3 });
      }
      ensureSame(numbersOf(returned), before, 'the first results, later');
      ensureSame(tokens, given, 'the tokens given');
      // The caller may do with its arrays what it likes.
      returned.argmax?.fill(0);
      returned.logits?.fill(0);
      for (const state of returned.hidden ?? []) state.fill(0);
      session.truncate(0);
      const rows = await evidence(context, session, given);
      ensureSameRows(context, rows, await freshEvidence(context, given), 'rows after the caller wrote');
    },
  },
  {
    id: 'forward/repeatable',
    promise: 'gives the same bits for the same calls on the same device',
    needs: ['argmax'],
    async run(context) {
      const request = requestOf(context, [...context.outputs]);
      const [prompt, tokens] = [context.tokens(7), context.tokens(6)];
      const runs: number[][] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        const session = await context.openSession();
        await session.forward(prompt, {});
        runs.push(numbersOf(await session.forward(tokens, request)));
      }
      for (const run of runs.slice(1)) ensureSame(run, runs[0], 'all outputs');
    },
  },
];

async function feed(
  { model }: ClauseContext,
  session: Awaited<ReturnType<ClauseContext['openSession']>>,
  tokens: readonly number[],
): Promise<void> {
  for (let start = 0; start < tokens.length; start += model.info.prefillChunk) {
    await session.forward(tokens.slice(start, start + model.info.prefillChunk), {});
  }
}
