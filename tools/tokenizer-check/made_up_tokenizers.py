"""Made-up tokenizers over every step that a tokenizer.json may name, with what Hugging Face's tokenizers says.

    pip install tokenizers sentencepiece
    python made_up_tokenizers.py OUT.jsonl [--count 400] [--strings 60] [--seed 1]
    python made_up_tokenizers.py ../../packages/checkpoint/test/fixtures/made-up-tokenizers.json --golden --count 60 --strings 6 --seed 2

Each line is a whole tokenizer.json drawn from normalizers x pre-tokenizers x models x flags of added
tokens, and random strings with their ids (special tokens read, and not) and decoded text. Vocabularies
are trained here on made-up text: nobody's. `--golden` writes one small document, with every vocabulary
once. Some combinations take all memory in tokenizers itself: bound it (`ulimit -v 5000000`) and use
several seeds.
"""

import argparse
import base64
import io
import json
import random
import sys
import tempfile

import sentencepiece
from random_strings import POOLS, random_strings
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

rng = random.Random(5)
TEXTS = [" ".join(rng.choice(POOLS["words"]) for _ in range(30)) for _ in range(300)]
TEXTS += [" ".join(rng.choice(POOLS["cjk"] + POOLS["marks"] + POOLS["scripts"]) for _ in range(10)) for _ in range(60)]
TEXTS += ["  x = 1\n    return (a == b)\n\n", "don't we'll it's\n", "1234 56 7", "a  b   c    d"] * 20


def trained(model, trainer, pre_tokenizer=None):
    tokenizer = Tokenizer(model)
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(TEXTS, trainer)
    return json.loads(tokenizer.to_str())["model"]


def byte_level_model():
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, show_progress=False)
    return trained(models.BPE(), trainer, pre_tokenizers.ByteLevel(add_prefix_space=False))


def spaced_model(**more):
    """As SentencePiece's converters make them: pieces with the mark for a space, and a token for every byte."""
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<unk>"], limit_alphabet=120, show_progress=False)
    model = trained(models.BPE(unk_token="<unk>"), trainer, pre_tokenizers.Metaspace())
    vocab = model["vocab"]
    for byte in range(256):
        vocab.setdefault(f"<0x{byte:02X}>", len(vocab))
    return {**model, "byte_fallback": True, "fuse_unk": True, **more}


RULES = [("a", "A"), ("\u2460", "1"), ("\u0301", ""), ("\u00bd", "1/2"), ("\u3000", " "), ("\r", " "), ("e\u0301", "E"), ("\u200d", "")]


def unigram_parts():
    """A trained Unigram vocabulary, and the character map that SentencePiece compiles for T5 and its kin."""
    rules = {"normalization_rule_name": "nmt_nfkc"}
    if "--golden" in sys.argv:
        # the real map takes 240 kB
        hexadecimal = lambda text: " ".join(f"{ord(c):X}" for c in text)  # noqa: E731
        with tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False) as file:
            file.writelines(f"{hexadecimal(a)}\t{hexadecimal(b)}\n" for a, b in RULES)
        rules = {"normalization_rule_tsv": file.name}
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_writer=out, model_type="unigram", vocab_size=500, minloglevel=2,
        hard_vocab_limit=False, **rules,
    )  # fmt: skip
    proto = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    vocab = [[proto.id_to_piece(i), proto.get_score(i)] for i in range(proto.get_piece_size())]
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto.FromString(out.getvalue())
    charsmap = base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()
    return vocab, charsmap


BYTE_LEVEL = byte_level_model()
SPACED = spaced_model()
UNIGRAM, CHARSMAP = unigram_parts()
with_bytes = UNIGRAM + [[f"<0x{byte:02X}>", -20.0] for byte in range(256)]
MARK = "\u2581"

BYTE_DECODER = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
SPACED_DECODER = {
    "type": "Sequence",
    "decoders": [
        {"type": "Replace", "pattern": {"String": MARK}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ],
}  # fmt: skip
META = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": True}

MODELS = {
    "byte level": (BYTE_LEVEL, BYTE_DECODER),
    "byte level, whole words": ({**BYTE_LEVEL, "ignore_merges": True}, BYTE_DECODER),
    "spaced": (SPACED, SPACED_DECODER),
    "spaced, unknown": ({**SPACED, "byte_fallback": False}, SPACED_DECODER),
    "spaced, unknown one by one": ({**SPACED, "byte_fallback": False, "fuse_unk": False}, SPACED_DECODER),
    "unigram": ({"type": "Unigram", "unk_id": 0, "vocab": UNIGRAM, "byte_fallback": False}, META),
    "unigram with bytes": ({"type": "Unigram", "unk_id": 0, "vocab": with_bytes, "byte_fallback": True}, META),
}


def replace(pattern, content):
    return {"type": "Replace", "pattern": pattern, "content": content}


def sequence(*steps):
    return {"type": "Sequence", "normalizers": list(steps)}


SPACES = replace({"String": " "}, MARK)
NORMALIZERS = {
    "none": None,
    "Llama 2": sequence({"type": "Prepend", "prepend": MARK}, SPACES),
    "Gemma": SPACES,
    **{form: {"type": form} for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")},
    "Strip": {"type": "Strip", "strip_left": True, "strip_right": True},
    "left Strip": {"type": "Strip", "strip_left": True, "strip_right": False},
    "Precompiled": {"type": "Precompiled", "precompiled_charsmap": CHARSMAP},
    "T5": sequence(
        {"type": "Precompiled", "precompiled_charsmap": CHARSMAP},
        {"type": "Strip", "strip_left": False, "strip_right": True},
        replace({"Regex": " {2,}"}, MARK),
    ),
    "Prepend": {"type": "Prepend", "prepend": "x"},
    "Replace by nothing": replace({"Regex": "[aeiou]"}, ""),
    "Replace by more": replace({"String": "."}, " dot$1 "),
    "ALBERT": sequence(
        replace({"String": "``"}, '"'), replace({"String": "''"}, '"'), {"type": "NFKD"}, {"type": "StripAccents"},
        {"type": "Lowercase"},
    ),
}  # fmt: skip

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
BAILING = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"
PATTERNS = [GPT2, LLAMA3, TEKKEN, BAILING, BLOOM, r"\s?\p{L}+", r"\s+$", r"[\r\n]", r"\p{N}{1,3}+", r"\w+|[^\w\s]+", r"\d",
            r"(?>a|ab)c|[[:punct:]]", r"(?<=a)b|\h+", r"[一-龥぀-ゟ゠-ヿ]+", r"\p{Han}+"]  # fmt: skip
BEHAVIORS = ["Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}


def one_pre_tokenizer(rng):
    kind = rng.choice(["Split", "Split", "Split", "Digits", "Punctuation", "Whitespace", "WhitespaceSplit",
                       "CharDelimiterSplit", "Metaspace", "ByteLevel"])  # fmt: skip
    if kind == "Split":
        pattern = {"Regex": rng.choice(PATTERNS)} if rng.random() < 0.8 else {"String": rng.choice([" ", "e", ".", "the", MARK])}
        return {"type": kind, "pattern": pattern, "behavior": rng.choice(BEHAVIORS), "invert": rng.random() < 0.2}
    if kind == "Digits":
        return {"type": kind, "individual_digits": rng.random() < 0.5}
    if kind == "Punctuation":
        return {"type": kind, "behavior": rng.choice(BEHAVIORS)}
    if kind == "CharDelimiterSplit":
        return {"type": kind, "delimiter": rng.choice(["-", "e"])}
    if kind == "Metaspace":
        return metaspace(rng)
    if kind == "ByteLevel":
        return {**BYTES, "use_regex": True, "add_prefix_space": rng.random() < 0.4}
    return {"type": kind}


def metaspace(rng):
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": rng.choice(["always", "first", "never"]),
            "split": rng.random() < 0.7}  # fmt: skip


def pre_tokenizer(rng, byte_level):
    steps = [one_pre_tokenizer(rng) for _ in range(rng.choice([0, 1, 1, 1, 2]))]
    if byte_level:
        steps = [step for step in steps if step["type"] not in ("ByteLevel", "Metaspace")]
        steps.append({**BYTES, "use_regex": rng.random() < 0.4, "add_prefix_space": rng.random() < 0.25})
    elif rng.random() < 0.4:
        steps.append(metaspace(rng))
    if not steps:
        return None
    return steps[0] if len(steps) == 1 else {"type": "Sequence", "pretokenizers": steps}


CONTENTS = ["<s>", "</s>", "<|im_end|>", "<|im_start|>", "<MASK>", "<think>", "apple", " the", "a b", "É", "e\u0301!", "...", "日本", "UP", "  "]


def added_tokens(rng, first_id):
    """With all flags, each by chance."""
    flag = lambda: rng.random() < 0.5  # noqa: E731
    chosen = rng.sample(CONTENTS, rng.randint(3, len(CONTENTS)))
    return [
        {"id": first_id + i, "content": content, "single_word": rng.random() < 0.3, "lstrip": flag(), "rstrip": flag(),
         "normalized": flag(), "special": content.startswith("<") and rng.random() < 0.8}
        for i, content in enumerate(chosen)
    ]  # fmt: skip


def mixed(rng, strings, tokens):
    """Strings with added tokens in them, spaces beside some."""
    out = []
    for text in strings:
        if rng.random() < 0.6:
            for _ in range(rng.randint(1, 4)):
                at = rng.randint(0, len(text))
                token = rng.choice(tokens)["content"]
                token = rng.choice([token, token, token.upper(), token + token])
                text = text[:at] + rng.choice(["", "", " ", "  ", "\n", "a"]) + token + rng.choice(["", "", " ", "\t", "b"]) + text[at:]
        out.append(text)
    return out


def once(name):
    """A model as what it has that the one it is like has not."""
    model, decoder = MODELS[name]
    like = name.split(",")[0]
    if like == name:
        return {"model": model, "decoder": decoder}
    return {"like": like, "model": {k: v for k, v in model.items() if MODELS[like][0].get(k) != v}, "decoder": decoder}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--strings", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--golden", action="store_true")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    written = panics = 0
    cases = []
    with open(args.out, "w", encoding="utf-8") as file:
        while written < args.count:
            name = rng.choice(list(MODELS))
            model, decoder = MODELS[name]
            normalizer = rng.choice(list(NORMALIZERS))
            size = len(model["vocab"])
            tokens = added_tokens(rng, size)
            if name.startswith("byte level"):
                # an added token is text; Hugging Face's ByteLevel decoder takes Latin-1 letters for bytes
                tokens = [token for token in tokens if token["content"].isascii() or token["content"] == "日本"]
            if normalizer.endswith("Strip") or normalizer == "T5":
                # of spaces alone nothing is left, and nothing is found everywhere
                tokens = [token for token in tokens if token["content"].strip()]
            known = {entry[0] for entry in model["vocab"]} if isinstance(model["vocab"], list) else model["vocab"]
            tokens = [{**token, "id": size + i} for i, token in enumerate(t for t in tokens if t["content"] not in known)]
            if not tokens:
                continue
            pre = pre_tokenizer(rng, name.startswith("byte level"))
            document = {
                "version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens,
                "normalizer": NORMALIZERS[normalizer], "pre_tokenizer": pre, "post_processor": None,
                "decoder": decoder, "model": model,
            }  # fmt: skip
            try:
                tokenizer = Tokenizer.from_str(json.dumps(document))
            except Exception as error:  # noqa: BLE001
                print("not a tokenizer:", error, json.dumps(pre))
                continue
            strings = mixed(rng, random_strings(args.strings, rng.randint(0, 10**9)), tokens)
            special = {token["id"] for token in tokens if token["special"]}
            # Hugging Face's decoder prints a special token that the normalizer changes; here none is ever printed
            printed = {token["id"] for token in tokens if token["special"] and token["normalized"]}
            rows = []
            for text in strings:
                try:
                    tokenizer.encode_special_tokens = False
                    read = tokenizer.encode(text, add_special_tokens=False).ids
                    tokenizer.encode_special_tokens = True
                    plain = tokenizer.encode(text, add_special_tokens=False).ids
                except BaseException as error:  # noqa: BLE001 - a panic, where one token's spaces are another token
                    if type(error).__name__ != "PanicException":
                        raise
                    panics += 1
                    continue
                assert not special & set(plain)
                decoded = None if printed & set(read) else tokenizer.decode(read)
                rows.append([text, plain, read, tokenizer.decode(plain), decoded])
            about = {"model": name, "normalizer": normalizer, "pre_tokenizer": pre, "added": tokens}
            if args.golden:
                cases.append({**about, "rows": rows})
            else:
                file.write(json.dumps({"about": about, "json": document, "rows": rows}) + "\n")
            written += 1
        if args.golden:
            parts = {"models": {name: once(name) for name in MODELS}, "normalizers": NORMALIZERS}
            compact = lambda value: json.dumps(value, separators=(",", ":"))  # noqa: E731
            lines = ",\n".join(compact(case) for case in cases)
            file.write(compact(parts)[:-1] + ',\n"cases":[\n' + lines + "\n]}\n")
    print(f"{written} tokenizers, {args.strings} strings each, less {panics} at which tokenizers itself gave up")


if __name__ == "__main__":
    main()
