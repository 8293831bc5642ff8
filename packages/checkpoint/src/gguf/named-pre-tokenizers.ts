import { JudgeDecodingError } from '@judge-decoding/core';
import { shown } from '../json-file.ts';

type Json = Readonly<Record<string, unknown>>;

/** How a byte-level vocabulary's makers cut text, as their tokenizer.json says it. */
export interface NamedPreTokenizer {
  readonly normalizer: Json | null;
  readonly preTokenizer: Json;
  /** Whether a word that is a token stays whole, even where no merges lead to it. */
  readonly ignoreMerges: boolean;
  /** Whether a text begins with the begin token where the file does not say. */
  readonly begins: boolean;
}

interface Kind {
  /** In `tokenizer.ggml.pre`. */
  readonly names: readonly string[];
  /** Patterns at which text is cut, one after another; each match is a piece. */
  readonly cuts?: readonly string[];
  /** Or the steps themselves. */
  readonly steps?: readonly Json[];
  readonly normalizer?: Json;
  readonly ignoreMerges?: true;
  readonly begins?: true;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const LETTERS = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
const SPACES = '\\s+(?!\\S)|\\s+';
const LINES = `\\s*[\\r\\n]+|${SPACES}`;
const MARKS = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*';
const MARKS_AND_SLASH = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*';
const LLAMA3 = `${CONTRACTIONS}|${LETTERS}|\\p{N}{1,3}|${MARKS}|${LINES}`;
const QWEN2 = `${CONTRACTIONS}|${LETTERS}|\\p{N}|${MARKS}|${LINES}`;
const CAPITALS = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const SMALL = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
/** Words in which capitals come first; `end` is what may follow them. */
const cased = (end: string, rest: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${CAPITALS}*${SMALL}+${end}|[^\\r\\n\\p{L}\\p{N}]?${CAPITALS}+${SMALL}*${end}|${rest}`;
const KANJI = '[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+';
const ASCII_MARKS = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';
const DEEPSEEK3 = `${ASCII_MARKS}[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|${LINES}`;
const BLOOM = ' ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+';
const OLD_HAN = '[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+';
/** Letters of Latin, Greek, Cyrillic, Armenian and their kin, as DeepSeek's first models list them. */
const OLD_LETTERS =
  '[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\u{10400}-\u{1044f}\u{104b0}-\u{104d3}\u{104d8}-\u{104fb}\u{10c80}-\u{10cb2}\u{10cc0}-\u{10cf2}\u{118a0}-\u{118df}\u{1e900}-\u{1e943}]+';

const byteLevel = (useRegex: boolean): Json => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const splitAt = (regex: string): Json => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const DIGITS: Json = { type: 'Digits', individual_digits: true };
const NFC: Json = { type: 'NFC' };

/**
 * By llama.cpp's names: those that it treats alike (src/llama-vocab.cpp, the chain over
 * `tokenizer_pre` and `llm_tokenizer_bpe`, seen at 00ad355) are alike here. The patterns are those of
 * the models' own tokenizer.json, which llama.cpp keeps beside its own spelling of them; where they
 * compose characters first (NFC), which no file says and llama.cpp does not do, we do.
 */
const KINDS: readonly Kind[] = [
  {
    names: ['llama-bpe', 'llama-v3', 'llama3', 'falcon3', 'falcon-h1', 'pixtral', 'midm-2.0', 'lfm2'],
    cuts: [LLAMA3],
    ignoreMerges: true,
    begins: true,
  },
  { names: ['smaug-bpe', 'dbrx', 'glm4', 'chatglm-bpe'], cuts: [LLAMA3] },
  { names: ['qwen2', 'deepseek-r1-qwen', 'kormo', 'f2llmv2', 'megrez'], cuts: [QWEN2], normalizer: NFC },
  { names: ['stablelm2', 'hunyuan', 'solar-open', 'grok-2'], cuts: [QWEN2] },
  {
    names: ['qwen35'],
    cuts: [
      `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${LINES}`,
    ],
    normalizer: NFC,
  },
  {
    names: ['smollm', 'starcoder', 'refact', 'codeshell', 'exaone', 'minerva-7b', 'mellum2'],
    steps: [DIGITS, byteLevel(true)],
  },
  { names: ['command-r'], steps: [DIGITS, byteLevel(true)], normalizer: NFC },
  {
    names: ['gpt-2', 'phi-2', 'gigachat', 'a.x-4.0', 'mellum', 'mpt', 'olmo', 'jais', 'trillion', 'exaone4'],
    steps: [byteLevel(true)],
  },
  {
    names: ['falcon'],
    steps: [
      { type: 'Punctuation', behavior: 'Contiguous' },
      byteLevel(true),
      { type: 'Digits', individual_digits: false },
      splitAt('[0-9][0-9][0-9]'),
    ],
  },
  {
    names: ['tekken'],
    cuts: [cased('', `\\p{N}|${MARKS_AND_SLASH}|${LINES}`)],
    ignoreMerges: true,
    begins: true,
  },
  {
    names: ['gpt-4o', 'llama4', 'kanana2', 'talkie', 'minimax-m2'],
    cuts: [cased(`${CONTRACTIONS}?`, `\\p{N}{1,3}|${MARKS_AND_SLASH}|${LINES}`)],
  },
  {
    names: ['deepseek-llm'],
    cuts: [
      '[\\r\\n]',
      `\\s?${OLD_LETTERS}`,
      '\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+',
      '\\s+$',
      OLD_HAN,
      '\\p{N}+',
    ],
  },
  { names: ['deepseek-coder'], cuts: ['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', OLD_HAN, '\\p{N}'] },
  { names: ['deepseek-v3', 'hunyuan-dense', 'joyai-llm', 'hy_v4'], cuts: ['\\p{N}{1,3}', KANJI, DEEPSEEK3] },
  { names: ['bloom', 'poro-chat', 'gpt3-finnish'], cuts: [BLOOM] },
  { names: ['viking'], cuts: [BLOOM, '\\p{N}'] },
  {
    names: ['bailingmoe', 'bailingmoe2', 'llada-moe'],
    cuts: [
      `'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|${SPACES}`,
    ],
  },
  {
    names: ['seed-coder'],
    cuts: [`${CONTRACTIONS}|${LETTERS}|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|${LINES}`],
  },
  { names: ['ufakzeka'], cuts: [`${LETTERS}|\\p{N}|${MARKS}|${LINES}`] },
  { names: ['minicpm5'], cuts: ['\\p{N}{1,3}', LLAMA3.replace('{1,3}', '+')], ignoreMerges: true },
  { names: ['laguna'], cuts: ['[^\\n]+|[\\n]+', QWEN2] },
  // no model's own: what llama.cpp does where converters knew no better
  {
    names: ['default'],
    cuts: [
      '[\\p{P}\\$\\+<=>\\^~\\|]+',
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
      '\\p{N}+',
      '[0-9][0-9][0-9]',
    ],
  },
];

const NAMED = new Map(KINDS.flatMap((kind) => kind.names.map((name) => [name, kind] as const)));

function describe({
  cuts = [],
  steps = [...cuts.map(splitAt), byteLevel(false)],
  ...kind
}: Kind): NamedPreTokenizer {
  return {
    normalizer: kind.normalizer ?? null,
    preTokenizer: { type: 'Sequence', pretokenizers: steps },
    ignoreMerges: kind.ignoreMerges === true,
    begins: kind.begins === true,
  };
}

export function namedPreTokenizer(path: string, name: string | undefined): NamedPreTokenizer {
  const kind = name === undefined ? undefined : NAMED.get(name);
  if (kind !== undefined) return describe(kind);
  const asks =
    name === undefined
      ? 'does not name its `tokenizer.ggml.pre`'
      : `asks for \`tokenizer.ggml.pre\` = ${shown(name)}`;
  throw new JudgeDecodingError(
    'unsupported',
    `\`${path}\` ${asks}, so how it cuts text is not known. Known are ${[...NAMED.keys()].join(', ')}: use another file, or the model's folder.`,
  );
}

/** Every name that is known. */
export const PRE_TOKENIZER_NAMES: readonly string[] = [...NAMED.keys()];
