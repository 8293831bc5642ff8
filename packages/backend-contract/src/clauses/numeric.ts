import type { Clause, ClauseContext, Golden } from '../clause.ts';
import { ensureClose } from '../ensure.ts';
import { ensureSameFavourite, evidence } from '../evidence.ts';
import { deviationOf, dotOf } from '../row-math.ts';

/** Against values from a reference implementation that is not ours. */
export const numericClauses: readonly Clause[] = [
  {
    id: 'numeric/golden-logits',
    promise: 'logits match the float32 reference within the tolerance of the weights’ type',
    needs: ['logits'],
    golden: 'logits',
    async run(context) {
      const { prompt, logits: golden } = goldenOf(context);
      const { vocabSize } = context.model.info;
      const { logits } = await (await context.openSession()).forward(prompt, { logits: true });
      ensureRowsClose(context, logits, golden!, vocabSize, 'logits');
    },
  },
  {
    id: 'numeric/golden-hidden',
    promise: 'pre-norm hidden states match the float32 reference',
    needs: ['hidden'],
    golden: 'preNorm',
    async run(context) {
      const { prompt, preNorm } = goldenOf(context);
      const { hiddenSize } = context.model.info;
      const { hidden } = await (await context.openSession()).forward(prompt, { hidden: ['pre-norm'] });
      ensureRowsClose(context, hidden[0]!, preNorm!, hiddenSize, 'pre-norm');
    },
  },
  {
    id: 'numeric/golden-text',
    promise: 'greedy text equals the reference’s, token by token',
    needs: ['argmax'],
    golden: 'text',
    async run(context) {
      const { prompt, text } = goldenOf(context);
      const session = await context.openSession();
      const tokens = text!;
      // One row at a time along the reference's text, so that an excused near tie does not change what follows.
      const rows = (await evidence(context, session, prompt)).slice(-1);
      if (tokens.length > 1) rows.push(...(await evidence(context, session, tokens.slice(0, -1), 1)));
      tokens.forEach((token, index) => {
        ensureSameFavourite(context, token, rows[index]!, `token ${index} of the text`);
      });
    },
  },
  {
    id: 'numeric/golden-judge',
    promise: 'a head’s dot products match the float32 reference',
    needs: ['judge'],
    golden: 'judge',
    async run(context) {
      const { prompt, judge: golden } = goldenOf(context);
      const { terms, dots } = golden!;
      const { judge } = await (await context.openSession()).forward(prompt, { judge: terms });
      const scale = Math.sqrt(dotOf(dots, dots) / dots.length);
      ensureClose(judge, dots, context.tolerance.golden, 'dot products', scale);
    },
  },
];

function goldenOf({ subject }: ClauseContext): Golden {
  return subject.golden!;
}

function ensureRowsClose(
  { tolerance }: ClauseContext,
  actual: Float32Array,
  golden: Float32Array,
  width: number,
  what: string,
): void {
  for (let start = 0; start < golden.length; start += width) {
    const expected = golden.subarray(start, start + width);
    const where = `${what} of row ${start / width}`;
    ensureClose(
      actual.subarray(start, start + width),
      expected,
      tolerance.golden,
      where,
      deviationOf(expected),
    );
  }
}
