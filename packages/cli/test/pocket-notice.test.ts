import { expect, test } from 'vitest';
import { pocketNotice } from '../src/pocket/pocket-prompt.ts';

test.each([
  [
    'Mia has 12 pens. Mia loses 50 pens. How many pens does Mia have now?',
    /no numbers like those at "Mia loses 50 pens\."/,
  ],
  [
    'Ann 9, Bob 9, Leo 3. Who has the most?',
    /no single answer to "Ann 9, Bob 9, Leo 3\. Who has the most\?" \(a tie,/,
  ],
  [
    'Mia has 12 pens. Eva has 3 pens. She buys 5 pens. How many pens does she have?',
    /no single answer to .*a "she"/,
  ],
])('says of %j what is not of the world', (prompt, said) => {
  expect(pocketNotice(prompt)).toMatch(said);
});

test('a notice about a sentence holds no control characters of it, and no half characters', () => {
  const said = pocketNotice(`Why\u001b[31m ${'🙂'.repeat(100)}?`);
  expect(said).toMatch(/does not have "Why \[31m 🙂+\.\.\."/u);
  expect(said).not.toMatch(/\p{Cc}|\p{Cs}/u);
});
