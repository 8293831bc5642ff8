/*
 * Classes of characters as Hugging Face's tokenizers means them, for patterns with the flag `v`.
 * JavaScript's own \s takes U+FEFF for a space and U+0085 for none; theirs is Unicode's White_Space.
 * Some of its steps rest on older tables: what Unicode has added since counts as nothing there.
 * tools/tokenizer-check/classes.py goes through all characters.
 */
export const SPACE = '\\p{White_Space}';
/** \w of patterns; Oniguruma has six of Latin-1's numerals in it, too. */
export const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\xb2\\xb3\\xb9\\xbc-\\xbe]';
/** \w of the steps that cut words by themselves: with the joiners. */
export const WORD_OR_JOINER = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';

const NEWER_PUNCTUATION =
  '\\u{61d}\\u{9fd}\\u{a76}\\u{c77}\\u{c84}\\u{1b7d}-\\u{1b7e}\\u{2e43}-\\u{2e4f}\\u{2e52}-\\u{2e5d}\\u{10ead}\\u{10f55}-\\u{10f59}\\u{10f86}-\\u{10f89}\\u{1144b}-\\u{1144f}\\u{1145a}-\\u{1145b}\\u{1145d}\\u{11660}-\\u{1166c}\\u{116b9}\\u{1183b}\\u{11944}-\\u{11946}\\u{119e2}\\u{11a3f}-\\u{11a46}\\u{11a9a}-\\u{11a9c}\\u{11a9e}-\\u{11aa2}\\u{11c41}-\\u{11c45}\\u{11c70}-\\u{11c71}\\u{11ef7}-\\u{11ef8}\\u{11fff}\\u{12ff1}-\\u{12ff2}\\u{16e97}-\\u{16e9a}\\u{16fe2}\\u{1e95e}-\\u{1e95f}';
/** ASCII's marks and Unicode's punctuation, with two that it once was. */
export const PUNCTUATION = `[[\\p{P}\\$\\+\\<\\=\\>\\^\\\`\\|\\~\\u{166d}\\u{111c9}]--[${NEWER_PUNCTUATION}]]`;

const NEWER_MARKS =
  '\\u{7fd}\\u{898}-\\u{89f}\\u{8ca}-\\u{8d3}\\u{9fe}\\u{afa}-\\u{aff}\\u{b55}\\u{c04}\\u{c3c}\\u{d00}\\u{d3b}-\\u{d3c}\\u{d81}\\u{eba}\\u{1715}\\u{180f}\\u{1abf}-\\u{1ace}\\u{1cf7}\\u{1df6}-\\u{1dfa}\\u{a82c}\\u{a8ff}\\u{10d24}-\\u{10d27}\\u{10eab}-\\u{10eac}\\u{10f46}-\\u{10f50}\\u{10f82}-\\u{10f85}\\u{11070}\\u{11073}-\\u{11074}\\u{110c2}\\u{11145}-\\u{11146}\\u{111c9}\\u{111ce}-\\u{111cf}\\u{1133b}\\u{1145e}\\u{1182c}-\\u{1183a}\\u{11930}-\\u{11935}\\u{11937}-\\u{11938}\\u{1193b}-\\u{1193e}\\u{11940}\\u{11942}-\\u{11943}\\u{119d1}-\\u{119d7}\\u{119da}-\\u{119e0}\\u{119e4}\\u{11a01}-\\u{11a0a}\\u{11a33}-\\u{11a39}\\u{11a3b}-\\u{11a3e}\\u{11a47}\\u{11a51}-\\u{11a5b}\\u{11a8a}-\\u{11a99}\\u{11d31}-\\u{11d36}\\u{11d3a}\\u{11d3c}-\\u{11d3d}\\u{11d3f}-\\u{11d45}\\u{11d47}\\u{11d8a}-\\u{11d8e}\\u{11d90}-\\u{11d91}\\u{11d93}-\\u{11d97}\\u{11ef3}-\\u{11ef6}\\u{16f4f}\\u{16f7f}-\\u{16f87}\\u{16fe4}\\u{16ff0}-\\u{16ff1}\\u{1cf00}-\\u{1cf2d}\\u{1cf30}-\\u{1cf46}\\u{1e130}-\\u{1e136}\\u{1e2ae}\\u{1e2ec}-\\u{1e2ef}';
/** What the step that strips accents takes away. */
export const ACCENT = `[[\\p{M}\\u{1cf2}\\u{1cf3}]--[${NEWER_MARKS}]]`;

/** Characters that the steps of composition and decomposition do not know yet. */
export const NEWER_COMPOSED =
  '[\\u{32ff}\\u{a7f2}-\\u{a7f4}\\u{ab69}\\u{10781}-\\u{10785}\\u{10787}-\\u{107b0}\\u{107b2}-\\u{107ba}\\u{11938}\\u{1f16c}\\u{1fbf0}-\\u{1fbf9}]';
