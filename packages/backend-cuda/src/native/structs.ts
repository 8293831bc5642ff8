import { type FieldType, STRUCTS, type StructName } from './abi.ts';

export interface FieldPlace {
  readonly offset: number;
  readonly type: FieldType;
}

export interface StructLayout {
  readonly size: number;
  readonly fields: ReadonlyMap<string, FieldPlace>;
}

/** Where C puts the fields: each at a multiple of its own size, the whole a multiple of the largest. */
export function layoutOf(struct: Readonly<Record<string, FieldType>>): StructLayout {
  const fields = new Map<string, FieldPlace>();
  let [offset, widest] = [0, 1];
  for (const [name, type] of Object.entries(struct)) {
    const { size, alignment } = sizeOf(type);
    offset = Math.ceil(offset / alignment) * alignment;
    fields.set(name, { offset, type });
    offset += size;
    widest = Math.max(widest, alignment);
  }
  return { size: Math.ceil(offset / widest) * widest, fields };
}

function sizeOf(type: FieldType): { readonly size: number; readonly alignment: number } {
  switch (type) {
    case 'int32_t':
    case 'float':
      return { size: 4, alignment: 4 };
    case 'uint64_t':
    case 'double':
    case 'pointer':
      return { size: 8, alignment: 8 };
    default:
      return { size: Number(type.slice('char['.length, -1)), alignment: 1 };
  }
}

const LAYOUTS = new Map(
  Object.entries(STRUCTS).map(([name, struct]) => [name as StructName, layoutOf(struct)] as const),
);

/** One struct, or several in a row, as bytes that the library reads and writes. */
export class Structs {
  /** What is passed to the library. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly #layout: StructLayout;
  readonly #view: DataView;

  constructor(name: StructName, count = 1) {
    this.#layout = LAYOUTS.get(name)!;
    this.count = count;
    this.bytes = new Uint8Array(Math.max(1, count) * this.#layout.size);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** All fields are nought again. */
  clear(): this {
    this.bytes.fill(0);
    return this;
  }

  set(fields: Readonly<Record<string, number>>, index = 0): this {
    for (const name in fields) this.put(name, fields[name]!, index);
    return this;
  }

  /** Addresses and 64-bit numbers are from 0 up to 2^53, where they are exact: where a process has memory is below. */
  put(name: string, value: number, index = 0): this {
    const { offset: within, type } = this.#field(name);
    const offset = index * this.#layout.size + within;
    if (type === 'int32_t') this.#view.setInt32(offset, value, true);
    else if (type === 'float') this.#view.setFloat32(offset, value, true);
    else if (type === 'double') this.#view.setFloat64(offset, value, true);
    else {
      // two halves: to make a BigInt takes longer
      this.#view.setUint32(offset, value % 2 ** 32, true);
      this.#view.setUint32(offset + 4, value / 2 ** 32, true);
    }
    return this;
  }

  /** Bytes before a field of the first struct. */
  offset(name: string): number {
    return this.#field(name).offset;
  }

  number(name: string): number {
    const { offset, type } = this.#field(name);
    if (type === 'int32_t') return this.#view.getInt32(offset, true);
    if (type === 'float') return this.#view.getFloat32(offset, true);
    if (type === 'double') return this.#view.getFloat64(offset, true);
    return Number(this.#view.getBigUint64(offset, true));
  }

  /** UTF-8 up to the first zero byte. */
  text(name: string): string {
    const { offset, type } = this.#field(name);
    const bytes = this.bytes.subarray(offset, offset + sizeOf(type).size);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  #field(name: string): FieldPlace {
    return this.#layout.fields.get(name)!;
  }
}
