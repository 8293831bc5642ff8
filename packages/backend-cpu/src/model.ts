import { checkedModel, type Model } from '@judge-decoding/core';
import type { WeightsReport } from '@judge-decoding/onnx';
import type { Line, OpenedModel } from './protocol.ts';
import { SentTerms } from './sent-terms.ts';
import { CpuSession } from './session.ts';

/** A model in a worker. */
export interface CpuModel extends Model {
  /** How its weights were carried over, and what rounding them cost. */
  readonly weights: WeightsReport;
}

/** The main thread's end of a model in a worker: one message for each call, none for a truncation. */
export function cpuModel({ info, weights }: OpenedModel, line: Line): CpuModel {
  const tools = { line, terms: new SentTerms() };
  let next = 0;
  const model = checkedModel<CpuSession>({
    info,
    async openSession() {
      const id = next++;
      await line.ask({ kind: 'open-session', session: id });
      return new CpuSession(tools, id);
    },
    forward: (passes, request) =>
      line.ask({
        kind: 'forward',
        passes: passes.map(({ core, tokens, length }) => core.pass(tokens, length)),
        request: tools.terms.request(request),
      }),
    // the worker's caches go with it
    dispose: () => line.close(),
  });
  return { ...model, weights };
}
