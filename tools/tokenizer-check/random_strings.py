"""Random strings of the kinds that tokenizers disagree about."""

import random
import unicodedata

POOLS = {
    "words": "the and of to in is that for it as with was his he be not by but have you which are on or her "
    "apple bridge Candle doctor ELEPHANT forest gh jklmn qrst naïve coöperate Straße façade".split(),
    "numbers": ["0", "7", "12", "345", "6789", "3.14", "1,000,000", "1e-9", "0x1F", "²³", "½", "Ⅳ", "٣٤", "१२", "①", "12345678901234567890"],
    "contractions": ["'s", "'S", "'t", "'re", "'RE", "'ve", "'m", "'ll", "'LL", "'d", "'ſ", "’s", "'", "''", "'x", "it's", "don't", "DON'T", "we'LL"],
    "emoji": list("😀😅🤖🎉🔥❤🐍") + ["👩‍👩‍👧", "🇩🇪", "🏳️‍🌈", "👍🏽", "❤️", "🧑🏿‍🚀", "1️⃣"],
    "cjk": list("日本語中文漢字仮名交じり文。、「」") + ["カタカナ", "ひらがな", "한국어", "ﾊﾝｶｸ", "𠀀", "㐀"],
    "marks": ["e\u0301", "a\u0308\u0323", "o\u0302\u0301", "\u0301", "n\u0303", "\u1112\u1161\u11ab", "क्षि", "ก็", "שָׁ", "َّ", "Å", "Å", "ﬁ", "ǆ", "\u0344", "\u0958"],
    "scripts": ["Привет", "Ελλάδα", "العربية", "עברית", "हिन्दी", "ไทย", "ქართ", "አማ", "Việt", "İI", "ß", "ſ", "K"],
    "controls": [chr(c) for c in range(1, 32)] + ["\x7f", "\x80", "\x85", "\x9f", "\xad", "\u200b", "\u200d", "\u200e", "\u2028", "\u2029", "\u2060", "\ufeff", "\ufffd", "\ufffe", "\ufff9"],
    "spaces": [" ", "  ", "   ", "    ", "\t", "\n", "\r\n", "\n\n", "\r", " \n", "\n ", "\u00a0", "\u3000", "\u2003", "\u1680", "\x0b", "\x0c", "\u0085"],
    "marks of code": list("()[]{}<>=+-*/%&|^~!?.,;:#@$_\\\"`") + ["==", "!=", "=>", "//", "/*", "*/", "...", "::", "</p>", "def f(x):", "    return", "};", "\\n"],
    "special": ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<tool_call>", "</s>", "<s>", "<unk>", "<0x0A>", "<|im_", "|>", "▁", "▁▁a", "Ġ", "Ċ", "[PAD151665]", "<think>"],
}  # fmt: skip
NAMES = list(POOLS)


def any_character(rng: random.Random) -> str:
    """An assigned character of Unicode 15 that is no surrogate."""
    while True:
        last = rng.choice([0x7F, 0x2FF, 0xFFFF, 0x1FFFF, 0x10FFFF])
        char = chr(rng.randint(1, last))
        if unicodedata.category(char) not in ("Cs", "Cn", "Co"):
            return char


def long_word(rng: random.Random) -> str:
    letters = rng.choice(["ab", "abcdefghijklmnopqrstuvwxyz", "aeiouAEIOU", "日本", "é", "0123456789", "=", " "])
    return "".join(rng.choice(letters) for _ in range(rng.randint(30, 400)))


def random_string(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.05:
        return "".join(any_character(rng) for _ in range(rng.randint(1, 30)))
    if kind < 0.1:
        return rng.choice(["", " ", "x"]) + long_word(rng) + rng.choice(["", " ", "!"])
    pools = [POOLS[rng.choice(NAMES)] for _ in range(rng.randint(1, 4))]
    glue = rng.choice(["", "", " ", "\n"])
    return glue.join(rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 12)))


def random_strings(count: int, seed: int) -> list[str]:
    """`count` different strings."""
    rng = random.Random(seed)
    seen: dict[str, None] = {}
    while len(seen) < count:
        seen.setdefault(random_string(rng))
    return list(seen)
