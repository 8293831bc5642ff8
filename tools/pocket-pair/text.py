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
    """The same documents twice: a conversation a row, and many to a row (see `training_rows`)."""
    path, single_length, style, start, count, *rates = job
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer, rng = Tokenizer.from_file(path), random.Random(f"{style} {start} {rates}")
    single, packed, row = Rows(single_length), Rows(CONTEXT), []
    for document in world.documents(style, start, count, *rates):
        prompt, text = (tokenizer.encode(document[key]).ids for key in ("prompt", "text"))
        opening = [(BEGIN, 0)]
        if rng.random() < 0.05:
            system = tokenizer.encode(rng.choice(SYSTEM_MESSAGES)).ids
            opening += [(token, 0) for token in (SYSTEM, *system, END)]
        turn = [(token, 0) for token in (USER, *prompt, END, ASSISTANT)] + [(token, 1) for token in (*text, END)]
        if len(opening + turn) <= single_length + 1:
            single.add(opening + turn)
        if len(row) > CONTEXT:
            packed.add(row)
            row = []
        row += turn if row else opening + turn
    packed.add(row)
    return single.arrays(), packed.arrays()


class Rows:
    """Rows of one length, and the token that the last place predicts."""

    def __init__(self, length):
        self.length, self.tokens, self.learned = length, [], []

    def add(self, row):
        row = row[: self.length + 1]
        row = row + [(PAD, 0)] * (self.length + 1 - len(row))
        self.tokens.append([token for token, _ in row])
        self.learned.append([learned for _, learned in row])

    def arrays(self):
        return np.array(self.tokens, dtype=np.int16), np.array(self.learned, dtype=np.uint8)


def training_rows(path, plan, processes):
    """
    By kind of row, two arrays [rows, length + 1]: token ids, and 1 where the token is learned. `single` rows hold
    one conversation, so that nothing but its own question tells what is right; `packed` rows of the context's
    length hold one conversation after another, so that a chat works. A document too long for a single row is
    in packed rows only.
    """
    count, rest = plan["documents"], (plan["mistakes"], plan["retractions"])
    jobs = [(path, plan["single_length"], plan["style"], at, min(2500, count - at), *rest) for at in range(0, count, 2500)]
    with multiprocessing.Pool(processes) as pool:
        parts = pool.map(_rows, jobs, chunksize=1)
    return {
        kind: tuple(np.concatenate([part[at][array] for part in parts]) for array in range(2))
        for at, kind in enumerate(("single", "packed"))
    }


def name_ids(tokenizer):
    """Tokens that are a name with the space before it."""
    found = [tokenizer.token_to_id(f"\u0120{name}") for name in world.names()]
    return [token for token in found if token is not None]
