import type { ChatMessage, Tokenizer } from '@judge-decoding/checkpoint';
import type { TokenId } from '@judge-decoding/core';
import type { AnswerRoom } from './answer-room.ts';

/** What has been said, as messages; tokens are made anew for each turn, and caches keep what they share. */
export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** Adds a user's message and returns the prompt, after leaving out old exchanges that no longer fit. */
  ask(text: string): { readonly prompt: readonly TokenId[]; readonly leftOut: number };
  answer(text: string): void;
  /** Takes the last user's message back. */
  retract(): void;
  reset(): void;
}

export function conversation(
  tokenizer: Tokenizer,
  {
    system,
    contextLength,
    room,
  }: {
    readonly system: string | undefined;
    readonly contextLength: number;
    readonly room: Pick<AnswerRoom, 'tokens'>;
  },
): Conversation {
  const opening: readonly ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }];
  let turns: ChatMessage[] = [];
  const encode = () => tokenizer.encodeChat([...opening, ...turns]);
  return {
    get messages() {
      return [...opening, ...turns];
    },
    ask(text) {
      turns.push({ role: 'user', content: text });
      let prompt = encode();
      let leftOut = 0;
      const free = contextLength - room.tokens;
      if (prompt.length <= free) return { prompt, leftOut };
      // What is behind the first exchange left out has to be read again, so half of what fits is made
      // free at once: then the next turns only add. The oldest question and its answer go together,
      // since templates want roles in turns.
      while (turns.length > 2 && prompt.length > free >> 1) {
        turns = turns.slice(2);
        leftOut++;
        prompt = encode();
      }
      return { prompt, leftOut };
    },
    answer(text) {
      turns.push({ role: 'assistant', content: text });
    },
    retract() {
      turns.pop();
    },
    reset() {
      turns = [];
    },
  };
}

/** How many tokens two texts begin with alike. */
export function commonPrefix(a: readonly TokenId[], b: readonly TokenId[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
