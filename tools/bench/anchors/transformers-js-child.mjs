import { env } from '@huggingface/transformers';
import { answerParent } from './answer-parent.mjs';
import { openTransformers } from './transformers-js.mjs';

answerParent(async ({ folder, threads, endTokens, dtype = 'fp32', device = 'cpu' }) => {
  env.allowRemoteModels = false;
  const opened = await openTransformers({
    folder,
    dtype,
    device,
    endTokens,
    ...(device === 'cpu' ? { sessionOptions: { intraOpNumThreads: threads } } : {}),
  });
  return {
    ...opened,
    facts: `${opened.facts}, ${dtype}, ${device === 'cpu' ? `${threads} threads` : device}`,
  };
});
