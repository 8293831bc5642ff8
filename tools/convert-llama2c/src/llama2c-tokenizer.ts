import { JudgeDecodingError } from '@judge-decoding/core';

/** A piece of a llama2.c tokenizer file: SentencePiece's, with ▁ written as a space. */
export interface Piece {
  readonly text: string;
  /** Higher merges first. */
  readonly score: number;
}

/** ids that llama2.c's run.c hard-codes. */
export const UNKNOWN = 0;
export const BEGIN = 1;
export const END = 2;
const FIRST_BYTE = 3;
const FIRST_PIECE = FIRST_BYTE + 256;

/** No piece of a SentencePiece vocabulary comes near. */
const MAX_PIECE_BYTES = 1024;

/**
 * Reads tokenizer.bin: int32 longest piece, then for each token float32 score, int32 length and
 * its UTF-8 bytes. The number of tokens is the checkpoint's. Ends exactly at the file's end.
 */
export function readPieces(path: string, bytes: Uint8Array, vocabSize: number): Piece[] {
  const bad = (problem: string) =>
    new JudgeDecodingError(
      'invalid-file',
      `\`${path}\` is not the llama2.c tokenizer of ${vocabSize} tokens: ${problem}.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw bad(`it has ${bytes.length} bytes`);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: Piece[] = [];
  let at = 4;
  for (let id = 0; id < vocabSize; id++) {
    if (at + 8 > bytes.length) throw bad(`it ends before token ${id}`);
    const score = view.getFloat32(at, true);
    const length = view.getInt32(at + 4, true);
    at += 8;
    if (length < 0 || length > MAX_PIECE_BYTES) throw bad(`token ${id} has the length ${length}`);
    if (at + length > bytes.length) throw bad(`it ends inside token ${id}`);
    if (!Number.isFinite(score)) throw bad(`token ${id} has the score ${score}`);
    try {
      pieces.push({ text: decoder.decode(bytes.subarray(at, at + length)), score });
    } catch (cause) {
      throw new JudgeDecodingError('invalid-file', `\`${path}\`: token ${id} is no UTF-8.`, { cause });
    }
    at += length;
  }
  if (at !== bytes.length) throw bad(`its tokens end at byte ${at}, the file at ${bytes.length}`);
  for (let byte = 0; byte < 256; byte++) {
    const piece = pieces[FIRST_BYTE + byte]?.text;
    if (piece !== byteName(byte))
      throw bad(`token ${FIRST_BYTE + byte} is ${JSON.stringify(piece)}, expected ${byteName(byte)}`);
  }
  return pieces;
}

const byteName = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** The same tokenizer as the content of a Hugging Face tokenizer.json, in the form of Llama 2's. */
export function tokenizerJson(path: string, pieces: readonly Piece[]): object {
  const names = pieces.map(({ text }, id) => nameOf(text, id));
  const vocab: Record<string, number> = Object.create(null);
  for (const [id, name] of names.entries()) {
    if (name in vocab) {
      throw new JudgeDecodingError(
        'invalid-file',
        `\`${path}\` has the token ${JSON.stringify(name)} twice, as ${vocab[name]} and ${id}.`,
      );
    }
    vocab[name] = id;
  }
  const special = (id: number) => ({
    id,
    content: names[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const begin = names[BEGIN]!;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(UNKNOWN), special(BEGIN), special(END)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '\u2581' },
        { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: begin, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: begin, type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: begin, type_id: 1 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { [begin]: { id: begin, ids: [BEGIN], tokens: [begin] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: names[UNKNOWN],
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: { ...vocab },
      merges: mergesOf(pieces, names),
    },
  };
}

/** llama2.c shows its begin and end tokens on lines of their own; the vocabulary's names have no lines. */
function nameOf(text: string, id: number): string {
  if (id === BEGIN) return '<s>';
  if (id === END) return '</s>';
  return id < FIRST_PIECE ? text : text.replaceAll(' ', '\u2581');
}

/**
 * SentencePiece joins the two neighbours whose joint piece has the highest score; a list of merges
 * names pairs in order. So every way to cut a piece into two pieces is a merge, those of higher
 * scores first. Where one piece can be cut in several ways, the lower ids go first: SentencePiece
 * would take the leftmost in the text, which a list cannot say and which rarely differs.
 */
function mergesOf(pieces: readonly Piece[], names: readonly string[]): string[] {
  const ids = new Map(names.map((name, id) => [name, id] as const).filter(([, id]) => id >= FIRST_PIECE));
  const merges: { readonly left: number; readonly right: number; readonly score: number }[] = [];
  for (const [name, id] of ids) {
    const characters = [...name];
    for (let cut = 1; cut < characters.length; cut++) {
      const left = ids.get(characters.slice(0, cut).join(''));
      const right = ids.get(characters.slice(cut).join(''));
      if (left !== undefined && right !== undefined) merges.push({ left, right, score: pieces[id]!.score });
    }
  }
  return merges
    .sort((a, b) => b.score - a.score || a.left - b.left || a.right - b.right)
    .map(({ left, right }) => `${names[left]} ${names[right]}`);
}
