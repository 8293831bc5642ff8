"""Tokenizers as a dozen families set theirs up, trained small on made-up text, with what Hugging Face's tokenizers says.

    pip install tokenizers sentencepiece
    python families.py OUT [--count 10000] [--seed 1]

OUT gets FAMILY.jsonl, in the form that compare_made_up.ts reads. Normalizers, pre-tokenizers, decoders and flags
of added tokens are those of the families' own files; vocabularies are nobody's.
"""

import argparse
import json
import pathlib
import random

from made_up_tokenizers import BYTE_DECODER, CHARSMAP, MARK, SPACED, TEXTS, UNIGRAM, replace, sequence, with_bytes
from random_strings import random_strings
from tokenizers import Tokenizer, models, pre_tokenizers, trainers


def byte_level(pre_tokenizer, vocab_size=1500):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return {"pre_tokenizer": pre_tokenizer, "decoder": BYTE_DECODER, "model": json.loads(tokenizer.to_str())["model"]}


def split(pattern):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def steps(*pre_tokenizers):
    return {"type": "Sequence", "pretokenizers": list(pre_tokenizers)}


def added(*contents, special=True, **flags):
    usual = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return [{"content": content, **usual, "special": special, **flags} for content in contents]


BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
WORDS = {**BYTES, "use_regex": True}
DIGITS = {"type": "Digits", "individual_digits": True}
REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + REST
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + REST
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*|\p{{N}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPACES = replace({"String": " "}, MARK)
TEXT_AGAIN = [replace({"String": MARK}, " "), {"type": "ByteFallback"}, {"type": "Fuse"}]
STRIP = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
decode = lambda *parts: {"type": "Sequence", "decoders": list(parts)}  # noqa: E731
PREPEND = sequence({"type": "Prepend", "prepend": MARK}, SPACES)
META = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": True}
FIRST = {**META, "prepend_scheme": "first", "split": False}
CHATML = added("<|endoftext|>", "<|im_start|>", "<|im_end|>")

FAMILIES = {
    "Llama 2": dict(normalizer=PREPEND, pre_tokenizer=None, decoder=decode(*TEXT_AGAIN, STRIP), model=SPACED, added=added("<s>", "</s>")),
    "Llama 2, older file": dict(normalizer=PREPEND, pre_tokenizer=None, decoder=decode(*TEXT_AGAIN, STRIP), model=SPACED,
                                added=added("<s>", "</s>", normalized=True)),
    "Mistral 0.3": dict(normalizer=None, pre_tokenizer=FIRST, decoder=decode(*TEXT_AGAIN, STRIP), model={**SPACED, "ignore_merges": False},
                        added=added("<s>", "</s>", "[INST]", "[/INST]")),
    "Phi 3": dict(normalizer=PREPEND, pre_tokenizer=None, decoder=decode(*TEXT_AGAIN, STRIP), model=SPACED,
                  added=added("<s>", "<|endoftext|>") + added("<|im_end|>", "</s>", rstrip=True)),
    "Llama 3": dict(**byte_level(steps(split(LLAMA3), BYTES)), ignore_merges=True, added=CHATML),
    "Qwen 2 and 3": dict(**byte_level(steps(split(QWEN), BYTES)), normalizer={"type": "NFC"},
                         added=CHATML + added("<tool_call>", "<think>", special=False)),
    "Mistral tekken": dict(**byte_level(steps(split(TEKKEN), BYTES)), ignore_merges=True, added=added("<unk>", "<s>", "</s>")),
    "Gemma 3": dict(normalizer=SPACES, pre_tokenizer={"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
                    decoder=decode(*TEXT_AGAIN), model=SPACED,
                    added=added("<bos>", "<|im_start|>", "<|im_end|>") + added("\n\n", "\n\n\n", "  ", "</p>", special=False)),
    "Falcon": dict(**byte_level(steps({"type": "Punctuation", "behavior": "Contiguous"}, WORDS,
                                      {"type": "Digits", "individual_digits": False}, split("[0-9][0-9][0-9]"))),
                   added=added("<|endoftext|>") + added(">>TITLE<<", special=False)),
    "SmolLM, StarCoder": dict(**byte_level(steps(DIGITS, WORDS)), added=CHATML),
    "GPT-2": dict(**byte_level(WORDS), added=added("<|endoftext|>", normalized=True)),
    "DeepSeek V3": dict(**byte_level(steps(split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+"), split(DEEPSEEK), BYTES)),
                        normalizer=sequence(), added=added("<|im_start|>", normalized=False) + added("<think>", special=False)),
    "T5": dict(normalizer=sequence({"type": "Precompiled", "precompiled_charsmap": CHARSMAP}, replace({"Regex": " {2,}"}, " ")),
               pre_tokenizer=steps({"type": "WhitespaceSplit"}, META), decoder=META,
               model={"type": "Unigram", "unk_id": 0, "vocab": UNIGRAM, "byte_fallback": False}, added=added("<|im_start|>", "<|im_end|>")),
    "Unigram with bytes": dict(normalizer={"type": "Precompiled", "precompiled_charsmap": CHARSMAP}, pre_tokenizer=META,
                               decoder=decode({"type": "ByteFallback"}, META),
                               model={"type": "Unigram", "unk_id": 0, "vocab": with_bytes, "byte_fallback": True},
                               added=added("<|im_start|>", "<|im_end|>")),
}  # fmt: skip


def document(family):
    model = {**family["model"], **({"ignore_merges": True} if family.get("ignore_merges") else {})}
    vocab = model["vocab"]
    known = {entry[0]: i for i, entry in enumerate(vocab)} if isinstance(vocab, list) else vocab
    tokens, next_id = [], len(vocab)
    for token in family["added"]:
        if token["content"] in known:
            tokens.append({"id": known[token["content"]], **token})
        else:
            tokens.append({"id": next_id, **token})
            next_id += 1
    tokens.sort(key=lambda token: token["id"])
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": family.get("normalizer"),
            "pre_tokenizer": family["pre_tokenizer"], "post_processor": None, "decoder": family["decoder"], "model": model}  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(args.seed)
    strings = random_strings(args.count, args.seed)
    for name, family in FAMILIES.items():
        content = document(family)
        tokenizer = Tokenizer.from_str(json.dumps(content))
        tokens = [token["content"] for token in content["added_tokens"]]
        special = {token["id"] for token in content["added_tokens"] if token["special"]}
        changed = any(token["special"] and token["normalized"] for token in content["added_tokens"]) and content["normalizer"]
        rows, left_out = [], 0
        for text in strings:
            if rng.random() < 0.4:
                at = rng.randint(0, len(text))
                text = text[:at] + rng.choice(["", " "]) + rng.choice(tokens) + rng.choice(["", " ", "\n"]) + text[at:]
            tokenizer.encode_special_tokens = False
            read = tokenizer.encode(text, add_special_tokens=False).ids
            tokenizer.encode_special_tokens = True
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            if special & set(plain) - {content["model"].get("unk_id")}:
                left_out += 1  # theirs makes a special token of a user's letters, ours never does
                continue
            rows.append([text, plain, read, tokenizer.decode(plain), None if changed else tokenizer.decode(read)])
        with open(out / f"{name.replace(' ', '-').replace(',', '')}.jsonl", "w", encoding="utf-8") as file:
            file.write(json.dumps({"about": {"family": name}, "json": content, "rows": rows}) + "\n")
        print(f"{name}: {len(rows)} strings, {left_out} left out", flush=True)


main()
