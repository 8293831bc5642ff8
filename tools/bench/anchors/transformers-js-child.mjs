import { AutoModelForCausalLM, BaseStreamer, env, Tensor } from '@huggingface/transformers';
import { answerParent } from './answer-parent.mjs';

answerParent(async ({ folder, threads, endTokens }) => {
  env.allowRemoteModels = false;
  const model = await AutoModelForCausalLM.from_pretrained(folder, {
    dtype: 'fp32',
    device: 'cpu',
    local_files_only: true,
    use_external_data_format: true,
    session_options: { intraOpNumThreads: threads },
  });
  return {
    facts: `transformers.js ${env.version}, float32, ${threads} threads`,
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
        eos_token_id: endTokens,
        streamer: new Watch(),
      });
      return tokens;
    },
  };
});
