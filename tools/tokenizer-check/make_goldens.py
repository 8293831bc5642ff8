"""Made-up vocabularies, and ids of random strings under them by Hugging Face's tokenizers.

    pip install tokenizers sentencepiece
    python make_goldens.py ../../packages/checkpoint/test/fixtures/gguf-tokenizers.json

One byte-level vocabulary is used with every pre-tokenizer that a GGUF file may name, set up as the
models' own tokenizer.json files have it; one SentencePiece vocabulary as Llama 2's. Where the
latter's ids differ from those of sentencepiece itself, the string is left out and counted. Seen with
tokenizers 0.23.3 and sentencepiece 0.2.3.
"""

import io
import json
import random
import sys

import sentencepiece
from random_strings import POOLS, random_strings
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

CONTROL = ["<|begin|>", "<|end|>"]
USER_DEFINED = ["<think>"]
rng = random.Random(11)
TEXTS = [" ".join(rng.choice(POOLS["words"]) for _ in range(30)) for _ in range(300)]
TEXTS += [" ".join(rng.choice(POOLS["cjk"] + POOLS["marks"] + POOLS["scripts"]) for _ in range(10)) for _ in range(60)]
TEXTS += ["  x = 1\n    return (a == b)\n\n", "don't we'll it's\n", "1234 56 7"] * 20


def byte_level_vocabulary():
    """About 500 tokens; some bytes have none, as in SmolLM2, and one word has no merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    missing = {"Ą", "Ć", "ÿ"}
    tokens = [token for token in sorted(model["vocab"], key=model["vocab"].get) if token not in missing]
    merges = [pair for pair in model["merges"] if not missing & set(pair[0] + pair[1])]
    return tokens + ["Ġzebra"], merges


SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(digits):
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(SPLIT.replace("DIGITS", digits)), "isolated"), byte_level]
    )


BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False)


def cuts(*patterns):
    """Each match a piece, one pattern after another."""
    steps = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+CONTRACTIONS"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*CONTRACTIONS"
    r"|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK3 = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SETUPS = {
    "gpt-2": dict(pre_tokenizer=BYTE_LEVEL),
    "smollm": dict(pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.Digits(True), BYTE_LEVEL])),
    "llama-bpe": dict(pre_tokenizer=split("{1,3}"), ignore_merges=True),
    "qwen2": dict(pre_tokenizer=split(""), normalizer=normalizers.NFC()),
    "tekken": dict(pre_tokenizer=cuts(TEKKEN.replace("CONTRACTIONS", "").replace("DIGITS", "")), ignore_merges=True),
    "gpt-4o": dict(pre_tokenizer=cuts(
        TEKKEN.replace("CONTRACTIONS", "(?i:'s|'t|'re|'ve|'m|'ll|'d)?").replace("DIGITS", "{1,3}"))),
    "deepseek-v3": dict(pre_tokenizer=cuts(r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", DEEPSEEK3)),
    "deepseek-coder": dict(pre_tokenizer=cuts(r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+", r"\p{N}")),
    "command-r": dict(pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.Digits(True), BYTE_LEVEL]), normalizer=normalizers.NFC()),
    "falcon": dict(pre_tokenizer=pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), BYTE_LEVEL, pre_tokenizers.Digits(False),
        pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])),
    "default": dict(pre_tokenizer=cuts(
        r"[\p{P}\$\+<=>\^~\|]+",
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)", r"\p{N}+", "[0-9][0-9][0-9]")),
}


def byte_level_cases(tokens, merges, strings):
    cases = {}
    for name, setup in SETUPS.items():
        vocab = {token: i for i, token in enumerate(tokens)}
        pairs = [tuple(pair) for pair in merges]
        tokenizer = Tokenizer(models.BPE(vocab, pairs, ignore_merges=setup.get("ignore_merges", False)))
        tokenizer.pre_tokenizer = setup["pre_tokenizer"]
        if "normalizer" in setup:
            tokenizer.normalizer = setup["normalizer"]
        tokenizer.decoder = decoders.ByteLevel()
        add_tokens(tokenizer)
        # the first four in full, the rest in part
        cases[name] = encode(tokenizer, strings if len(cases) < 4 else strings[:60])
    return cases


def add_tokens(tokenizer):
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in CONTROL])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in USER_DEFINED])


def encode(tokenizer, strings):
    tokenizer.encode_special_tokens = True
    encoded = [(text, tokenizer.encode(text, add_special_tokens=False).ids) for text in strings]
    return [{"text": text, "ids": ids, "decoded": tokenizer.decode(ids)} for text, ids in encoded]


def sentencepiece_vocabulary():
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_writer=out, model_type="bpe", vocab_size=600, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=0.98,
        control_symbols=CONTROL, user_defined_symbols=USER_DEFINED, split_digits=True, minloglevel=2,
        allow_whitespace_only_pieces=True,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    kinds = []
    for i in range(pieces.get_piece_size()):
        kind = 1
        if pieces.is_unknown(i):
            kind = 2
        elif pieces.is_control(i):
            kind = 3
        elif pieces.id_to_piece(i) in USER_DEFINED:
            kind = 4
        elif pieces.is_byte(i):
            kind = 6
        kinds.append(kind)
    tokens = [pieces.id_to_piece(i) for i in range(len(kinds))]
    return pieces, tokens, [pieces.get_score(i) for i in range(len(kinds))], kinds


def merges_of(tokens, scores, kinds):
    """As transformers' generate_merges, over the pieces that text is made of."""
    ids = {token: i for i, token in enumerate(tokens) if kinds[i] == 1}
    merges = []
    for token, i in ids.items():
        cuts = [(token[:at], token[at:]) for at in range(1, len(token))]
        cuts = [cut for cut in cuts if cut[0] in ids and cut[1] in ids]
        merges += [(*cut, scores[i]) for cut in sorted(cuts, key=lambda cut: (ids[cut[0]], ids[cut[1]]))]
    merges.sort(key=lambda merge: (merge[2], len(merge[0]), len(merge[1])), reverse=True)
    return [merge[:2] for merge in merges]


def sentencepiece_cases(pieces, tokens, scores, kinds, strings):
    vocab = {token: i for i, token in enumerate(tokens)}
    model = models.BPE(vocab, merges_of(tokens, scores, kinds), byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    add_tokens(tokenizer)
    cases = encode(tokenizer, [text for text in strings if text != ""])
    # sentencepiece puts no space after a token of its own, and reads <unk> and <s> differently
    same = [case for case in cases if "<" in case["text"] or pieces.encode(case["text"]) == case["ids"]]
    print(f"sentencepiece: {len(cases) - len(same)} of {len(cases)} strings left out, it has other ids for them")
    return same


tokens, merges = byte_level_vocabulary()
strings = ["", "zebra a zebra", "x\u0004y\u0006", "'ſ x'ſ", "<|end|>a<think> b<|begin|>"] + random_strings(400, 99)
strings = [text for text in strings if len(text) < 120]
pieces, piece_tokens, scores, kinds = sentencepiece_vocabulary()
golden = {
    "control": CONTROL,
    "userDefined": USER_DEFINED,
    "byteLevel": {"tokens": tokens, "merges": [" ".join(pair) for pair in merges]},
    "sentencePiece": {"tokens": piece_tokens, "scores": scores, "kinds": kinds},
    "cases": {
        **byte_level_cases(tokens, merges, strings[:130]),
        "llama": sentencepiece_cases(pieces, piece_tokens, scores, kinds, strings[:180]),
    },
}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("{\n")
    for i, (key, value) in enumerate(golden.items()):
        if key == "cases":
            names = list(value)
            file.write('"cases": {\n')
            for name in names:
                rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value[name])
                file.write(f"{json.dumps(name)}: [\n{rows}\n]{',' if name != names[-1] else ''}\n")
            file.write("}\n")
        else:
            file.write(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))},\n")
    file.write("}\n")
