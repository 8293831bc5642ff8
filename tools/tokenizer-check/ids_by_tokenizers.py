"""Token ids of random strings by the tokenizers package, for compare.ts.

    pip install tokenizers
    python ids_by_tokenizers.py FOLDER OUT.json [--count 10000] [--seed 1] [--nfc]

FOLDER holds a tokenizer.json. Special tokens written in a string stay text. `--nfc` composes
characters first: Qwen's own tokenizer does, and transformers does it with a folder of Qwen's, but a
tokenizer.json that transformers 5.24 has made from a GGUF file does not say so.
"""

import argparse
import json

from random_strings import random_strings
from tokenizers import Tokenizer, normalizers

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("out")
parser.add_argument("--count", type=int, default=10_000)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--nfc", action="store_true")
args = parser.parse_args()

tokenizer = Tokenizer.from_file(args.folder + "/tokenizer.json")
tokenizer.encode_special_tokens = True
if args.nfc:
    tokenizer.normalizer = normalizers.NFC()
rows = [
    [text, tokenizer.encode(text, add_special_tokens=False).ids]
    for text in random_strings(args.count, args.seed)
]
with open(args.out, "w", encoding="utf-8") as file:
    json.dump(rows, file)
print(f"{len(rows)} strings, {sum(len(ids) for _, ids in rows)} tokens")
