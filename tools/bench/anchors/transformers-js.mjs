import { AutoModelForCausalLM, BaseStreamer, env, Tensor } from '@huggingface/transformers';

/**
 * A model in transformers.js, wherever it runs: `write` decodes greedily, and tells of each token as it comes.
 * `endTokens` empty: so many tokens whatever they are.
 */
export async function openTransformers({ folder, dtype, device, endTokens, sessionOptions }) {
  const model = await AutoModelForCausalLM.from_pretrained(folder, {
    dtype,
    device,
    use_external_data_format: true,
    ...(sessionOptions === undefined ? {} : { session_options: sessionOptions }),
  });
  return {
    facts: `transformers.js ${env.version}`,
    async write({ prompt, maxTokens }, onToken) {
      const ids = new Tensor('int64', BigInt64Array.from(prompt, BigInt), [1, prompt.length]);
      const mask = new Tensor('int64', new BigInt64Array(prompt.length).fill(1n), [1, prompt.length]);
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
        inputs: ids,
        attention_mask: mask,
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
