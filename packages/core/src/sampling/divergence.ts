import { JudgeDecodingError } from '../errors.ts';
import { logSumExp } from './log-sum-exp.ts';

/**
 * KL(p ‖ q) in nats of softmax(p) from softmax(q), two rows of raw logits [vocabSize]: 0 where they are the same
 * distribution (logits may differ by a constant), never below, Infinity where q rules out a token that p does not.
 * A logit of -Infinity is a token ruled out. Stable at any size of logits: each row's largest is taken off before
 * anything is raised to a power, and sums are float64. A token under e^-700 of p adds nothing.
 *
 * @throws JudgeDecodingError `mismatch` where the rows are not of one length, `invalid-input` where a row is no
 * distribution: it is empty, has a NaN or +Infinity, or rules out every token.
 */
export function klDivergence(p: Float32Array, q: Float32Array): number {
  if (p.length !== q.length)
    throw new JudgeDecodingError(
      'mismatch',
      `Expected two rows of logits over one vocabulary, got ${p.length} and ${q.length} of them. Compare models with the same tokenizer.`,
    );
  const [logP, logQ] = [normaliser(p, 'first'), normaliser(q, 'second')];
  let sum = 0;
  for (let id = 0; id < p.length; id++) {
    const logProb = p[id]! - logP;
    // 0 times anything is 0 here, as in the limit; 0 times -Infinity would be NaN
    if (logProb > -700) sum += Math.exp(logProb) * (logProb - (q[id]! - logQ));
  }
  // rounding may leave a little less than nothing
  return Math.max(0, sum);
}

function normaliser(row: Float32Array, which: string): number {
  const normal = logSumExp(row);
  if (Number.isFinite(normal)) return normal;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected logits that are a distribution, got a ${which} row ${row.length === 0 ? 'of none' : `whose log-sum-exp is ${normal}`}. The model returned garbage, or every token is banned.`,
  );
}
