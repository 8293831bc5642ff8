import { expect, test } from 'vitest';
import { pocketNotice } from '../src/pocket/pocket-prompt.ts';

test('a notice about a sentence holds no control characters of it, and no half characters', () => {
  const said = pocketNotice(`Why\u001b[31m ${'🙂'.repeat(100)}?`);
  expect(said).toMatch(/does not have "Why \[31m 🙂+\.\.\."/u);
  expect(said).not.toMatch(/\p{Cc}|\p{Cs}/u);
});
