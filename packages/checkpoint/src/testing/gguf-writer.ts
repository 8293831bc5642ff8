/** A metadata value with the name of its type in the file. */
export type GgufEntry =
  | readonly ['u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f32' | 'f64' | 'u64' | 'i64', number]
  | readonly ['bool', boolean]
  | readonly ['string', string | Uint8Array]
  | readonly ['strings', readonly string[]]
  | readonly ['u32s' | 'i32s' | 'f32s', readonly number[]];

/** A tensor as the file is to say it, whether its bytes fit or not. */
export interface GgufTensorToWrite {
  readonly name: string;
  /** Row-major, outermost first. */
  readonly shape: readonly number[];
  /** The number that stands for the type in the file. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** A whole file; `alignment` in bytes. */
export interface GgufToWrite {
  readonly version?: number;
  readonly alignment?: number;
  readonly metadata: readonly (readonly [string, GgufEntry])[];
  readonly tensors: readonly GgufTensorToWrite[];
}

const TYPES = { u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, u64: 10, i64: 11, f64: 12 }; // biome-ignore format: a table
const ARRAY = 9;

/** The bytes of a GGUF file, for tests: whatever it is told, sound or not. */
export function ggufBytes({ version = 3, alignment = 32, metadata, tensors }: GgufToWrite): Buffer {
  const parts: Buffer[] = [];
  const u32 = (value: number) => scalar('u32', value);
  const u64 = (value: number) => scalar('u64', value);
  parts.push(Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(metadata.length));
  for (const [key, entry] of metadata) parts.push(text(key), ...value(entry));
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    parts.push(text(name), u32(shape.length), ...[...shape].reverse().map(u64), u32(type), u64(offset));
    offset += padded(bytes.length, alignment);
  }
  const header = Buffer.concat(parts);
  const body = tensors.map(({ bytes }) => padTo(bytes, alignment));
  return Buffer.concat([padTo(header, alignment), ...body]);
}

const padded = (length: number, alignment: number) => Math.ceil(length / alignment) * alignment;
const padTo = (bytes: Uint8Array, alignment: number) =>
  Buffer.concat([bytes, Buffer.alloc(padded(bytes.length, alignment) - bytes.length)]);

function text(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([scalar('u64', bytes.length), bytes]);
}

function value([type, content]: GgufEntry): Buffer[] {
  const u32 = (number: number) => scalar('u32', number);
  switch (type) {
    case 'string':
      return [u32(TYPES.string), text(content)];
    case 'bool':
      return [u32(TYPES.bool), scalar('u8', Number(content))];
    case 'strings':
      return [u32(ARRAY), u32(TYPES.string), scalar('u64', content.length), ...content.map(text)];
    case 'u32s':
    case 'i32s':
    case 'f32s': {
      const element = type.slice(0, -1) as 'u32' | 'i32' | 'f32';
      const elements = content.map((number) => scalar(element, number));
      return [u32(ARRAY), u32(TYPES[element]), scalar('u64', content.length), ...elements];
    }
    default:
      return [u32(TYPES[type]), scalar(type, content)];
  }
}

function scalar(type: Exclude<keyof typeof TYPES, 'bool' | 'string'>, number: number): Buffer {
  const bytes = Buffer.alloc(Number.parseInt(type.slice(1), 10) / 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (type) {
    case 'u8':
    case 'i8':
      view.setUint8(0, number);
      break;
    case 'u16':
    case 'i16':
      view.setUint16(0, number, true);
      break;
    case 'u32':
    case 'i32':
      view.setUint32(0, number, true);
      break;
    case 'f32':
      view.setFloat32(0, number, true);
      break;
    case 'f64':
      view.setFloat64(0, number, true);
      break;
    case 'u64':
    case 'i64':
      view.setBigInt64(0, BigInt(number), true);
      break;
  }
  return bytes;
}
