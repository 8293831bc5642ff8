"""Which characters patterns and steps of tokenizers know as what, for classes.ts.

    pip install tokenizers
    python classes.py OUT.json

Goes through every assigned character: the classes of patterns, the steps that cut by themselves, and what each
normalizer makes of it.
"""

import json
import sys
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

CODES = [c for c in range(1, 0x110000) if unicodedata.category(chr(c)) not in ("Cs", "Cn", "Co")]
PATTERNS = [
    r"\w", r"\d", r"\s", r"\h", "[[:punct:]]", "[[:alpha:]]", "[[:alnum:]]", "[[:space:]]", "[[:word:]]", "[[:upper:]]",
    "[[:lower:]]", "[[:blank:]]", "[[:graph:]]", r"\p{Han}", r"\p{L}", r"\p{N}", r"\p{M}", r"\p{P}", r"\p{S}", r"\p{Lu}",
    r"\p{Lo}", "(?i:s)", "(?i:k)", "(?i:å)", "(?i:i)",
]  # fmt: skip
STEPS = {
    "Punctuation": (pre_tokenizers.Punctuation("removed"), "\x01", 2),
    "Digits": (pre_tokenizers.Digits(True), "\x01", 3),
    "Whitespace": (pre_tokenizers.Whitespace(), "a", 1),
    "WhitespaceSplit": (pre_tokenizers.WhitespaceSplit(), "a", 2),
}


def members(step, around, pieces):
    return [c for c in CODES if len(step.pre_tokenize_str(around + chr(c) + around)) == pieces]


classes = {pattern: members(pre_tokenizers.Split(Regex(pattern), "removed"), "\x01", 2) for pattern in PATTERNS}
classes |= {name: members(*step) for name, step in STEPS.items()}
changed = {}
for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"]:
    step = getattr(normalizers, name)()
    texts = {c: step.normalize_str(chr(c)) for c in CODES}
    changed[name] = {c: text for c, text in texts.items() if text != chr(c)}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump({"codes": CODES, "classes": classes, "changed": changed}, file)
print(len(CODES), "characters")
