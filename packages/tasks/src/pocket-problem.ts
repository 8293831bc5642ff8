import { type TokenId, utf8Decode } from '@judge-decoding/core';
import {
  createRecogniser,
  drawProblem,
  grade,
  type ProblemAddress,
  type Recogniser,
} from './pocket-world/index.ts';
import type { TokenProblem, TokenReader } from './token-problem.ts';

/** What is needed of a tokenizer; those of `@judge-decoding/checkpoint` fit. */
export interface PocketTokenizer {
  readonly endTokens: readonly TokenId[];
  encodeChat(messages: readonly { readonly role: string; readonly content: string }[]): readonly TokenId[];
  decode(tokens: readonly TokenId[]): string;
  bytesOf(token: TokenId): Uint8Array;
}

/** A problem of the pocket world in the tokens of one tokenizer. */
export function pocketProblem(address: ProblemAddress, tokenizer: PocketTokenizer): TokenProblem {
  const problem = drawProblem(address);
  const ends = new Set(tokenizer.endTokens);
  const pieces = new Map<TokenId, string>();
  const pieceOf = (token: TokenId) => {
    const known = pieces.get(token);
    if (known !== undefined) return known;
    const piece = textOf(tokenizer.bytesOf(token));
    pieces.set(token, piece);
    return piece;
  };
  const readerOf = (recogniser: Recogniser): TokenReader => ({
    feed: (token) => (ends.has(token) ? recogniser.end() : recogniser.feed(pieceOf(token))),
    clone: () => readerOf(recogniser.clone()),
  });
  let fresh: Recogniser | undefined;
  return {
    id: problem.id,
    domain: problem.domain,
    prompt: tokenizer.encodeChat([{ role: 'user', content: problem.prompt }]),
    reader() {
      // compiling a problem's automaton costs more than reading a solution
      fresh ??= createRecogniser(address);
      return readerOf(fresh.clone());
    },
    grade: (solution) => grade(problem, tokenizer.decode(solution.filter((token) => !ends.has(token)))),
  };
}

/** Special tokens and broken bytes are nothing that this world ever says. */
function textOf(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes) || '\ufffd';
  } catch {
    return '\ufffd';
  }
}
