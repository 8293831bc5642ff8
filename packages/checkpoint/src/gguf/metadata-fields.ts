import { invalidGguf, shownValue } from './gguf-header.ts';
import type { GgufValue } from './gguf-values.ts';

/** Metadata by name and kind; what is of another kind than expected is refused. */
export interface MetadataFields {
  has(key: string): boolean;
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  number(key: string): number | undefined;
  strings(key: string, maxLength: number): string[] | undefined;
  numbers(key: string, maxLength: number): number[] | undefined;
}

export function metadataFields(path: string, metadata: ReadonlyMap<string, GgufValue>): MetadataFields {
  const read = <T>(key: string, expected: string, take: (value: GgufValue) => T | undefined) => {
    const value = metadata.get(key);
    if (value === undefined) return undefined;
    const taken = take(value);
    if (taken !== undefined) return taken;
    throw invalidGguf(path, `expected \`${key}\` to be ${expected}, got ${shownValue(value)}`);
  };
  const isArray = (value: GgufValue) => typeof value === 'object';
  return {
    has: (key) => metadata.has(key),
    text: (key) => read(key, 'a string', (value) => (typeof value === 'string' ? value : undefined)),
    flag: (key) => read(key, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
    number: (key) => read(key, 'a number', (value) => (typeof value === 'number' ? value : undefined)),
    strings: (key, maxLength) =>
      read(key, `at most ${maxLength} strings`, (value) =>
        isArray(value) && value.kind === 'strings' && value.length <= maxLength ? value.strings() : undefined,
      ),
    numbers: (key, maxLength) =>
      read(key, `at most ${maxLength} numbers`, (value) =>
        isArray(value) && value.kind === 'numbers' && value.length <= maxLength ? value.numbers() : undefined,
      ),
  };
}
