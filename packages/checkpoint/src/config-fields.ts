import { JudgeDecodingError } from '@judge-decoding/core';
import { shown } from './json-file.ts';

/**
 * Reads the fields of a JSON object one by one and remembers which were read, so that what nobody
 * asked for can be refused at the end. `null` counts as absent, as in Hugging Face's files.
 */
export interface ConfigFields {
  /** Whether the object has the field, `null` included. */
  has(name: string): boolean;
  /** The value as it is, `undefined` when absent. */
  any(name: string): unknown;
  /** An integer from 1. Without a fallback the field must be there. */
  count(name: string, fallback?: number): number;
  /** An integer from 0. */
  whole(name: string, fallback?: number): number;
  /** A finite number above zero. */
  positive(name: string, fallback?: number): number;
  flag(name: string, fallback: boolean): boolean;
  text(name: string, fallback?: string): string;
  /** Refuses with code `unsupported`: the field, what came, what to do. */
  refuse(name: string, got: unknown, supported: string): JudgeDecodingError;
  /** Names that are present, hold more than `null`, `false` or nothing, and were never read. */
  unread(): string[];
}

/** Larger than any dimension of any model, small enough that products of two stay exact. */
const MAX_COUNT = 2 ** 26;

export function fieldsOf(path: string, object: Readonly<Record<string, unknown>>, within = ''): ConfigFields {
  const read = new Set<string>();
  const full = (name: string) => `${within}${name}`;
  const any = (name: string): unknown => {
    read.add(name);
    return Object.hasOwn(object, name) && object[name] !== null ? object[name] : undefined;
  };
  const field = <T>(
    name: string,
    fallback: T | undefined,
    expected: string,
    fits: (value: unknown) => value is T,
  ): T => {
    const value = any(name);
    if (value === undefined && fallback !== undefined) return fallback;
    if (fits(value)) return value;
    const got = value === undefined ? 'nothing' : `\`${shown(value)}\``;
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`${full(name)}\` in \`${path}\` to be ${expected}, got ${got}.`,
    );
  };
  return {
    has: (name) => Object.hasOwn(object, name),
    any,
    count: (name, fallback) =>
      field(
        name,
        fallback,
        `an integer from 1 to ${MAX_COUNT}`,
        (value): value is number =>
          Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_COUNT,
      ),
    whole: (name, fallback) =>
      field(
        name,
        fallback,
        `an integer from 0 to ${MAX_COUNT}`,
        (value): value is number =>
          Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COUNT,
      ),
    positive: (name, fallback) =>
      field(
        name,
        fallback,
        'a finite number above 0',
        (value): value is number => Number.isFinite(value) && (value as number) > 0,
      ),
    flag: (name, fallback) =>
      field(name, fallback, 'true or false', (value): value is boolean => typeof value === 'boolean'),
    text: (name, fallback) =>
      field(name, fallback, 'a string', (value): value is string => typeof value === 'string'),
    refuse: (name, got, supported) =>
      new JudgeDecodingError(
        'unsupported',
        `\`${path}\` asks for \`${full(name)}\` = ${shown(got)}, which is not supported. ${supported}`,
      ),
    unread: () => Object.keys(object).filter((name) => !read.has(name) && !isOff(object[name])),
  };
}

const isOff = (value: unknown) =>
  value === null ||
  value === false ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
