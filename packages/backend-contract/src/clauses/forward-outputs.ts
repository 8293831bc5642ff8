import type { ForwardOutputs, HeadTerm, HiddenName, HiddenState, OutputRequest } from '@judge-decoding/core';
import type { Clause, ClauseContext } from '../clause.ts';
import { ensure, ensureClose, ensureRejects, ensureSame } from '../ensure.ts';
import { randomTerm, requestOf, STATES } from '../requests.ts';
import { argmaxOf, dotOf, entropyOf, logSumExpOf } from '../row-math.ts';

const ROWS = 12;

/** What a forward pass returns: each output against the raw one it is made from. */
export const forwardOutputClauses: readonly Clause[] = [
  {
    id: 'forward/rows',
    promise: 'returns one row per token fed, and the length grows by as many',
    needs: ['argmax'],
    async run(context) {
      const session = await context.openSession();
      let length = 0;
      ensureSame(session.length, 0, 'length of a new session');
      for (const rows of [1, 2, 7, 1, 17]) {
        const { argmax } = await session.forward(context.tokens(rows), { argmax: true });
        ensureSame(argmax.length, rows, 'rows of argmax');
        length += rows;
        ensureSame(session.length, length, 'length');
      }
    },
  },
  {
    id: 'forward/only-asked',
    promise: 'returns exactly the outputs asked for, with their types and sizes',
    needs: [],
    async run(context) {
      const all = requestOf(context, [...context.outputs]);
      const requests = [{}, ...[...context.outputs].map((name) => requestOf(context, [name])), all];
      const session = await context.openSession();
      for (const request of requests) {
        const rows = 5;
        session.truncate(0);
        const outputs: Partial<ForwardOutputs> = await session.forward(context.tokens(rows), request);
        ensureSame(Object.keys(outputs).sort(), Object.keys(request).sort(), 'names of outputs');
        ensureSizes(context, outputs, request, rows);
      }
      // One row has no token fed next: chosen is empty, not absent.
      const single: Partial<ForwardOutputs> = await session.forward(context.tokens(1), all);
      ensureSizes(context, single, all, 1);
    },
  },
  {
    id: 'forward/argmax-is-argmax-of-logits',
    promise: 'argmax is the largest of the row’s own logits, the lowest id on a tie',
    needs: ['argmax', 'logits'],
    async run(context) {
      const { rows, vocab, outputs } = await manyRows(context, { argmax: true, logits: true });
      for (let row = 0; row < rows; row++) {
        const favourite = argmaxOf(rowOf(outputs.logits!, row, vocab));
        ensureSame(outputs.argmax![row], favourite, `argmax of row ${row}`);
      }
    },
  },
  {
    id: 'forward/chosen',
    promise: 'chosen is the log-softmax of row j at the token fed in row j + 1',
    needs: ['chosen', 'logits'],
    async run(context) {
      const { tokens, rows, vocab, outputs } = await manyRows(context, { chosen: true, logits: true });
      const expected = Array.from({ length: rows - 1 }, (_, row) => {
        const logits = rowOf(outputs.logits!, row, vocab);
        return logits[tokens[row + 1]!]! - logSumExpOf(logits);
      });
      ensureClose(outputs.chosen!, expected, context.tolerance.close, 'chosen');
    },
  },
  {
    id: 'forward/top',
    promise: 'top has the most likely tokens in order, and the normaliser and entropy of the whole row',
    needs: ['top', 'logits'],
    async run(context) {
      const { close } = context.tolerance;
      const { vocabSize } = context.model.info;
      for (const count of [1, Math.min(5, vocabSize), Math.min(64, vocabSize)]) {
        const { rows, vocab, outputs } = await manyRows(context, { top: count, logits: true });
        const { ids, logProbs, logSumExp, entropy } = outputs.top!;
        for (let row = 0; row < rows; row++) {
          const logits = rowOf(outputs.logits!, row, vocab);
          const normaliser = logSumExpOf(logits);
          const where = `of row ${row}, top ${count}`;
          ensureClose([logSumExp[row]!], [normaliser], close, `logSumExp ${where}`);
          ensureClose([entropy[row]!], [entropyOf(logits, normaliser)], close, `entropy ${where}`);
          ensureMostLikely(logits, Array.from(rowOf(ids, row, count)), where);
          const expected = Array.from(rowOf(ids, row, count), (id) => logits[id]! - normaliser);
          ensureClose(rowOf(logProbs, row, count), expected, close, `logProbs ${where}`);
        }
      }
    },
  },
  {
    id: 'forward/raw-logits',
    promise: 'the log-probability of a likely token and the log-sum-exp of its row add up to its raw logit',
    needs: ['top', 'logits'],
    async run(context) {
      const count = Math.min(2, context.model.info.vocabSize);
      const { rows, vocab, outputs } = await manyRows(context, { top: count, logits: true });
      const { ids, logProbs, logSumExp } = outputs.top!;
      for (let row = 0; row < rows; row++) {
        const logits = rowOf(outputs.logits!, row, vocab);
        const expected = Array.from(rowOf(ids, row, count), (id) => logits[id]!);
        const got = Array.from(rowOf(logProbs, row, count), (logProb) => logProb + logSumExp[row]!);
        ensureClose(got, expected, 2 * context.tolerance.close, `raw logits of row ${row}`);
      }
    },
  },
  {
    id: 'forward/hidden',
    promise: 'hidden states come in the order asked, and the post-norm one is the pre-norm one under RMSNorm',
    needs: ['hidden'],
    async run(context) {
      const { close } = context.tolerance;
      const { hiddenSize } = context.model.info;
      const tokens = context.tokens(ROWS);
      const ask = async (hidden: readonly HiddenState[]) => {
        const outputs = await (await context.openSession()).forward(tokens, { hidden });
        return outputs.hidden;
      };
      const [pre, post] = (await ask(STATES)) as [Float32Array, Float32Array];
      const swapped = await ask(['post-norm', 'pre-norm']);
      for (const [what, got, expected] of [
        ['pre-norm asked second', swapped[1]!, pre],
        ['post-norm asked first', swapped[0]!, post],
        ['pre-norm alone', (await ask(['pre-norm']))[0]!, pre],
        ['post-norm alone', (await ask(['post-norm']))[0]!, post],
      ] as const) {
        ensureClose(got, expected, close, what, magnitudeOf(expected));
      }
      ensure(
        pre.some((value, index) => value !== post[index]),
        'pre-norm and post-norm: expected two different states, got the same',
      );
      ensureOneGain(pre, post, hiddenSize, context.tolerance.close);
    },
  },
  {
    id: 'forward/judge',
    promise: 'judge is the dot product of every term with its hidden state in every row',
    needs: ['judge', 'hidden'],
    async run(context) {
      const { hiddenSize } = context.model.info;
      const terms: HeadTerm[] = [
        randomTerm(context, 'pre-norm', 'own'),
        randomTerm(context, 'post-norm', 'own'),
        // Which row a head reads is the loop's business: the backend returns every row all the same.
        randomTerm(context, 'pre-norm', 'previous'),
        randomTerm(context, 'post-norm', 'previous'),
        randomTerm(context, 'pre-norm', 'own'),
      ];
      for (const asked of [terms, terms.slice(0, 1), terms.slice(1, 2), [...terms].reverse()]) {
        const { rows, outputs } = await manyRows(context, { judge: asked, hidden: STATES });
        for (let row = 0; row < rows; row++) {
          asked.forEach(({ state, weights }, index) => {
            const hidden = rowOf(outputs.hidden![STATES.indexOf(state)]!, row, hiddenSize);
            const scale = weights.reduce(
              (sum, weight, unit) => sum + Math.abs(weight * hidden[unit]!),
              1e-30,
            );
            const got = outputs.judge![row * asked.length + index]!;
            const where = `term ${index} (${state}) of ${asked.length}, row ${row}`;
            ensureClose([got], [dotOf(weights, hidden)], context.tolerance.close, where, scale);
          });
        }
      }
    },
  },
  {
    id: 'forward/layers',
    promise:
      'states of the layers offered come by their names, alone or among others, and are what head terms read; others are refused',
    needs: ['judge', 'hidden'],
    async run(context) {
      const { close } = context.tolerance;
      const { hiddenSize, layers, layersOffered = [] } = context.model.info;
      const tokens = context.tokens(ROWS);
      const ask = async (hidden: readonly HiddenName[], judge: readonly HeadTerm[] = []) =>
        (await context.openSession()).forward(tokens, { hidden, judge });
      const notOffered = Array.from({ length: layers + 1 }, (_, i) => i + 1).find(
        (layer) => !layersOffered.includes(layer),
      )!;
      await ensureRejects(() => ask([`layer-${notOffered}`]), ['unsupported'], `layer ${notOffered}`);
      const chosen = [
        ...new Set([layersOffered[0], layersOffered[layersOffered.length >> 1], layersOffered.at(-1)]),
      ];
      const names = chosen.flatMap((layer) => (layer === undefined ? [] : [`layer-${layer}` as const]));
      if (names.length === 0) return;
      const terms = chosen.map(
        (layer): HeadTerm => ({ ...randomTerm(context, 'pre-norm', 'own'), layer: layer! }),
      );
      const all = await ask([...names, 'pre-norm'], terms);
      const seen = new Set<string>();
      for (const [index, name] of names.entries()) {
        const [alone] = (await ask([name])).hidden;
        const expected = all.hidden[index]!;
        ensureClose(alone!, expected, close, `${name} alone`, magnitudeOf(expected));
        ensure(!seen.has(expected.join()), `${name}: expected another state than an earlier layer's`);
        seen.add(expected.join());
        const { weights } = terms[index]!;
        for (let row = 0; row < tokens.length; row++) {
          const hidden = rowOf(expected, row, hiddenSize);
          const scale = weights.reduce((sum, weight, unit) => sum + Math.abs(weight * hidden[unit]!), 1e-30);
          const got = all.judge[row * terms.length + index]!;
          ensureClose([got], [dotOf(weights, hidden)], close, `term on ${name}, row ${row}`, scale);
        }
      }
      ensure(!seen.has(all.hidden.at(-1)!.join()), 'the last layer: expected another state than before it');
    },
  },
  {
    id: 'forward/causal',
    promise: 'no row depends on a later token of the same pass: the same bits whatever follows',
    needs: ['argmax'],
    async run(context) {
      const head = context.tokens(6);
      const request = requestOf(context, [...context.outputs]);
      const results: Partial<ForwardOutputs>[] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        results.push(await (await context.openSession()).forward([...head, ...context.tokens(6)], request));
      }
      const early = results.map((outputs) => earlyRows(context, outputs, head.length));
      for (const other of early.slice(1)) {
        for (const [name, values] of Object.entries(other))
          ensureSame(values, early[0]![name], `early rows of ${name}`);
      }
    },
  },
];

/** One pass over a prompt and one over what follows, so that rows after a cached past are looked at. */
async function manyRows(context: ClauseContext, request: OutputRequest) {
  const session = await context.openSession();
  await session.forward(context.tokens(5), {});
  const tokens = context.tokens(ROWS);
  const outputs: Partial<ForwardOutputs> = await session.forward(tokens, request);
  return { tokens, rows: ROWS, vocab: context.model.info.vocabSize, outputs };
}

function rowOf<Values extends Float32Array | Int32Array>(values: Values, row: number, width: number): Values {
  return values.subarray(row * width, (row + 1) * width) as Values;
}

function ensureSizes(
  { model: { info } }: ClauseContext,
  outputs: Partial<ForwardOutputs>,
  request: OutputRequest,
  rows: number,
): void {
  const { argmax, chosen, top, judge, hidden, logits } = outputs;
  const count = request.top ?? 0;
  const sizes: [string, unknown, typeof Int32Array | typeof Float32Array, number][] = [];
  if (argmax) sizes.push(['argmax', argmax, Int32Array, rows]);
  if (chosen) sizes.push(['chosen', chosen, Float32Array, rows - 1]);
  if (judge) sizes.push(['judge', judge, Float32Array, rows * (request.judge?.length ?? 0)]);
  if (logits) sizes.push(['logits', logits, Float32Array, rows * info.vocabSize]);
  if (hidden) {
    ensureSame(hidden.length, request.hidden?.length, 'number of hidden states');
    hidden.forEach((state, index) => {
      sizes.push([`hidden[${index}]`, state, Float32Array, rows * info.hiddenSize]);
    });
  }
  if (top) {
    ensureSame(top.count, count, 'top.count');
    sizes.push(['top.ids', top.ids, Int32Array, rows * count]);
    sizes.push(['top.logProbs', top.logProbs, Float32Array, rows * count]);
    sizes.push(['top.logSumExp', top.logSumExp, Float32Array, rows]);
    sizes.push(['top.entropy', top.entropy, Float32Array, rows]);
  }
  for (const [name, array, type, length] of sizes) {
    ensure(array instanceof type, `${name}: expected a ${type.name}`);
    ensureSame(array.length, length, `length of ${name}`);
  }
  for (const id of [...(argmax ?? []), ...(top?.ids ?? [])]) {
    ensure(id >= 0 && id < info.vocabSize, `token ids: ${id} is outside the vocabulary of ${info.vocabSize}`);
  }
}

/** `ids` are the largest of `logits`, in order. Equals may stand in any order behind the first. */
function ensureMostLikely(logits: Float32Array, ids: readonly number[], where: string): void {
  ensureSame(new Set(ids).size, ids.length, `number of different ids ${where}`);
  const sorted = logits.slice().sort().reverse();
  const expected = Array.from(ids, (_, index) => sorted[index]);
  ensureSame(
    ids.map((id) => logits[id]),
    expected,
    `logits of ids ${where}`,
  );
  ensureSame(ids[0], argmaxOf(logits), `first id ${where}`);
}

/** post[j] = scale of row j · gain · pre[j], with one gain for all rows. */
function ensureOneGain(pre: Float32Array, post: Float32Array, width: number, tolerance: number): void {
  const rows = pre.length / width;
  for (let row = 1; row < rows; row++) {
    // In cross products, so that units near zero need no special case.
    const left = Array.from({ length: width }, (_, unit) => post[row * width + unit]! * pre[unit]!);
    const right = Array.from({ length: width }, (_, unit) => post[unit]! * pre[row * width + unit]!);
    const factor =
      dotOf(Float64Array.from(left), Float64Array.from(right)) /
      dotOf(Float64Array.from(right), Float64Array.from(right));
    if (Number.isNaN(factor)) continue; // the two rows have no unit in common
    ensureClose(
      left,
      right.map((value) => factor * value),
      4 * tolerance,
      `post-norm of row ${row} against row 0`,
      magnitudeOf(left),
    );
  }
}

function earlyRows({ model }: ClauseContext, outputs: Partial<ForwardOutputs>, rows: number) {
  const { argmax, chosen, top, judge, hidden, logits } = outputs;
  const early: Record<string, ArrayLike<number>> = {};
  if (argmax) early.argmax = argmax.subarray(0, rows);
  // The last early row is asked about a later token.
  if (chosen) early.chosen = chosen.subarray(0, rows - 1);
  if (judge) early.judge = judge.subarray(0, rows * 2);
  if (logits) early.logits = logits.subarray(0, rows * model.info.vocabSize);
  if (top) {
    early.topIds = top.ids.subarray(0, rows * top.count);
    early.topLogProbs = top.logProbs.subarray(0, rows * top.count);
    early.logSumExp = top.logSumExp.subarray(0, rows);
    early.entropy = top.entropy.subarray(0, rows);
  }
  hidden?.forEach((state, index) => {
    early[`hidden[${index}]`] = state.subarray(0, rows * model.info.hiddenSize);
  });
  return early;
}

function magnitudeOf(values: ArrayLike<number>): number {
  let largest = 1e-30;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]!));
  return largest;
}
