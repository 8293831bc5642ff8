import type { Tokenizer } from '@judge-decoding/checkpoint';
import type { TokenId } from '@judge-decoding/core';
import {
  createRecogniser,
  drawProblem,
  grade,
  type ProblemAddress,
  type Recogniser,
} from '@judge-decoding/tasks';
import type { TokenProblem, TokenReader } from './token-problem.ts';

/** What is needed of a tokenizer; a whole one fits. */
export type PocketTokenizer = Pick<Tokenizer, 'encodeChat' | 'decode' | 'bytesOf' | 'endTokens'>;

/** A problem of the pocket world in the tokens of one tokenizer. */
export function pocketProblem(address: ProblemAddress, tokenizer: PocketTokenizer): TokenProblem {
  const problem = drawProblem(address);
  const ends = new Set(tokenizer.endTokens);
  const pieces = new Map<TokenId, string>();
  const pieceOf = (token: TokenId) => {
    const known = pieces.get(token);
    if (known !== undefined) return known;
    // special tokens and broken bytes are nothing that this world ever says
    const piece = new TextDecoder().decode(tokenizer.bytesOf(token)) || '\ufffd';
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
