/** node-llama-cpp's side of `../src/against-node-llama-cpp.ts`: its defaults on the CPU, but for threads and context. */
import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp';
import { measureRuntime } from '../src/runtime-measures.ts';

await measureRuntime(async ({ location, threads, contextLength }) => {
  // never a build from source, nor a download
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: location });
  const context = await model.createContext({
    contextSize: contextLength,
    threads: { ideal: threads, min: threads },
  });
  const sequence = context.getSequence();
  return {
    async *write(prompt, count) {
      await sequence.clearHistory();
      let written = 0;
      const tokens = sequence.evaluate(prompt as Token[], { temperature: 0, yieldEogToken: true });
      for await (const token of tokens) {
        yield token;
        if (++written === count) return;
      }
    },
    facts: {
      threads: context.currentThreads,
      contextLength: context.contextSize,
      mapped: String(model.useMmap ?? ''),
      flashAttention: String(context.flashAttention),
      llamaCpp: llama.llamaCppRelease.release,
    },
  };
});
