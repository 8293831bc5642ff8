import { AutoModelForCausalLM, BaseStreamer, DynamicCache, env, Tensor } from '@huggingface/transformers';

/**
 * A model in transformers.js, wherever it runs: `write` decodes greedily, and tells of each token as it comes.
 * `endTokens` empty: so many tokens whatever they are. With `readBy` the prompt is read in parts of so many tokens, and its cache is
 * kept: the next `write` of the same prompt begins behind it; with `fill` no prompt is read, the cache holds as many made-up rows. `onRead` is told how many tokens are read.
 */
export async function openTransformers({ folder, dtype, device, endTokens, sessionOptions }) {
  const model = await AutoModelForCausalLM.from_pretrained(folder, {
    dtype,
    device,
    use_external_data_format: true,
    ...(sessionOptions === undefined ? {} : { session_options: sessionOptions }),
  });
  const inputsOf = (prompt) => ({
    inputs: new Tensor('int64', BigInt64Array.from(prompt, BigInt), [1, prompt.length]),
    attention_mask: new Tensor('int64', new BigInt64Array(prompt.length).fill(1n), [1, prompt.length]),
  });
  let kept;
  let filled;
  /** Rows of small numbers, of the shape that the configuration says. */
  function fillCache(rows) {
    const { num_hidden_layers, num_key_value_heads, head_dim } = model.config;
    const dims = [1, num_key_value_heads, rows, head_dim];
    const names = Array.from({ length: num_hidden_layers }, (_, layer) =>
      ['key', 'value'].map((part) => `past_key_values.${layer}.${part}`),
    ).flat();
    const values = () =>
      Float32Array.from(
        { length: rows * num_key_value_heads * head_dim },
        (_, at) => ((at * 31) % 17) / 17 - 0.5,
      );
    return new DynamicCache(
      Object.fromEntries(names.map((name) => [name, new Tensor('float32', values(), dims)])),
    );
  }
  /** A cache that holds all of the prompt but its last token: `generate` reads what is new, and says one token, which nobody keeps. */
  async function read(prompt, by, onRead) {
    if (kept?.text === prompt.join()) return kept.cache;
    kept = undefined;
    const cache = new DynamicCache();
    for (let end = 0; end < prompt.length - 1; ) {
      end = Math.min(end + by, prompt.length - 1);
      const part = inputsOf(prompt.slice(0, end));
      await model.generate({ ...part, past_key_values: cache, max_new_tokens: 1, do_sample: false });
      onRead(end);
    }
    kept = { text: prompt.join(), cache };
    return cache;
  }
  return {
    facts: `transformers.js ${env.version}`,
    async write({ prompt, maxTokens, readBy, fill = false }, onToken, onRead = () => undefined) {
      if (fill) filled ??= fillCache(prompt.length - 1);
      // a step puts other tensors in the cache and leaves those of before as they are
      const cache =
        readBy === undefined
          ? {}
          : { past_key_values: new DynamicCache(fill ? filled : await read(prompt, readBy, onRead)) };
      const tokens = [];
      class Watch extends BaseStreamer {
        put([batch]) {
          if (batch.length > 1) return; // the prompt
          tokens.push(Number(batch[0]));
          onToken();
        }
        end() {}
      }
      await model.generate({
        ...inputsOf(prompt),
        ...cache,
        max_new_tokens: maxTokens,
        do_sample: false,
        // an id that no model writes, where nothing shall end the text
        eos_token_id: endTokens.length > 0 ? endTokens : [-1],
        streamer: new Watch(),
      });
      return tokens;
    },
    dispose: () => model.dispose(),
  };
}
