import type { ToyCache, ToyNet } from './net.ts';
import { seededNormals, seededUniforms } from './random.ts';

/** Shape and weights of the toy decoder; the same options always give the same weights. */
export interface AttentionNetOptions {
  readonly seed: number;
  readonly vocab: number;
  readonly hidden: number;
  /** How far logits spread: 0 is uniform, 1 is peaked. */
  readonly sharpness: number;
  /** Share of the seed's own output matrix, 0 to 1; the rest is noise from `noiseSeed`. */
  readonly agreement: number;
  readonly noiseSeed: number;
  /** Makes the last token an exact twin of token 1, so that ties happen. */
  readonly ties: boolean;
}

const FIRST_CAPACITY = 16;
/** How much less a token weighs per position that it lies further back. */
const RECENCY = 0.25;
/** Share of what was read before in a hidden state; the rest is the token itself. */
const CONTEXT_SCALE = 1.6;
const EPSILON = 1e-6;

/**
 * One attention layer over a real cache of keys and values, a residual stream, RMSNorm and an
 * output matrix. Every token of the text has a say in every later row, so a row that a cache
 * should have forgotten shows.
 */
export function attentionNet(options: AttentionNetOptions): ToyNet {
  const { vocab, hidden } = options;
  const uniform = seededUniforms(options.seed);
  const embedding = seededNormals(uniform, vocab * hidden, 1);
  const queries = project(embedding, seededNormals(uniform, hidden * hidden, 1 / Math.sqrt(hidden)), hidden);
  const keys = project(embedding, seededNormals(uniform, hidden * hidden, 1 / Math.sqrt(hidden)), hidden);
  const values = project(embedding, seededNormals(uniform, hidden * hidden, 1 / Math.sqrt(hidden)), hidden);
  const gain = Float32Array.from({ length: hidden }, () => 0.5 + uniform());
  const output = outputMatrix(options, uniform);

  const openCache = (): ToyCache => {
    let capacity = FIRST_CAPACITY;
    let cachedKeys = new Float32Array(capacity * hidden);
    let cachedValues = new Float32Array(capacity * hidden);
    let weights = new Float64Array(capacity);

    const grow = () => {
      capacity *= 2;
      cachedKeys = resized(cachedKeys, capacity * hidden);
      cachedValues = resized(cachedValues, capacity * hidden);
      weights = new Float64Array(capacity);
    };

    return {
      read(position, token, { preNorm, postNorm, logits }) {
        while (position >= capacity) grow();
        const from = token * hidden;
        for (let index = 0; index < hidden; index++) {
          cachedKeys[position * hidden + index] = keys[from + index]!;
          cachedValues[position * hidden + index] = values[from + index]!;
        }

        let total = 0;
        for (let other = 0; other <= position; other++) {
          let score = 0;
          for (let index = 0; index < hidden; index++) {
            score += queries[from + index]! * cachedKeys[other * hidden + index]!;
          }
          const weight = Math.exp(score / hidden - RECENCY * (position - other));
          weights[other] = weight;
          total += weight;
        }

        let squares = 0;
        for (let index = 0; index < hidden; index++) {
          let context = 0;
          for (let other = 0; other <= position; other++) {
            context += weights[other]! * cachedValues[other * hidden + index]!;
          }
          preNorm[index] = embedding[from + index]! + (CONTEXT_SCALE * context) / total;
          squares += preNorm[index]! * preNorm[index]!;
        }

        const scale = 1 / Math.sqrt(squares / hidden + EPSILON);
        for (let index = 0; index < hidden; index++) postNorm[index] = preNorm[index]! * scale * gain[index]!;
        for (let id = 0; id < vocab; id++) {
          let logit = 0;
          for (let index = 0; index < hidden; index++)
            logit += output[id * hidden + index]! * postNorm[index]!;
          logits[id] = logit;
        }
      },
    };
  };

  return { vocabSize: vocab, hiddenSize: hidden, openCache };
}

/** rows · matrix, [vocab, hidden]: what one layer derives from a token depends on the token alone. */
function project(rows: Float32Array, matrix: Float32Array, hidden: number): Float32Array {
  const projected = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += hidden) {
    for (let column = 0; column < hidden; column++) {
      let sum = 0;
      for (let index = 0; index < hidden; index++)
        sum += rows[start + index]! * matrix[index * hidden + column]!;
      projected[start + column] = sum;
    }
  }
  return projected;
}

function outputMatrix(options: AttentionNetOptions, uniform: () => number): Float32Array {
  const { vocab, hidden, sharpness, agreement } = options;
  const size = vocab * hidden;
  const own = seededNormals(uniform, size, sharpness);
  const noise = seededNormals(seededUniforms(options.noiseSeed), size, sharpness);
  const matrix = own.map((weight, index) => agreement * weight + (1 - agreement) * noise[index]!);
  if (options.ties) matrix.copyWithin((vocab - 1) * hidden, hidden, 2 * hidden);
  return matrix;
}

function resized(from: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(length);
  larger.set(from);
  return larger;
}
