import {
  drawToken,
  type ErrorCode,
  type Proposed,
  type ProposeRequest,
  processLogits,
  type SamplingOptions,
  type TokenId,
} from '@judge-decoding/core';
import type { Clause, ClauseContext } from '../clause.ts';
import { ensure, ensureClose, ensureRejects, ensureSame } from '../ensure.ts';
import {
  type EvidenceRow,
  ensureSameFavourite,
  ensureSameRows,
  evidence,
  freshEvidence,
  inPassesOf,
} from '../evidence.ts';
import { BAD_CALL } from '../refusals.ts';

/** One of each way to shape a distribution, and all of them together. */
export const SAMPLINGS: readonly SamplingOptions[] = [
  { temperature: 1 },
  { temperature: 0.7, topK: 4 },
  { temperature: 1.3, topP: 0.8 },
  { temperature: 1, minP: 0.1 },
  { temperature: 1, repetitionPenalty: 1.5, presencePenalty: 0.5, frequencyPenalty: 0.3 },
  { temperature: 0, repetitionPenalty: 1.5 },
];

export const proposeClauses: readonly Clause[] = [
  {
    id: 'propose/greedy-equals-forward',
    promise: 'a greedy draft is what forward and argmax would say; the last token drawn is not fed',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      const oracle = await context.openSession();
      for (const [fed, count] of [
        [4, 5],
        [1, 1],
        [3, 8],
      ] as const) {
        const tokens = context.tokens(fed);
        const { length } = session;
        const proposed = await session.propose(tokens, { count });
        ensureSame(proposed.tokens.length, count, 'number of tokens');
        ensureSame(Object.keys(proposed), ['tokens'], 'what is returned');
        ensureSame(session.length, length + fed + count - 1, 'length');
        // The oracle follows the draft, so that a near tie excused at one token does not spoil the next.
        const rows = await evidence(context, oracle, [...tokens, ...proposed.tokens.slice(0, -1)], 1);
        ensureSameDraft(context, proposed.tokens, rows.slice(fed - 1));
      }
      const after = context.tokens(3);
      const rows = await evidence(context, session, after);
      ensureSameRows(context, rows, await evidence(context, oracle, after), 'rows after the drafts');
    },
  },
  {
    id: 'propose/logits',
    promise: 'returns the raw logits of every drafted row when asked',
    needs: ['logits'],
    async run(context) {
      const session = await context.openSession();
      const prompt = context.tokens(4);
      const proposed = await session.propose(prompt, { count: 5, logits: true });
      ensureSame(Object.keys(proposed).sort(), ['logits', 'tokens'], 'what is returned');
      await ensureRawLogits(context, prompt, proposed);
    },
  },
  {
    id: 'propose/sampled-equals-core',
    promise: 'a sampled draft is what core draws from the same logits with the same uniform numbers',
    needs: ['logits'],
    async run(context) {
      const { vocabSize } = context.model.info;
      const bias: SamplingOptions = {
        temperature: 0.9,
        logitBias: [[1, 2]],
        banned: context.tokens(1),
        topK: Math.max(2, vocabSize - 2),
        topP: 0.95,
      };
      for (const options of context.cases([bias, ...SAMPLINGS], 2)) {
        for (let attempt = 0; attempt < context.times(4); attempt++) {
          await ensureDrawnByCore(context, options);
        }
      }
    },
  },
  {
    id: 'propose/ends-at-end-token',
    promise: 'a draft ends with the first end token drawn',
    needs: ['argmax'],
    async run(context) {
      for (let attempt = 0; attempt < context.times(4, 2); attempt++) {
        const session = await context.openSession();
        const prompt = context.tokens(5);
        const { tokens: free } = await session.propose(prompt, { count: 6 });
        for (const end of context.cases([...new Set(free)].reverse(), 2)) {
          const at = free.indexOf(end);
          session.truncate(0);
          const { tokens } = await session.propose(prompt, { count: 6, endTokens: [end] });
          ensureSame(tokens, free.slice(0, at + 1), `draft that ends at ${end}`);
          ensureSame(session.length, prompt.length + at, 'length');
        }
      }
    },
  },
  {
    id: 'propose/forgets',
    promise: 'drafted tokens that are cut away leave no trace',
    needs: ['argmax'],
    async run(context) {
      for (const kept of context.cases([2, 0, 5])) {
        const session = await context.openSession();
        const [prompt, after] = [context.tokens(4), context.tokens(5)];
        const { tokens } = await session.propose(prompt, { count: 7 });
        session.truncate(prompt.length + kept);
        const rows = await evidence(context, session, after, 1);
        const passes = [...tokens.slice(0, kept), ...after];
        const fresh = await freshEvidence(context, prompt, ...inPassesOf(1, passes));
        ensureSameRows(context, rows, fresh.slice(prompt.length + kept), `${kept} of 7 drafted tokens kept`);
      }
    },
  },
  {
    id: 'propose/refused',
    promise: 'refuses what cannot be drafted, and the session is as before',
    needs: ['argmax'],
    async run(context) {
      const { vocabSize, contextLength } = context.model.info;
      const session = await context.openSession();
      const text = context.tokens(8);
      const seen = await evidence(context, session, text.slice(0, 4));
      const one = context.tokens(1);
      const sampling = { options: { temperature: 1 }, history: [...text.slice(0, 4), ...one] };
      const calls: readonly (readonly [string, readonly TokenId[], ProposeRequest, readonly ErrorCode[]])[] =
        [
          ['no tokens', [], { count: 2 }, BAD_CALL],
          ['a token outside the vocabulary', [vocabSize], { count: 2 }, BAD_CALL],
          ['a draft of no tokens', one, { count: 0 }, BAD_CALL],
          ['a draft of half a token', one, { count: 0.5 }, BAD_CALL],
          [
            'too few uniforms',
            one,
            { count: 3, sampling: { ...sampling, uniforms: new Float64Array(2) } },
            BAD_CALL,
          ],
          ['more tokens than fit', context.tokens(contextLength), { count: 2 }, ['context-full']],
        ];
      for (const [what, tokens, request, codes] of calls) {
        await ensureRejects(() => session.propose(tokens, request), codes, what);
        ensureSame(session.length, 4, `length after ${what}`);
      }
      seen.push(...(await evidence(context, session, text.slice(4))));
      const fresh = await freshEvidence(context, text.slice(0, 4), text.slice(4));
      ensureSameRows(context, seen, fresh, 'the text around the refused drafts');
    },
  },
  {
    id: 'propose/limit',
    promise: 'near the context limit drafts what fits: at least one token, since the last is not fed',
    needs: ['argmax'],
    async run(context) {
      const { contextLength, prefillChunk } = context.model.info;
      if (contextLength > LIMIT_TRIED_UP_TO) return;
      const session = await context.openSession();
      const text = context.tokens(contextLength - 2);
      for (let start = 0; start < text.length; start += prefillChunk) {
        await session.forward(text.slice(start, start + prefillChunk), {});
      }
      for (const room of [2, 1]) {
        session.truncate(contextLength - 2);
        const { tokens } = await session.propose(context.tokens(3 - room), { count: 9 });
        ensureSame(tokens.length, room, `tokens drafted with room for ${room - 1} of them`);
        ensureSame(session.length, contextLength, 'length');
      }
    },
  },
];

const LIMIT_TRIED_UP_TO = 2048;

/** Every drafted token is its row's favourite; `rows[i]` predicts `tokens[i]`. */
function ensureSameDraft(
  context: ClauseContext,
  tokens: readonly TokenId[],
  rows: readonly EvidenceRow[],
): void {
  tokens.forEach((token, index) => {
    ensureSameFavourite(context, token, rows[index]!, `drafted token ${index}`);
  });
}

/** The logits returned with a draft are those of one-row passes over the same text. */
async function ensureRawLogits(
  context: ClauseContext,
  prompt: readonly TokenId[],
  { tokens, logits }: Proposed,
): Promise<void> {
  const { vocabSize } = context.model.info;
  ensure(logits instanceof Float32Array, 'logits: expected a Float32Array');
  ensureSame(logits.length, tokens.length * vocabSize, 'length of logits');
  const session = await context.openSession();
  const fed = [...prompt, ...tokens.slice(0, -1)];
  for (const [index, token] of fed.entries()) {
    const { logits: expected } = await session.forward([token], { logits: true });
    const drafted = index - (prompt.length - 1);
    if (drafted < 0) continue;
    const row = logits.subarray(drafted * vocabSize, (drafted + 1) * vocabSize);
    ensureClose(row, expected, context.tolerance.close, `logits of drafted row ${drafted}`);
  }
}

async function ensureDrawnByCore(context: ClauseContext, options: SamplingOptions): Promise<void> {
  const { vocabSize } = context.model.info;
  const session = await context.openSession();
  const early = context.tokens(3);
  const prompt = context.tokens(2);
  const count = 5;
  const uniforms = Float64Array.from({ length: count }, () => context.uniform());
  await session.forward(early, {});
  const history = [...early, ...prompt];
  const proposed = await session.propose(prompt, {
    count,
    logits: true,
    sampling: { options, history, uniforms },
  });
  const { tokens, probs } = proposed;
  const shown = JSON.stringify(options);
  ensureSame(tokens.length, count, 'number of tokens');
  ensureSame(session.length, history.length + count - 1, 'length');
  ensureSame(Object.keys(proposed).sort(), ['logits', 'probs', 'tokens'], 'what is returned');
  ensure(probs instanceof Float64Array, 'probs: expected a Float64Array');
  ensureSame(probs.length, count * vocabSize, 'length of probs');
  await ensureRawLogits(context, history, proposed);
  tokens.forEach((token, index) => {
    // From the returned logits, not the oracle's: a set cut at a near tie would differ in kind, not in the last bits.
    const row = proposed.logits!.subarray(index * vocabSize, (index + 1) * vocabSize);
    const expected = processLogits(row, options, [...history, ...tokens.slice(0, index)]);
    const where = `token ${index} under ${shown}`;
    ensureClose(
      probs.subarray(index * vocabSize, (index + 1) * vocabSize),
      expected,
      1e-5,
      `probs of ${where}`,
    );
    ensureSame(token, drawToken(expected, uniforms[index]!), where);
  });

  const end = tokens[1]!;
  const again = await context.openSession();
  await again.forward(early, {});
  const ended = await again.propose(prompt, {
    count,
    endTokens: [end],
    sampling: { options, history, uniforms },
  });
  const drawn = tokens.indexOf(end) + 1;
  ensureSame(ended.tokens, tokens.slice(0, drawn), `draft that ends at ${end} under ${shown}`);
  ensureSame(Object.keys(ended).sort(), ['probs', 'tokens'], 'what is returned without logits');
  ensureClose(ended.probs!, probs.subarray(0, drawn * vocabSize), 1e-5, 'probs of the draft that ends');
}
