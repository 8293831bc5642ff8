import { expect, test } from 'vitest';
import { BACKENDS, chooseBackend } from '../../src/pair/backends.ts';

test.each([
  ['gpu', 'got gpu. Say which: cuda is an NVIDIA GPU, webgpu any.'],
  ['cudda', 'got cudda. Did you mean cuda?'],
  ['metal', 'got metal. Others are not part of this version.'],
])('the backend %s is not taken for another one', (backend, said) => {
  expect(() => chooseBackend(BACKENDS, { backend })).toThrow(said);
});
