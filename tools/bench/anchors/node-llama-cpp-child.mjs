import { DraftSequenceTokenPredictor, getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { answerParent } from './answer-parent.mjs';

answerParent(async (settings) => {
  const { target, draft, threads, contextLength, endTokens, predictor, version, gpu = false } = settings;
  // never a build from source, nor a download
  const llama = await getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    maxThreads: gpu ? undefined : threads,
    logLevel: LlamaLogLevel.error,
  });
  const contextOf = async (modelPath) =>
    (await llama.loadModel({ modelPath, ...(gpu ? { gpuLayers: 'max' } : {}) })).createContext({
      contextSize: contextLength,
      ...(gpu ? { flashAttention: true } : { threads: { ideal: threads, min: threads } }),
    });
  const context = await contextOf(target);
  const drafting = draft === undefined ? undefined : (await contextOf(draft)).getSequence();
  const sequence = context.getSequence(
    drafting === undefined ? {} : { tokenPredictor: new DraftSequenceTokenPredictor(drafting, predictor) },
  );
  const ends = new Set(endTokens);
  const write = async ({ prompt, maxTokens }, onToken) => {
    await sequence.clearHistory();
    const tokens = [];
    for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      tokens.push(token);
      onToken();
      if (tokens.length === maxTokens || ends.has(token)) break;
    }
    return tokens;
  };
  // a GPU that cannot run it says so now, and what a driver compiles at first use is not timed
  if (gpu)
    await write({ prompt: Array.from({ length: 40 }, (_, index) => 1000 + index), maxTokens: 8 }, () => {});
  return {
    facts: `node-llama-cpp ${version} (llama.cpp ${llama.llamaCppRelease.release}), ${gpu ? `${llama.gpu}, the file as it is` : `float32, ${threads} threads`}${draft === undefined ? '' : `, its draft predictor ${JSON.stringify(predictor)}`}`,
    write,
  };
});
