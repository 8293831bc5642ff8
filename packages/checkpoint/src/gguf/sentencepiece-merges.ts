import { invalidGguf } from './gguf-header.ts';
import { type GgufToken, type GgufVocabulary, isOrdinary } from './gguf-vocabulary.ts';

/** Trying every cut of every token takes the square of its length: of real vocabularies 2 to 30 million. */
const MAX_WORK = 2 ** 28;

/**
 * SentencePiece keeps a score for every token instead of a list of merges: of all neighbours that
 * together are a token, those of the best score merge first. Listing every cut of every token into
 * two tokens, best score first, gives the same order; the rest of the order is that of Hugging
 * Face's converter (longer left sides first, then longer right ones).
 */
export function sentencePieceMerges(
  path: string,
  { tokens, byText }: GgufVocabulary,
  scores: readonly number[],
): [string, string][] {
  const pieces = tokens.filter((token) => isOrdinary(token) && token.kind !== 'byte');
  const work = pieces.reduce((sum, { text }) => sum + text.length ** 2, 0);
  if (work > MAX_WORK) throw invalidGguf(path, 'its tokens are too long for a vocabulary');
  const merges: { left: string; right: string; score: number; sizes: readonly [number, number] }[] = [];
  for (const { id, text } of pieces) {
    const score = scores[id]!;
    if (!Number.isFinite(score)) throw invalidGguf(path, `token ${id} has the score ${score}`);
    const characters = [...text];
    const cuts: { left: GgufToken; right: GgufToken; sizes: readonly [number, number] }[] = [];
    let left = '';
    for (let i = 0; i + 1 < characters.length; i++) {
      left += characters[i];
      const pair = [byText.get(left), byText.get(text.slice(left.length))] as const;
      if (!isPiece(pair[0]) || !isPiece(pair[1])) continue;
      cuts.push({ left: pair[0], right: pair[1], sizes: [i + 1, characters.length - i - 1] });
    }
    cuts.sort((a, b) => a.left.id - b.left.id || a.right.id - b.right.id);
    for (const cut of cuts) {
      merges.push({ left: cut.left.text, right: cut.right.text, score, sizes: cut.sizes });
    }
  }
  merges.sort((a, b) => b.score - a.score || b.sizes[0] - a.sizes[0] || b.sizes[1] - a.sizes[1]);
  return merges.map(({ left, right }) => [left, right]);
}

const isPiece = (token: GgufToken | undefined): token is GgufToken =>
  token !== undefined && isOrdinary(token) && token.kind !== 'byte';
