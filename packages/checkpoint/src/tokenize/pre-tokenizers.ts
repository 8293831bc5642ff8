import { isObject } from '../json-file.ts';
import type { NormalText } from './normal-text.ts';
import { bytesAsCharacters, patternOf } from './normalizers.ts';
import { SPLIT_BEHAVIORS, type SplitBehavior, split } from './splitting.ts';
import { PUNCTUATION, SPACE, WORD_OR_JOINER } from './unicode.ts';
import type { Refuse } from './unsupported.ts';

/** Cuts a piece into those that a model turns into tokens one by one. */
export type PreTokenizer = (piece: NormalText) => NormalText[];

type Json = Readonly<Record<string, unknown>>;

const KNOWN =
  'Supported are ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, FixedLength and sequences of them.';

/** GPT-2's way to cut text into words, as the byte-level step has it built in. */
const WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const NUMERAL = /\p{N}/gu;
const SPACES = new RegExp(SPACE, 'gv');
const WORDS_AND_MARKS = new RegExp(`${WORD_OR_JOINER}+|[^${WORD_OR_JOINER}${SPACE}]+`, 'gv');
const MARKS = new RegExp(PUNCTUATION, 'gv');

/** A tokenizer.json's `pre_tokenizer`. */
export function preTokenizer(step: unknown, refuse: Refuse): PreTokenizer {
  if (step === undefined || step === null) return (piece) => [piece];
  if (!isObject(step)) throw refuse('pre_tokenizer', step, KNOWN);
  switch (step.type) {
    case 'Sequence': {
      const steps = Array.isArray(step.pretokenizers) ? step.pretokenizers : [];
      const each = steps.map((inner: unknown) => preTokenizer(inner, refuse));
      return (piece) => each.reduce((pieces, next) => pieces.flatMap((inner) => next(inner)), [piece]);
    }
    case 'ByteLevel':
      return byteLevel(step);
    case 'Metaspace':
      return metaspace(step, refuse);
    case 'Split': {
      const pattern = patternOf(step.pattern, refuse, 'pre_tokenizer.pattern');
      const behavior = behaviorOf(step, undefined, refuse);
      return (piece) => split(piece, pattern, behavior, step.invert === true);
    }
    case 'Digits': {
      const behavior = step.individual_digits === true ? 'Isolated' : 'Contiguous';
      return (piece) => split(piece, NUMERAL, behavior);
    }
    case 'Punctuation': {
      const behavior = behaviorOf(step, 'Isolated', refuse);
      return (piece) => split(piece, MARKS, behavior);
    }
    case 'Whitespace':
      return (piece) => split(piece, WORDS_AND_MARKS, 'Removed', true);
    case 'WhitespaceSplit':
      return (piece) => split(piece, SPACES, 'Removed');
    case 'CharDelimiterSplit': {
      const delimiter = patternOf({ String: step.delimiter }, refuse, 'pre_tokenizer.delimiter');
      return (piece) => split(piece, delimiter, 'Removed');
    }
    case 'FixedLength': {
      const { length } = step;
      if (!Number.isInteger(length) || !((length as number) >= 1) || (length as number) > 65536) {
        throw refuse('pre_tokenizer.length', length, 'Expected an integer from 1 to 65536.');
      }
      const pattern = new RegExp(`[\\s\\S]{1,${length}}`, 'gu');
      return (piece) => split(piece, pattern, 'Isolated');
    }
    default:
      throw refuse('pre_tokenizer.type', step.type, KNOWN);
  }
}

function behaviorOf({ behavior }: Json, usual: SplitBehavior | undefined, refuse: Refuse): SplitBehavior {
  const named = behavior ?? usual;
  const known = SPLIT_BEHAVIORS.find((each) => each === named);
  if (known !== undefined) return known;
  throw refuse('pre_tokenizer.behavior', behavior, `Supported are ${SPLIT_BEHAVIORS.join(', ')}.`);
}

function byteLevel({ add_prefix_space: prefix, use_regex: useRegex }: Json): PreTokenizer {
  return (piece) => {
    // each piece that comes here gets its space, also inside a text
    const needsSpace = prefix !== false && !piece.text.startsWith(' ');
    const spaced = needsSpace ? piece.edit([{ from: 0, to: 0, text: ' ' }]) : piece;
    const words = useRegex === false ? [spaced] : split(spaced, WORDS, 'Isolated');
    return words.map(bytesAsCharacters);
  };
}

/** Spaces become the mark, one is put in front, and the text is cut before each. */
function metaspace(step: Json, refuse: Refuse): PreTokenizer {
  const mark = step.replacement ?? '\u2581';
  if (typeof mark !== 'string' || mark === '') {
    throw refuse('pre_tokenizer.replacement', mark, 'Expected a character.');
  }
  const scheme = step.prepend_scheme ?? (step.add_prefix_space === false ? 'never' : 'always');
  if (scheme !== 'always' && scheme !== 'first' && scheme !== 'never') {
    throw refuse('pre_tokenizer.prepend_scheme', scheme, 'Supported are always, first and never.');
  }
  const pattern = patternOf({ String: mark }, refuse, 'pre_tokenizer.replacement');
  const space = / /g;
  return (piece) => {
    const edits = [...piece.text.matchAll(space)].map(({ index }) => ({
      from: index,
      to: index + 1,
      text: mark,
    }));
    const marked = piece.edit(edits);
    const begins = scheme === 'always' || (scheme === 'first' && marked.origin(0) === 0);
    const put = begins && !marked.text.startsWith(mark);
    const whole = put ? marked.edit([{ from: 0, to: 0, text: mark }]) : marked;
    return step.split === false ? [whole] : split(whole, pattern, 'MergedWithNext');
  };
}
