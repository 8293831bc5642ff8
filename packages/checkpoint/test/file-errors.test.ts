import { expect, test } from 'vitest';
import { fileError } from '../src/file-errors.ts';

test.each([
  ['ENOENT', 'not-found', 'found nothing there'],
  ['ENOTDIR', 'not-found', 'found nothing there'],
  ['ENOSPC', 'io', '(ENOSPC): the disk is full. Make room'],
  ['EACCES', 'io', '(EACCES): that is not allowed'],
  ['EIO', 'io', '(EIO).'],
])('%s says what can be done', (code, expected, says) => {
  const error = fileError('a/file', Object.assign(new Error('no'), { code }));
  expect(error.code).toBe(expected);
  expect(error.message).toContain('a/file');
  expect(error.message).toContain(says);
});

test('an error without a code is told as it is', () => {
  expect(fileError('a/file', new Error('torn')).message).toBe(
    'Reading or writing `a/file` failed (Error: torn).',
  );
});
