"""Fitted heads, strict verification and controls on whole answers, many problems at once; and what must hold before that."""
import gzip, json, os, time, zlib
from functools import cached_property
import torch
from tokenizers import Tokenizer

import decoding, heads, text, world
from grading import by_domain, graded, shown
from models import device, load
from progress import log

LEAST, LEAST_OF_ALL = 0.97, 0.98  # right, in every domain and over all
SHOWN = ("pre-norm", "pre-norm-and-previous", "shuffled")  # heads that test problems are opened for
MARGIN = 0.2  # how far the draft shall stay below the target, in every domain


def gate(config, folder):
    """On development problems (`check target`, `choose`); whoever opens test problems asks here first."""
    found = {}
    for name in ("target", "draft"):
        with open(f"{folder}/{name}.check.json") as file:
            found[name] = json.load(file)["right"]
    target, draft = found["target"], found["draft"]
    mean = sum(target.values()) / len(target)
    short = [f"{domain} {share:.3f}" for domain, share in target.items() if share < LEAST]
    short += [f"all {mean:.3f}"] * (mean < LEAST_OF_ALL)
    short += [f"draft {domain} {draft[domain]:.3f}" for domain in target if target[domain] - draft[domain] < MARGIN - 1e-9]
    if short:
        raise SystemExit(f"the gate is closed: {', '.join(short)}")
    log(f"the gate is open: all {mean:.3f}")


def digest(path):
    with open(path, "rb") as file:
        return f"{zlib.crc32(file.read()):08x}"


def problems_of(split, start, count):
    """So many of each domain, from `start` on; or of some so many (`words:1000,lists:1100`)."""
    if ":" not in str(count):
        return world.problems(split, start, int(count))
    counts = {domain: int(own) for domain, own in (one.split(":") for one in count.split(","))}
    return [p for p in world.problems(split, start, max(counts.values())) if p["index"] < start + counts.get(p["domain"], 0)]


class Field:
    """Both models and the problems that arms meet."""

    def __init__(self, config, folder, split, start, count):
        torch.backends.cuda.matmul.allow_tf32 = False
        self.place = device()
        self.digests = {name: digest(f"{folder}/{name}.pt") for name in ("target", "draft")}
        self.texts_of = f"{folder}/plain-{split}-{start}-{count}".replace(":", "").replace(",", "-")
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.models = {name: load(folder, name) for name in ("target", "draft")}
        self.processes = min(config["processes"] or os.cpu_count(), 14)
        self.problems = problems_of(split, start, count)
        self.prompts = [text.prompt_ids(self.tokenizer, p["prompt"]) for p in self.problems]
        self.chunks = [slice(at, at + 1500) for at in range(0, len(self.problems), 1500)]

    @cached_property
    def labels(self):
        return world.Labels(text.pieces(self.tokenizer), text.END, self.processes)

    def judged(self, head, threshold):
        return decoding.judged(head, threshold, self.models["target"].norm)

    def plain(self, name):
        """One model's own texts, and which of them are right. They are kept for a run that is taken up again."""
        path = f"{self.texts_of}-{name}-{self.digests[name]}.json.gz"
        if not os.path.exists(path):
            texts = [ids for chunk in self.chunks for ids in decoding.generate(self.models[name], self.prompts[chunk], device=self.place)]
            with gzip.open(f"{path}.part", "wt") as file:
                json.dump(texts, file)
            os.rename(f"{path}.part", path)
        with gzip.open(path, "rt") as file:
            texts = json.load(file)
        return texts, graded(self.tokenizer, self.problems, texts)

    def speculate(self, length, admits, plain, name):
        """One arm at one draft length, beside plain decoding (its texts, and which are right); no `admits`: the oracle."""
        solutions, rounds, accepted = [], [], []
        for chunk in self.chunks:
            rule = admits or decoding.oracle(self.labels, self.problems[chunk])
            found = decoding.speculate(self.models["target"], self.models["draft"], self.prompts[chunk], length, rule, device=self.place)
            solutions += found[0]
            rounds += found[1].tolist()
            accepted += found[2].tolist()
        texts, right = plain
        good = graded(self.tokenizer, self.problems, solutions)
        lost, won = [a and not b for a, b in zip(right, good)], [b and not a for a, b in zip(right, good)]
        by_round = zip(by_domain(self.problems, accepted).items(), by_domain(self.problems, rounds).values())
        row = {
            "length": length,
            "arm": name,
            "right": by_domain(self.problems, good),
            "cells": self.cells(good),
            "accepted": {domain: a / r for (domain, a), r in by_round},
            "accepted of all": sum(accepted) / sum(rounds),
            "lost": sum(lost),
            "won": sum(won),
            "lost by domain": by_domain(self.problems, lost),
            "won by domain": by_domain(self.problems, won),
            "plain text": sum(a == b for a, b in zip(solutions, texts)) / len(texts),
        }
        log(f"{length:2} {name:12} right {shown(self.problems, good)} | lost {sum(lost)} won {sum(won)} of {len(good)}",
            f"| accepted {row['accepted of all']:.2f} ({' '.join(f'{d} {v:.2f}' for d, v in row['accepted'].items())})",
            f"| plain text {row['plain text']:.4f}")
        return row

    def cells(self, values):
        found = {}
        for problem, value in zip(self.problems, values):
            found.setdefault(problem["domain"], {}).setdefault(problem["size"], []).append(bool(value))
        return {domain: {size: [sum(v), len(v)] for size, v in sorted(sizes.items())} for domain, sizes in found.items()}


def write(path, report):
    with open(f"{path}.part", "w") as file:
        json.dump(report, file, indent=1)
    os.rename(f"{path}.part", path)


def awaited(path):
    """Whether a file is there, perhaps after some time: `WAIT` says how many seconds others may take to write it."""
    until = time.time() + float(os.environ.get("WAIT", 0))
    while not os.path.exists(path) and time.time() < until:
        time.sleep(0.5)
    return os.path.exists(path)


def loses_little(row, problems, most):
    """Answers lost beyond those won: no more than `most` of all, and than twice that of any domain (shares)."""
    lost, won = row["lost by domain"], row["won by domain"]
    return row["lost"] - row["won"] <= most * problems and all(lost[domain] - won[domain] <= 2 * most for domain in lost)


def rows_before(path, report):
    """The rows that an earlier run of the same models on the same problems left, by length, arm, threshold and file of the head."""
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        before = json.load(file)
    if any(before.get(key) != report[key] for key in ("split", "from", "problems", "models")):
        return {}
    return {(row["length"], row["arm"], row.get("threshold"), row.get("of")): row for row in before["arms"]}


def tried(plan, heads_folder):
    """(head, threshold) in the order in which they are measured: the first threshold of every head, then the second ones."""
    path, listed = f"{heads_folder}/tried.json", dict(plan["head_thresholds"])
    if awaited(path):
        with open(path) as file:
            listed = json.load(file) | listed
    most = max(map(len, listed.values()))
    return [(name, found[at]) for at in range(most) for name, found in listed.items() if at < len(found)]


def late():
    """Whether the second (since 1970) has come that `UNTIL` names: nothing new is begun then."""
    return time.time() > float(os.environ.get("UNTIL", "inf"))


def thresholds(config, folder, heads_folder, start=1000, count=500):
    """
    What the fitted heads lose and accept at many thresholds (the plan's, and those of `tried.json` beside them), on calibration
    problems: `thresholds.json`, with the threshold of each head that accepts most of those that lose little (`most_lost`), and
    the head that does. It is whole after every arm.
    """
    plan = config["measure"]
    field = Field(config, folder, "calibration", int(start), count)
    plain, problems = field.plain("target"), len(field.problems)
    log(f"target right: {shown(field.problems, plain[1])}")
    report = {"split": "calibration", "from": int(start), "problems": problems, "models": field.digests, "right": by_domain(field.problems, plain[1]), "arms": [], "chosen": {}}
    length, path, most = plan["lengths"][0], f"{folder}/thresholds.json", {}
    done = rows_before(path, report) | rows_before(f"{folder}/thresholds.part.json", report)

    def measured(admits, name, **more):
        known = done.get((length, name, more.get("threshold"), more.get("of")))
        if known is None and late():
            return log(f"{name} is left out: it is late")
        row = known or field.speculate(length, admits, plain, name) | more
        report["arms"].append(row)
        head = more.get("head")
        if head and loses_little(row, problems, plan["most_lost"]) and row["accepted of all"] > most.get(head, 0):
            most[head] = row["accepted of all"]
            report["chosen"][head] = more["threshold"]
            best = max(most, key=most.get)
            report["choice"] = {"head": best, "threshold": report["chosen"][best]}
        write(f"{folder}/thresholds.part.json", report)

    measured(decoding.strict, "strict")
    for name, threshold in tried(plan, heads_folder):
        file = f"{heads_folder}/{name}.safetensors"
        if not awaited(file):
            raise SystemExit(f"expected {file}, which is not there")
        head, _ = heads.read(file, field.place)
        measured(field.judged(head, threshold), f"{name}:{threshold}", head=name, threshold=threshold, of=digest(file))
    log("chosen:", json.dumps(report["chosen"]), json.dumps(report.get("choice")))
    write(path, report)


def arms(config, folder, heads_folder, split="dev", start=0, count=100):
    """
    Strict verification, the fitted heads at their thresholds (those that `thresholds` chose, or their files') and controls
    at the config's draft lengths, by domain and size, and what each loses and wins against plain decoding in float32.
    What needs no head comes first.
    """
    field = Field(config, folder, split, int(start), count)
    lengths = config["measure"]["lengths"]
    report = {"split": split, "from": int(start), "problems": len(field.problems), "models": field.digests, "arms": []}
    path, plain = f"{folder}/arms-{split}.json", {}
    done = rows_before(path, report)
    for name in ("target", "draft"):
        plain[name] = field.plain(name)
        report[name] = {"right": by_domain(field.problems, plain[name][1]), "cells": field.cells(plain[name][1])}
        log(f"{name} right: {shown(field.problems, plain[name][1])}")

    def measured(length, rules):
        for name, admits, *of in rules:
            threshold, head = of or (None, None)
            if late() and (length, name, threshold, head) not in done:
                log(f"{length} {name} is left out: it is late")
                continue
            row = done.get((length, name, threshold, head)) or field.speculate(length, admits, plain["target"], name) | {"threshold": threshold, "of": head}
            report["arms"].append(row)
            write(path, report)

    for length in lengths:
        measured(length, [("strict", decoding.strict), ("everything", decoding.everything)])
    chosen, first = {}, None
    if awaited(f"{folder}/thresholds.json"):
        with open(f"{folder}/thresholds.json") as file:
            found = json.load(file)
        chosen, first = found["chosen"], found.get("choice", {}).get("head")
    rules = {}
    for name in dict.fromkeys([*([first] if first else []), *config["measure"].get("shown", SHOWN)]):
        file = f"{heads_folder}/{name}.safetensors"
        if awaited(file):
            head, own = heads.read(file, field.place)
            # Wrong labels get the threshold of right ones.
            threshold = chosen.get(name, chosen.get("pre-norm", own) if name == "shuffled" else own)
            rules[name] = (name, field.judged(head, threshold), threshold, digest(file))
    first = first or next(iter(rules))
    controls = f"{heads_folder}/controls.json"
    if os.path.exists(controls):
        with open(controls) as file:
            fitted = json.load(file)
        for name, rule in fitted["logits"].items():
            rules[name] = (name, decoding.by_logits(field.models["target"], rule), rule["threshold"], digest(controls))
    # What matters most comes first: this may end at any arm.
    measured(lengths[0], [rules[first], ("oracle", None)])
    for length in lengths[1:]:
        measured(length, [rules[first]])
    rate = config["measure"].get("random")
    by_chance = [] if rate is None else [("random", decoding.at_random(rate), rate, None)]
    for length in lengths:
        measured(length, [*(rule for name, rule in rules.items() if name != first), *by_chance])
    for length in lengths[1:]:
        measured(length, [("oracle", None)])
    field.labels.close()
