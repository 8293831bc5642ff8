import {
  devicesOf,
  ENGINE_FIGURES,
  engineShape,
  GPUS,
  type HeldAs,
  parseSynthetic,
  partBytes,
  predictPass,
} from '@judge-decoding/backend-cuda';
import type { RoundPair, RoundResult } from './speed.ts';

/** What the planner says of an H200, for what was measured. */
export interface Predicted {
  /** Milliseconds of a call. */
  pass(rows: number, context: number): number;
  /** Milliseconds of a token that is drafted without the host. */
  readonly draftToken: number;
  /** Bytes on each GPU. */
  readonly bytes: number;
}

/** `model` as it was opened, on `device`, which may be several GPUs. */
export function predicted(model: string, dtype: string, device = 'cuda:0'): Predicted {
  const { config } = parseSynthetic(model);
  const shape = engineShape(config, { heldAs: dtype as HeldAs, context: config.contextLength });
  const ranks = devicesOf(device).length;
  const pass = (rows: number, context: number) =>
    predictPass({ shape, ranks, rows, context }, GPUS.h200!, ENGINE_FIGURES);
  return {
    pass: (rows, context) => pass(rows, context) + ENGINE_FIGURES.perCall,
    draftToken: pass(1, 512),
    bytes: partBytes(shape, ranks),
  };
}

/** Tokens a second of a judged round. */
export function predictedRound({
  target,
  draft,
  targetDevice,
  draftDevice,
  draftLength,
  acceptedAssumed,
}: RoundPair & RoundResult): number {
  const of = (model: string, device: string) => predicted(model, model.split(':').at(-1)!, device);
  const milliseconds =
    of(target, targetDevice).pass(draftLength + 1, 512) +
    draftLength * of(draft, draftDevice).draftToken +
    ENGINE_FIGURES.perCall;
  return (1000 * (acceptedAssumed + 1)) / milliseconds;
}

/** By how much a prediction is off, of what was measured: `-3 %`. */
export const off = (said: number, measured: number): string =>
  `${(100 * (said / measured - 1)).toFixed(0)} %`;
