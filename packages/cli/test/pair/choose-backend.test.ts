import type { JudgeHead } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { BACKENDS, checkNorm, chooseBackend } from '../../src/pair/backends.ts';

test.each([
  ['gpu', 'got gpu. Say which: cuda is an NVIDIA GPU, webgpu any.'],
  ['cudda', 'got cudda. Did you mean cuda?'],
  ['metal', 'got metal. Others are not part of this version.'],
])('the backend %s is not taken for another one', (backend, said) => {
  expect(() => chooseBackend(BACKENDS, { backend })).toThrow(said);
});

test('a head of a state that a backend does not score is refused, with what makes another', () => {
  const head = { terms: [{ state: 'post-norm' }] } as unknown as JudgeHead;
  expect(() => checkNorm(head, 'other', { ...BACKENDS.cpu!, states: ['pre-norm'] })).toThrow(
    'got one that reads post-norm. Use a pre-norm head: `judge train run` makes one of each.',
  );
});
