import { JudgeDecodingError } from '@judge-decoding/core';
import type { SpecialText } from './special-text.ts';
import type { ChatMessage } from './tokenizer.ts';

/**
 * Renders messages such that a template's special tokens and those in a message's content stay
 * apart: the template's are written as `aliasOf` says, the contents' as they are. Messages without
 * any (nearly all) reach the template unchanged; in others those in the content carry a mark, which
 * is one character that nobody uses and is taken out again afterwards.
 */
export function renderApart(
  messages: readonly ChatMessage[],
  scan: SpecialText,
  aliasOf: (special: string) => string,
  render: (messages: readonly ChatMessage[]) => string,
): string {
  const plain = render(messages);
  const mark = unusedCharacter(`${plain}${messages.map(({ role, content }) => role + content).join('')}`);
  const marked = messages.map(({ role, content }) => ({
    // some templates build special tokens from role names, so those are escaped more sparingly
    role: scan.escapeWhole(role, mark),
    content: scan.escapeContent(content, mark),
  }));
  const untouched = marked.every(({ role, content }) => !role.includes(mark) && !content.includes(mark));
  return untouched ? scan.replace(plain, aliasOf) : scan.replace(render(marked), aliasOf, mark);
}

/** A private-use character that `text` does not have; one code unit, so no template can halve it. */
function unusedCharacter(text: string): string {
  const used = new Set(text.match(/[\ue000-\uf8ff]/g));
  for (let code = 0xe000; code <= 0xf8ff; code++) {
    const character = String.fromCharCode(code);
    if (!used.has(character)) return character;
  }
  throw new JudgeDecodingError(
    'invalid-input',
    'Expected messages that leave one private-use character unused, these use all 6400.',
  );
}
