import { checkedModel, type Model, type ModelInfo } from '@judge-decoding/core';
import type { Decoder } from './decoder-run.ts';
import { HostPasses } from './host-passes.ts';
import type { OutputTools } from './outputs.ts';
import { OrtSession } from './session.ts';

/**
 * Loaded weights and the sessions over them. A pass over several sessions runs one after another: the
 * operators take several tokens with a past for one text only.
 */
export const ortModel = (decoder: Decoder, tools: OutputTools, info: ModelInfo): Model & AsyncDisposable =>
  checkedModel({
    info,
    openSession: () => new OrtSession(new HostPasses(decoder, tools, info), info),
    async dispose(alive) {
      for (const session of alive) session.dispose();
      await tools.tails.dispose();
      await decoder.draftLoop?.dispose();
      await decoder.session.release();
    },
  });
