import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JudgeDecodingError, klDivergence } from '../src/index.ts';

const row = (...logits: number[]) => Float32Array.from(logits);
const ln = (...probs: number[]) => Float32Array.from(probs, Math.log);
const OUT = Number.NEGATIVE_INFINITY;

test.each<[string, Float32Array, Float32Array, number]>([
  ['the same row', ln(0.9, 0.1), ln(0.9, 0.1), 0],
  ['logits that differ by a constant', row(1, 2, 3), row(-7, -6, -5), 0],
  ['one token', row(3), row(-40), 0],
  ['a fair coin from a crooked one', ln(0.5, 0.5), ln(0.25, 0.75), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)],
  ['the other way round', ln(0.25, 0.75), ln(0.5, 0.5), 0.25 * Math.log(0.5) + 0.75 * Math.log(1.5)],
  ['certain, from a coin', row(0, OUT), ln(0.5, 0.5), Math.LN2],
  ['what q rules out', ln(0.5, 0.5), row(0, OUT), Number.POSITIVE_INFINITY],
  ['what both rule out', row(0, 0, OUT), row(0, 0, OUT), 0],
  ['what only p rules out', row(0, 0, OUT), row(0, 0, 0), Math.log(1.5)],
  ['logits that e^x does not hold', row(30_000, 0), row(0, 30_000), 30_000],
  ['far below what e^x holds', row(-30_000, -30_000), row(-20_000, -20_000), 0],
])('KL(p ‖ q): %s', (_, p, q, expected) => {
  if (Number.isFinite(expected)) expect(klDivergence(p, q)).toBeCloseTo(expected, 6);
  else expect(klDivergence(p, q)).toBe(expected);
});

test.each<[string, Float32Array, Float32Array, string, RegExp]>([
  ['two vocabularies', row(1, 2), row(1, 2, 3), 'mismatch', /got 2 and 3/],
  ['no tokens', row(), row(), 'invalid-input', /first row of none/],
  ['a NaN', row(1, Number.NaN), row(1, 2), 'invalid-input', /first row .* NaN/],
  ['a NaN before all', row(1, 2), row(Number.NaN, 2), 'invalid-input', /second row .* NaN/],
  ['an infinite logit', row(1, 2), row(1, Number.POSITIVE_INFINITY), 'invalid-input', /second row/],
  ['nothing left', row(OUT, OUT), row(1, 2), 'invalid-input', /first row/],
])('is refused: %s', (_, p, q, code, says) => {
  try {
    klDivergence(p, q);
    expect.unreachable();
  } catch (error) {
    expect(JudgeDecodingError.is(error, code as 'mismatch')).toBe(true);
    expect(String(error)).toMatch(says);
  }
});

const logits = fc.float({ min: -30, max: 30, noNaN: true, noDefaultInfinity: true });
const rows = fc
  .array(fc.tuple(logits, logits), { minLength: 1, maxLength: 40 })
  .map((pairs) => [Float32Array.from(pairs, ([p]) => p), Float32Array.from(pairs, ([, q]) => q)] as const);

/** As the definition has it, over softmax in float64. */
function byDefinition(p: Float32Array, q: Float32Array): number {
  const softmax = (of: Float32Array) => {
    const powers = Array.from(of, (logit) => Math.exp(logit));
    const sum = powers.reduce((all, power) => all + power, 0);
    return powers.map((power) => power / sum);
  };
  const [ps, qs] = [softmax(p), softmax(q)];
  return ps.reduce((all, share, id) => all + share * Math.log(share / qs[id]!), 0);
}

test('is what the definition says, never below 0, and blind to a constant and to the order of tokens', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: -1000, max: 1000 }), ([p, q], shift) => {
      const kl = klDivergence(p, q);
      expect(kl).toBeGreaterThanOrEqual(0);
      expect(kl).toBeCloseTo(byDefinition(p, q), 9);
      expect(klDivergence(p, p)).toBe(0);
      // float32 rounds what is shifted
      expect(
        klDivergence(
          p.map((logit) => logit + shift),
          q,
        ),
      ).toBeCloseTo(kl, 2);
      expect(klDivergence(Float32Array.from(p).reverse(), Float32Array.from(q).reverse())).toBeCloseTo(kl, 9);
    }),
  );
});

test('a row of a view is read where it begins', () => {
  const many = row(9, 9, 0, Math.log(3), 9);
  expect(klDivergence(many.subarray(2, 4), row(0, 0))).toBeCloseTo(
    0.25 * Math.log(0.5) + 0.75 * Math.log(1.5),
    6,
  );
});
