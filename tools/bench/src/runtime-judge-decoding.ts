/** Our side of `against-node-llama-cpp.ts`: the CPU backend, decoding plainly through core's loop. */
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { generate } from '@judge-decoding/core';
import { measureRuntime } from './runtime-measures.ts';

await measureRuntime(async ({ location, threads, contextLength, cacheFolder }) => {
  const model = await cpuBackend({ dtype: 'auto', threads, contextLength, cacheFolder }).open(location);
  const session = await model.openSession();
  return {
    async *write(prompt, maxTokens) {
      session.truncate(0);
      const rounds = generate({
        // no token ends the text
        model: { ...model.info, endTokens: [] },
        target: session,
        prompt,
        maxTokens,
      });
      for await (const { tokens } of rounds) for (const { id } of tokens) yield id;
    },
    facts: { dtype: model.info.dtype, megabytesPerToken: model.weights.bytesPerToken / 1e6 },
  };
});
