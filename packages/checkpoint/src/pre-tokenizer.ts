import { JudgeDecodingError } from '@judge-decoding/core';
import { isObject, shown } from './json-file.ts';

type Json = Readonly<Record<string, unknown>>;

/** GPT-2's way to cut text into words, as the byte-level step has it built in. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const isolate = (regex: string): Json => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});

/**
 * A tokenizer.json's `pre_tokenizer`, spelled such that the JavaScript library cuts text where
 * Hugging Face's own implementation does. Its `Split` step reads patterns the way theirs does; its
 * other steps use JavaScript's ideas of a space (U+FEFF is one, U+0085 none) and of a digit (² is
 * none), so they are written as `Split`. Steps that cannot be written so are refused by name.
 */
export function exactPreTokenizer(path: string, step: unknown): Json | null {
  if (step === undefined || step === null) return null;
  if (!isObject(step)) throw unsupported(path, 'pre_tokenizer', step);
  switch (step.type) {
    case 'Sequence': {
      const steps = Array.isArray(step.pretokenizers) ? (step.pretokenizers as unknown[]) : [];
      return {
        ...step,
        pretokenizers: steps.map((inner) => exactPreTokenizer(path, inner)).filter((inner) => inner !== null),
      };
    }
    case 'Digits':
      return isolate(step.individual_digits === true ? '\\p{N}' : '\\p{N}+');
    case 'ByteLevel': {
      // the space that it may put in front comes before the cutting, so this one has to stay whole
      if (step.use_regex === false || step.add_prefix_space === true) return step;
      return sequence(isolate(WORDS), { ...step, use_regex: false });
    }
    case 'Metaspace':
      // unless told not to, this step also cuts before every space
      return step.split === false ? step : sequence(step, isolate('\u2581[^\u2581]*|[^\u2581]+'));
    case 'Split': {
      const keepsAll = step.behavior === 'Isolated' && step.invert !== true;
      if (!keepsAll && step.behavior !== 'Removed')
        throw unsupported(path, 'pre_tokenizer.behavior', step.behavior);
      return isObject(step.pattern) && typeof step.pattern.Regex === 'string'
        ? { ...step, pattern: { Regex: withAllCases(step.pattern.Regex) } }
        : step;
    }
    default:
      throw unsupported(path, 'pre_tokenizer.type', step.type);
  }
}

/**
 * Without case means in Unicode that ſ is an s and the Kelvin sign a k; the library knows only
 * ASCII's pairs. Spelt out in groups of plain letters: `(?i:'s|'t)`.
 */
const withAllCases = (regex: string): string =>
  regex.replace(/\(\?i:([A-Za-z'|]+)\)/g, (_, letters: string) => {
    const others: Readonly<Record<string, string>> = { s: '\u017f', k: '\u212a' };
    const spelt = letters.replace(/[A-Za-z]/g, (letter) => {
      const small = letter.toLowerCase();
      return `[${small}${small.toUpperCase()}${others[small] ?? ''}]`;
    });
    return `(?:${spelt})`;
  });

const sequence = (...pretokenizers: readonly Json[]): Json => ({ type: 'Sequence', pretokenizers });

const unsupported = (path: string, field: string, got: unknown) =>
  new JudgeDecodingError(
    'unsupported',
    `\`${path}\` asks for \`${field}\` = ${shown(got)}, which is not supported. Use a tokenizer that cuts text with ByteLevel, Digits, Metaspace, or Split (Isolated or Removed).`,
  );
