import { type Checkpoint, inverseFrequencies } from '@judge-decoding/checkpoint';

/** What the reference knows after each token: float64, one array for each row. */
export interface ReferenceRows {
  readonly logits: Float64Array[];
  readonly preNorm: Float64Array[];
  readonly postNorm: Float64Array[];
  /** The residual stream after the first layer, after the second … */
  readonly layers: readonly Float64Array[][];
}

/** A Llama decoder as the papers write it: no cache, no fusion, float64, one position after another. */
export async function referenceForward(
  { config, tensors }: Pick<Checkpoint, 'config' | 'tensors'>,
  tokens: readonly number[],
): Promise<ReferenceRows> {
  const { hiddenSize, headDim, attentionHeads, keyValueHeads, rmsNormEps } = config;
  const frequencies = inverseFrequencies(config);
  const embedding = await tensors.read('model.embed_tokens.weight');
  const read = (name: string) => tensors.read(name);
  const has = (name: string) => tensors.has(name);
  let stream = tokens.map((token) =>
    Float64Array.from(embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize)),
  );

  const linear = async (rows: Float64Array[], name: string): Promise<Float64Array[]> => {
    const weight = await read(`${name}.weight`);
    const bias = has(`${name}.bias`) ? await read(`${name}.bias`) : undefined;
    return rows.map((row) =>
      Float64Array.from({ length: weight.length / row.length }, (_, output) => {
        let sum = bias?.[output] ?? 0;
        for (let input = 0; input < row.length; input++)
          sum += weight[output * row.length + input]! * row[input]!;
        return sum;
      }),
    );
  };
  const norm = async (rows: Float64Array[], name: string): Promise<Float64Array[]> => {
    const gain = await read(name);
    return rows.map((row) => {
      const meanSquare = row.reduce((sum, value) => sum + value * value, 0) / row.length;
      return row.map((value, index) => (value / Math.sqrt(meanSquare + rmsNormEps)) * gain[index]!);
    });
  };
  const turn = (row: Float64Array, position: number): void => {
    for (let head = 0; head < row.length; head += headDim) {
      for (const [index, frequency] of frequencies.entries()) {
        const [a, b] = [head + index, head + index + headDim / 2];
        const [cosine, sine] = [Math.cos(position * frequency), Math.sin(position * frequency)];
        [row[a], row[b]] = [row[a]! * cosine - row[b]! * sine, row[b]! * cosine + row[a]! * sine];
      }
    }
  };
  const add = (left: Float64Array[], right: Float64Array[]) =>
    left.map((row, index) => row.map((value, column) => value + right[index]![column]!));

  const layers: Float64Array[][] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const normed = await norm(stream, `${prefix}.input_layernorm.weight`);
    const queries = await linear(normed, `${prefix}.self_attn.q_proj`);
    const keys = await linear(normed, `${prefix}.self_attn.k_proj`);
    const values = await linear(normed, `${prefix}.self_attn.v_proj`);
    for (const [position, row] of queries.entries()) turn(row, position);
    for (const [position, row] of keys.entries()) turn(row, position);
    const attended = queries.map((query, row) => {
      const mixed = new Float64Array(query.length);
      for (let head = 0; head < attentionHeads; head++) {
        const own = head * headDim;
        const shared = Math.floor((head * keyValueHeads) / attentionHeads) * headDim;
        const scores = keys.slice(0, row + 1).map((key) => {
          let dot = 0;
          for (let index = 0; index < headDim; index++) dot += query[own + index]! * key[shared + index]!;
          return dot / Math.sqrt(headDim);
        });
        const largest = Math.max(...scores);
        const powers = scores.map((score) => Math.exp(score - largest));
        const sum = powers.reduce((total, power) => total + power, 0);
        for (const [position, power] of powers.entries()) {
          for (let index = 0; index < headDim; index++) {
            mixed[own + index]! += (power / sum) * values[position]![shared + index]!;
          }
        }
      }
      return mixed;
    });
    stream = add(stream, await linear(attended, `${prefix}.self_attn.o_proj`));
    const middle = await norm(stream, `${prefix}.post_attention_layernorm.weight`);
    const gate = await linear(middle, `${prefix}.mlp.gate_proj`);
    const up = await linear(middle, `${prefix}.mlp.up_proj`);
    const gated = gate.map((row, index) =>
      row.map((value, column) => (value / (1 + Math.exp(-value))) * up[index]![column]!),
    );
    stream = add(stream, await linear(gated, `${prefix}.mlp.down_proj`));
    layers.push(stream);
  }
  const postNorm = await norm(stream, 'model.norm.weight');
  const logits = await linear(postNorm, config.tiedEmbeddings ? 'model.embed_tokens' : 'lm_head');
  return { logits: logits.map((row) => row.slice(0, config.tokenCount)), preNorm: stream, postNorm, layers };
}
