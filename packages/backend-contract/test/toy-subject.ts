import type { Backend } from '@judge-decoding/core';
import { type Golden, type Subject, toleranceFor, toyBackend, toyLocation, toyModel } from '../src/index.ts';

const MODEL = { seed: 5, vocab: 19, context: 64, prefillChunk: 8, ties: true };
const PROMPT = [3, 14, 1, 5, 9, 2, 6];

/** The toy, or a saboteur of it, with the golden values of the sound toy. */
export async function toySubject(backend: Backend = toyBackend()): Promise<Subject> {
  return {
    backend,
    location: toyLocation(MODEL),
    malformed: ['toy:seed=', 'toy:colour=3'],
    device: 'memory',
    tolerance: toleranceFor('fp32'),
    exempt: {},
    golden: await golden(),
  };
}

async function golden(): Promise<Golden> {
  const model = toyModel(MODEL);
  const session = await model.openSession();
  const weights = Float32Array.from({ length: model.info.hiddenSize }, (_, unit) => Math.cos(unit));
  const terms = (['pre-norm', 'post-norm'] as const).map((state) => ({
    layer: 'last' as const,
    state,
    row: 'own' as const,
    weights,
  }));
  const request = { logits: true, hidden: ['pre-norm'], judge: terms } as const;
  const { logits, hidden, judge } = await session.forward(PROMPT, request);
  session.truncate(0);
  const { tokens } = await session.propose(PROMPT, { count: 20 });
  return { prompt: PROMPT, logits, preNorm: hidden[0]!, text: tokens, judge: { terms, dots: judge } };
}
