import { JudgeDecodingError } from '@judge-decoding/core';
import { LABEL_MORE } from '@judge-decoding/train';
import { expect, test } from 'vitest';
import { fitOr } from '../../src/train/lacking-labels.ts';

const failing = (message: string) => Promise.reject(new JudgeDecodingError('invalid-input', message));

test('a fit that lacks labels says how to come by more, any other fault what it said', async () => {
  const more = () => 'Ask for more: --problems 40, say.';
  expect(await fitOr(Promise.resolve(5), more)).toBe(5);
  await expect(fitOr(failing(`Too few. ${LABEL_MORE}`), more)).rejects.toThrow(/^Too few\. Ask for more/);
  await expect(fitOr(failing('Too large.'), more)).rejects.toThrow(/^Too large\.$/);
});
