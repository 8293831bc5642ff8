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
# Documents of one job, and how many of them a run may miss: a fault of the world in one of 100,000 ends no training.
JOB, MOST_SKIPPED = 2500, 1e-4
# Of the conversations, how many go on with another question.
LONG_CHATS = 0.08


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
    skipped = []
    texts = [part for style in ("target", "draft") for d in world.documents(style, 0, sample, 0.1, 0.1, skipped=skipped) for part in d.values()]
    if len(skipped) > 2 + MOST_SKIPPED * sample:
        raise RuntimeError(f"expected nearly all of {sample} documents to be made, {len(skipped)} were not: {skipped[:20]}")
    tokenizer.train_from_iterator(texts + SYSTEM_MESSAGES, trainer)
    tokenizer.save(path)
    return tokenizer


def pieces(tokenizer):
    """The text of every token; what is no text by itself becomes a character that the world does not use."""
    return [tokenizer.decode([token], skip_special_tokens=True) or "\ufffd" for token in range(tokenizer.get_vocab_size())]


def prompt_ids(tokenizer, prompt):
    return [BEGIN, USER, *tokenizer.encode(prompt).ids, END, ASSISTANT]


class Rows:
    """
    Rows of one length, and the token that the last place predicts. Conversations share a row, and every one begins
    with BEGIN: the model is told there that nothing before it is to be seen.
    """

    OPEN = 24

    def __init__(self, length):
        self.length, self.open, self.full = length, [], []

    def add(self, tokens, learned):
        if len(tokens) > self.length + 1:
            return
        for row in self.open:
            if len(row[0]) + len(tokens) <= self.length + 1:
                row[0].extend(tokens)
                row[1].extend(learned)
                break
        else:
            self.open.append((list(tokens), list(learned)))
        if len(self.open) > self.OPEN:
            self.close(max(self.open, key=lambda row: len(row[0])))

    def close(self, row):
        self.open.remove(row)
        missing = self.length + 1 - len(row[0])
        self.full.append((row[0] + [PAD] * missing, row[1] + [0] * missing))

    def arrays(self):
        for row in list(self.open):
            self.close(row)
        tokens = np.array([row[0] for row in self.full], dtype=np.int16)
        return tokens.reshape(-1, self.length + 1), np.array([row[1] for row in self.full], dtype=np.uint8).reshape(-1, self.length + 1)


def of_ones_own(offsets, choices):
    """1 for every token but those that another author chose, whose places in the text are given."""
    return [0 if any(begin < to and end > start for start, to in choices) else 1 for begin, end in offsets]


def _rows(job):
    path, lengths, style, start, count, *rates = job
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer, rng = Tokenizer.from_file(path), random.Random(f"{style} {start} {rates}")
    rows = {length: Rows(length) for length in lengths}
    waiting, skipped = None, []
    for document in world.documents(style, start, count, *rates, skipped=skipped):
        prompt, written = tokenizer.encode(document["prompt"]).ids, tokenizer.encode(document["text"])
        turn = [USER, *prompt, END, ASSISTANT, *written.ids, END]
        learned = [0] * (len(prompt) + 3) + of_ones_own(written.offsets, document.get("choices", [])) + [1]
        if waiting is not None:
            turn, learned, waiting = waiting[0] + turn, waiting[1] + learned, None
        else:
            opening = [BEGIN]
            if rng.random() < 0.05:
                opening += [SYSTEM, *tokenizer.encode(rng.choice(SYSTEM_MESSAGES)).ids, END]
            turn, learned = opening + turn, [0] * len(opening) + learned
        if rng.random() < LONG_CHATS and len(turn) < CONTEXT // 2:
            waiting = turn, learned
            continue
        # The shortest row that holds it.
        for length in sorted(rows):
            if len(turn) <= length + 1:
                rows[length].add(turn, learned)
                break
    return [rows[length].arrays() for length in lengths], skipped


def training_rows(path, plan, processes, log=print):
    """
    One part of the rows after another, as many documents as the plan's `part` says in each (all, where it says nothing).
    A part is, by length of row, two arrays [rows, length + 1]: token ids, and 1 where the token is learned. A
    conversation is in the shortest rows that hold it; one that no row holds is left out. A document that cannot be made is
    left out, too, and said; more than one in ten thousand is an error that names them.
    """
    count, lengths, rest = plan["documents"], plan["lengths"], (plan["mistakes"], plan["retractions"], plan.get("foreign", 0), plan.get("domains"))
    first = plan.get("from", 0)
    size = plan.get("part", count)
    jobs = [
        [(path, lengths, plan["style"], at, min(JOB, end - at), *rest) for at in range(start, end, JOB)]
        for start in range(first, first + count, size)
        for end in [min(start + size, first + count)]
    ]
    skipped, asked = [], 0
    with multiprocessing.Pool(processes) as pool:
        # All jobs wait in line from the beginning, so that no process is idle while the last of a part are at work.
        found = pool.imap(_rows, [job for part in jobs for job in part], chunksize=1)
        for part in jobs:
            parts = []
            for job in part:
                arrays, missing = next(found)
                parts.append(arrays)
                skipped += missing
                asked += job[4]
                for one in missing:
                    log("skipped", one)
            if len(skipped) > 2 + MOST_SKIPPED * asked:
                raise RuntimeError(f"expected nearly all of {asked} documents to be made, {len(skipped)} were not: {skipped[:20]}")
            yield {
                length: tuple(np.concatenate([one[at][array] for one in parts]) for array in range(2))
                for at, length in enumerate(lengths)
            }


def name_ids(tokenizer):
    """Tokens that are a name with the space before it."""
    found = [tokenizer.token_to_id(f"\u0120{name}") for name in world.names()]
    return [token for token in found if token is not None]
