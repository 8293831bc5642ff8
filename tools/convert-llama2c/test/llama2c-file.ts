/** A made-up model in llama2.c's legacy format. */
export interface MadeModel {
  readonly dim: number;
  readonly hiddenDim: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly maxSequenceLength: number;
  readonly sharedClassifier: boolean;
  readonly pieces: readonly MadePiece[];
}

export interface MadePiece {
  readonly text: string;
  readonly score: number;
}

/** The 259 tokens every llama2.c vocabulary starts with, then `words` with falling scores, then single characters. */
export function makePieces(words: readonly string[], characters: string): MadePiece[] {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  return [
    { text: '<unk>', score: 0 },
    { text: '\n<s>\n', score: 0 },
    { text: '\n</s>\n', score: 0 },
    ...bytes.map((text) => ({ text, score: 0 })),
    ...words.map((text, i) => ({ text, score: -i })),
    ...[...characters].map((text, i) => ({ text, score: -words.length - i })),
  ];
}

/** The weights of a block are numbers that say where they are: block · 1e5 + position. */
export const weightAt = (block: number, i: number) => block * 1e5 + i;

export function checkpointFile(model: MadeModel): Uint8Array {
  const { dim, hiddenDim, layers, heads, kvHeads, maxSequenceLength, sharedClassifier, pieces } = model;
  const keys = (dim / heads) * kvHeads;
  const blocks = [
    pieces.length * dim,
    layers * dim,
    layers * dim * dim,
    layers * keys * dim,
    layers * keys * dim,
    layers * dim * dim,
    layers * dim,
    layers * hiddenDim * dim,
    layers * dim * hiddenDim,
    layers * hiddenDim * dim,
    dim,
    (maxSequenceLength * dim) / heads,
    ...(sharedClassifier ? [] : [pieces.length * dim]),
  ];
  const header = Int32Array.of(
    dim,
    hiddenDim,
    layers,
    heads,
    kvHeads,
    sharedClassifier ? pieces.length : -pieces.length,
    maxSequenceLength,
  );
  const weights = blocks.map((size, block) =>
    Float32Array.from({ length: size }, (_, i) => weightAt(block, i)),
  );
  return new Uint8Array(Buffer.concat([header, ...weights].map(({ buffer }) => new Uint8Array(buffer))));
}

export function tokenizerFile(pieces: readonly MadePiece[]): Uint8Array {
  const texts = pieces.map(({ text }) => Buffer.from(text));
  const longest = Int32Array.of(Math.max(...texts.map(({ length }) => length)));
  const records = pieces.flatMap(({ score }, id) => [
    new Uint8Array(Float32Array.of(score).buffer),
    new Uint8Array(Int32Array.of(texts[id]!.length).buffer),
    texts[id]!,
  ]);
  return new Uint8Array(Buffer.concat([new Uint8Array(longest.buffer), ...records]));
}

/** run.c's `encode`, without its begin and end tokens: join the best-scored pair until none is left. */
export function llama2cEncode(text: string, pieces: readonly MadePiece[]): number[] {
  if (text === '') return [];
  const ids = new Map(pieces.slice(259).map((piece, i) => [piece.text, i + 259]));
  const tokens = [ids.get(' ')!];
  for (const character of text) {
    const id = ids.get(character);
    if (id !== undefined) tokens.push(id);
    else for (const byte of Buffer.from(character)) tokens.push(byte + 3);
  }
  for (;;) {
    let best: { at: number; id: number; score: number } | undefined;
    for (let at = 0; at + 1 < tokens.length; at++) {
      const [left, right] = [tokens[at]!, tokens[at + 1]!];
      if (left < 259 || right < 259) continue;
      const id = ids.get(pieces[left]!.text + pieces[right]!.text);
      if (id !== undefined && (best === undefined || pieces[id]!.score > best.score)) {
        best = { at, id, score: pieces[id]!.score };
      }
    }
    if (best === undefined) return tokens;
    tokens.splice(best.at, 2, best.id);
  }
}
