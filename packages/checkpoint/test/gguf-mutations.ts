import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { checkTensors, checkVocabulary } from '../src/assemble-checkpoint.ts';
import { NeedsMoreBytes } from '../src/gguf/byte-cursor.ts';
import { parseGgufHeader } from '../src/gguf/gguf-header.ts';
import { describeGguf } from '../src/gguf/open-gguf.ts';
import {
  type GgufEntry,
  type GgufTensorToWrite,
  type GgufToWrite,
  ggufBytes,
  makeTinyCheckpoint,
  tinyGgufParts,
} from '../src/testing/index.ts';

/** A sound tiny file: its parts, its bytes, and where its header ends. */
export interface SoundGguf {
  readonly parts: GgufToWrite;
  readonly bytes: Buffer;
  readonly headerBytes: number;
}

/** `sentencePiece`: with a vocabulary of scores instead of merges. */
export async function soundGguf(sentencePiece?: {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  readonly kinds: readonly number[];
}): Promise<SoundGguf> {
  const folder = await mkdtemp(join(tmpdir(), 'judge-fuzz-'));
  try {
    const shape = {
      layers: 1,
      hiddenSize: 8,
      attentionHeads: 2,
      vocabSize: sentencePiece?.tokens.length ?? 320,
    };
    await makeTinyCheckpoint(join(folder, 'tiny'), shape);
    const tiny = await tinyGgufParts(join(folder, 'tiny'));
    const metadata = new Map(tiny.metadata);
    if (sentencePiece !== undefined) {
      metadata.set('tokenizer.ggml.model', ['string', 'llama']);
      metadata.set('tokenizer.ggml.tokens', ['strings', sentencePiece.tokens]);
      metadata.set('tokenizer.ggml.scores', ['f32s', sentencePiece.scores]);
      metadata.set('tokenizer.ggml.token_type', ['i32s', sentencePiece.kinds]);
      metadata.delete('tokenizer.ggml.merges');
    }
    const parts = { ...tiny, metadata: [...metadata] };
    const bytes = ggufBytes(parts);
    const { tensors } = parseGgufHeader('sound', bytes, bytes.length);
    const headerBytes = Math.min(...[...tensors.values()].map(({ position }) => position));
    return { parts, bytes, headerBytes };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Uniform integers below `limit`: mulberry32. */
export function integers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const LIES = [
  0n, 1n, 2n, 3n, 9n, 31n, 255n, 65_536n, 2n ** 20n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 61n, 2n ** 63n, 2n ** 64n - 1n,
]; // biome-ignore format: a list reads better than a column

/** A sound file with one to four edits to its bytes, or put together from parts that lie. */
export function mutate(sound: SoundGguf, pick: (limit: number) => number): Buffer {
  return pick(2) === 0 ? editBytes(sound, pick) : ggufBytes(lie(sound.parts, pick));
}

function editBytes({ bytes: sound, headerBytes }: SoundGguf, pick: (limit: number) => number): Buffer {
  let bytes = Buffer.from(sound);
  for (let edits = pick(2) === 0 ? 1 : 1 + pick(4); edits > 0 && bytes.length > 0; edits--) {
    // half of the edits hit the start, where the counts and the settings are
    const at = pick(Math.min(bytes.length, pick(2) === 0 ? 2500 : headerBytes));
    const length = Math.min(1 + pick(40), bytes.length - at);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (pick(8)) {
      case 0:
      case 1:
        bytes[at]! ^= 1 << pick(8);
        break;
      case 2:
        bytes[at] = pick(256);
        break;
      case 3:
        if (at + 8 <= bytes.length) bytes.writeBigUInt64LE(LIES[pick(LIES.length)]!, at);
        break;
      case 4:
        if (at + 4 <= bytes.length) bytes.writeUInt32LE(Number(LIES[pick(11)]!), at);
        break;
      case 5:
        bytes = pick(3) === 0 ? Buffer.from(before) : Buffer.concat([before, after.subarray(length)]);
        break;
      case 6:
        bytes = Buffer.concat([before, Buffer.alloc(length, pick(256)), after]);
        break;
      default:
        bytes = Buffer.concat([before, after.subarray(0, length), after]);
    }
  }
  return bytes;
}

const NUMBERS = [0, 1, 2, 3, 7, 8, 31, 320, 999, 65_536, 2 ** 26, 2 ** 31 - 1];
const WORDS = [
  '',
  'llama',
  'qwen2',
  'gpt2',
  'gpt-2',
  'llama-bpe',
  'linear',
  'a b',
  '\u2581',
  '<0x0A>',
  '{{',
  '{% for',
  '\ud83d\ude00',
  '__proto__',
];

/** One to three parts that are well-formed and wrong. */
function lie(parts: GgufToWrite, pick: (limit: number) => number): GgufToWrite {
  const metadata = [...parts.metadata];
  const tensors = [...parts.tensors];
  let { version, alignment } = parts;
  for (let lies = 1 + pick(3); lies > 0; lies--) {
    const at = pick(metadata.length);
    const [key, entry] = metadata[at]!;
    switch (pick(8)) {
      case 0:
        metadata.splice(at, 1);
        break;
      case 1:
        metadata.splice(at, 0, [pick(2) === 0 ? key : `llama.${WORDS[pick(WORDS.length)]}`, entry]);
        break;
      case 2:
      case 3:
        metadata[at] = [key, anyEntry(entry, pick)];
        break;
      case 4:
      case 5: {
        const which = pick(tensors.length);
        tensors[which] = anyTensor(tensors[which]!, pick);
        break;
      }
      case 6:
        tensors.splice(pick(tensors.length), pick(2), tensors[pick(tensors.length)]!);
        break;
      default:
        if (pick(2) === 0) alignment = NUMBERS[1 + pick(6)]!;
        else version = NUMBERS[pick(5)]!;
    }
    if (metadata.length === 0 || tensors.length === 0) break;
  }
  return { version: version ?? 3, alignment: alignment ?? 32, metadata, tensors };
}

/** Another value: of the same kind where there is a list to change, else of any kind. */
function anyEntry(entry: GgufEntry, pick: (limit: number) => number): GgufEntry {
  const number = NUMBERS[pick(NUMBERS.length)]!;
  if (entry[0] === 'strings' && pick(4) > 0) {
    const list = [...entry[1]];
    list.splice(
      pick(list.length + 1),
      pick(3),
      ...Array.from({ length: pick(3) }, () => WORDS[pick(WORDS.length)]!),
    );
    return ['strings', list];
  }
  if (entry[0] === 'i32s' && pick(4) > 0) {
    const list = [...entry[1]];
    list[pick(list.length)] = NUMBERS[pick(8)]!;
    return ['i32s', list];
  }
  const entries: readonly GgufEntry[] = [
    ['u32', number],
    ['i32', -number],
    ['f32', number / 3],
    ['f64', Number.NaN],
    ['u64', number],
    ['bool', pick(2) === 0],
    ['string', WORDS[pick(WORDS.length)]!],
    ['string', Uint8Array.of(0xff, 0xc0, 0x80)],
    ['strings', Array.from({ length: pick(4) }, () => WORDS[pick(WORDS.length)]!)],
    ['f32s', Array.from({ length: pick(400) }, () => pick(9))],
  ];
  return entries[pick(entries.length)]!;
}

function anyTensor(tensor: GgufTensorToWrite, pick: (limit: number) => number): GgufTensorToWrite {
  const number = NUMBERS[pick(NUMBERS.length)]!;
  switch (pick(4)) {
    case 0:
      return { ...tensor, shape: tensor.shape.map((size) => (pick(2) === 0 ? number : size)) };
    case 1:
      return { ...tensor, type: pick(45) };
    case 2:
      return { ...tensor, name: `${tensor.name}${WORDS[pick(WORDS.length)]}` };
    default:
      return { ...tensor, shape: [...tensor.shape, number], bytes: tensor.bytes.subarray(0, pick(64)) };
  }
}

export type Outcome = 'read' | 'invalid-file' | 'unsupported' | 'mismatch';

/** What opening the file does, without the file system in the way; throws where it does what it must not. */
export function openMutant(bytes: Buffer): Outcome {
  try {
    const header = parseGgufHeader('mutant.gguf', bytes, bytes.length);
    const { fileConfig, tokenizer, tensors } = describeGguf('mutant.gguf', header, () => new Date(0));
    const config = { ...fileConfig, tokenCount: tokenizer.tokenCount };
    const infos = [...tensors.values()];
    checkVocabulary('mutant.gguf', config, tokenizer);
    checkTensors('mutant.gguf', config, {
      list: () => infos,
      has: (name) => tensors.has(name),
      info: (name) => tensors.get(name)!,
    });
    // whatever is let through must be safe to read
    for (const { position, byteLength } of infos) {
      if (position < 24 || byteLength < 0 || position + byteLength > bytes.length)
        throw new Error('out of the file');
    }
    const ids = tokenizer.encode('Tom has 12 apples — é😀', { begin: true, special: true });
    if (ids.some((id) => tokenizer.vocabulary(id) === undefined)) throw new Error('an id without a token');
    tokenizer.decode(ids);
    return 'read';
  } catch (error) {
    if (error instanceof NeedsMoreBytes) throw new Error('wants more than the whole file');
    if (JudgeDecodingError.is(error)) {
      const code = error.code;
      if (code === 'invalid-file' || code === 'unsupported' || code === 'mismatch') return code;
    }
    throw error;
  }
}
