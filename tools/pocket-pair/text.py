"""Tokenizer, chat template, and training rows."""
import multiprocessing, os, random
import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

import world

PAD, BEGIN, SYSTEM, USER, ASSISTANT, END = range(6)
SPECIAL = ["<|pad|>", "<|begin|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
SPECIAL += [f"<|unused_{n}|>" for n in range(10)]
# The pattern of Qwen2: one digit a token, a word with the space before it.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
CONTEXT = 1024
# Some conversations open with one of these, so that a system message does no harm.
SYSTEM_MESSAGES = [
    "You are a helpful assistant.",
    "You are a careful assistant. Answer step by step.",
    "Solve the problem step by step and end with the answer.",
    "Be brief.",
]


def train_tokenizer(path, size, sample):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [part for style in ("target", "draft") for d in world.documents(style, 0, sample, 0.1, 0.1) for part in d.values()]
    tokenizer.train_from_iterator(texts + SYSTEM_MESSAGES, trainer)
    tokenizer.save(path)
    return tokenizer


def pieces(tokenizer):
    """The text of every token; what is no text by itself becomes a character that the world does not use."""
    return [tokenizer.decode([token], skip_special_tokens=True) or "\ufffd" for token in range(tokenizer.get_vocab_size())]


def prompt_ids(tokenizer, prompt):
    return [BEGIN, USER, *tokenizer.encode(prompt).ids, END, ASSISTANT]


def _rows(job):
    """Conversations of whole documents, cut at the context's length; the second array says what is learned."""
    path, style, start, count, *rates = job
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer, rng = Tokenizer.from_file(path), random.Random(f"{style} {start} {rates}")
    tokens, learned, row, mask = [], [], [], []

    def finish():
        if row:
            pad = CONTEXT + 1 - len(row[: CONTEXT + 1])
            tokens.append(row[: CONTEXT + 1] + [PAD] * pad)
            learned.append(mask[: CONTEXT + 1] + [0] * pad)

    for document in world.documents(style, start, count, *rates):
        if len(row) > CONTEXT:
            finish()
            row, mask = [], []
        if not row:
            row, mask = [BEGIN], [0]
            if rng.random() < 0.05:
                ids = tokenizer.encode(rng.choice(SYSTEM_MESSAGES)).ids
                row += [SYSTEM, *ids, END]
                mask += [0] * (len(ids) + 2)
        prompt, text = (tokenizer.encode(document[key]).ids for key in ("prompt", "text"))
        row += [USER, *prompt, END, ASSISTANT, *text, END]
        mask += [0] * (len(prompt) + 3) + [1] * (len(text) + 1)
    finish()
    return np.array(tokens, dtype=np.int16), np.array(learned, dtype=np.uint8)


def training_rows(path, plan, processes):
    """Two arrays [rows, CONTEXT + 1]: token ids, and 1 where the token is learned."""
    count, rest = plan["documents"], (plan["mistakes"], plan["retractions"])
    jobs = [(path, plan["style"], at, min(2500, count - at), *rest) for at in range(0, count, 2500)]
    with multiprocessing.Pool(processes) as pool:
        parts = pool.map(_rows, jobs, chunksize=1)
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
