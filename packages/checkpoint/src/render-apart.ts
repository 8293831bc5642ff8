import { JudgeDecodingError } from '@judge-decoding/core';
import { type SpecialText, unmark } from './special-text.ts';
import type { Plain } from './tokenize/added-tokens.ts';
import type { ChatMessage } from './tokenizer.ts';

/** What a template wrote, and where in it special tokens stay text. */
export interface WrittenChat {
  readonly text: string;
  readonly plain: Plain;
}

/**
 * Renders messages such that a template's special tokens and those in a message's content stay
 * apart. Messages without any (nearly all) reach the template unchanged; in others those in the
 * content carry a mark, which is one character that nobody uses and is taken out again afterwards.
 */
export function renderApart(
  messages: readonly ChatMessage[],
  scan: SpecialText,
  render: (messages: readonly ChatMessage[]) => string,
): WrittenChat {
  const plain = render(messages);
  const mark = unusedCharacter(`${plain}${messages.map(({ role, content }) => role + content).join('')}`);
  const marked = messages.map(({ role, content }) => ({
    // some templates build special tokens from role names, so those are escaped more sparingly
    role: scan.escapeWhole(role, mark),
    content: scan.escapeContent(content, mark),
  }));
  const untouched = marked.every(({ role, content }) => !role.includes(mark) && !content.includes(mark));
  if (untouched) return { text: plain, plain: 'nowhere' };
  const written = unmark(render(marked), mark);
  return { text: written.text, plain: (at) => written.marked.has(at) };
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
