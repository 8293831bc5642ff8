/** Rows of logits over one vocabulary, [rows, width] each. */

/** Kullback-Leibler divergence of what `actual` says from what `expected` says, in nats, mean over the rows. */
export function meanDivergence(expected: Float32Array, actual: Float32Array, width: number): number {
  let total = 0;
  const rows = expected.length / width;
  for (let row = 0; row < rows; row++) {
    const [p, q] = [expected, actual].map((logits) =>
      logProbs(logits.subarray(row * width, (row + 1) * width)),
    );
    for (let token = 0; token < width; token++) total += Math.exp(p![token]!) * (p![token]! - q![token]!);
  }
  return total / rows;
}

/** Share of the rows whose largest logit is the same token's. */
export function sameFavourites(expected: Float32Array, actual: Float32Array, width: number): number {
  let same = 0;
  const rows = expected.length / width;
  for (let row = 0; row < rows; row++) {
    const [a, b] = [expected, actual].map((logits) =>
      favourite(logits.subarray(row * width, (row + 1) * width)),
    );
    if (a === b) same++;
  }
  return same / rows;
}

function logProbs(logits: Float32Array): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  const normaliser = largest + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - normaliser);
}

function favourite(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
}
