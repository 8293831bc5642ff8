"""Fitted heads, strict verification and controls on whole answers, many problems at once; and what must hold before that."""
import json, os
import torch
from tokenizers import Tokenizer

import decoding, heads, text, world
from grading import by_domain, graded, shown
from models import device, load
from progress import log

LEAST, LEAST_OF_ALL = 0.97, 0.98  # right, in every domain and over all
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


class Field:
    """Both models and the problems that arms meet."""

    def __init__(self, config, folder, split, start, count):
        torch.backends.cuda.matmul.allow_tf32 = False
        self.place = device()
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.models = {name: load(folder, name) for name in ("target", "draft")}
        processes = min(config["processes"] or os.cpu_count(), 14)
        self.labels = world.Labels(text.pieces(self.tokenizer), text.END, processes)
        self.problems = world.problems(split, start, count)
        self.prompts = [text.prompt_ids(self.tokenizer, p["prompt"]) for p in self.problems]
        self.chunks = [slice(at, at + 1500) for at in range(0, len(self.problems), 1500)]

    def plain(self, name):
        texts = [ids for chunk in self.chunks for ids in decoding.generate(self.models[name], self.prompts[chunk], device=self.place)]
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


def thresholds(config, folder, heads_folder, start=1000, count=500):
    """
    What the fitted heads lose and accept at many thresholds, on calibration problems: `thresholds.json`, with the lowest
    threshold of each head at which no more than `most_lost` of the answers are lost beyond those won.
    """
    plan = config["measure"]
    field = Field(config, folder, "calibration", int(start), int(count))
    plain = field.plain("target")
    log(f"target right: {shown(field.problems, plain[1])}")
    report = {"split": "calibration", "from": int(start), "problems": len(field.problems), "right": by_domain(field.problems, plain[1]), "arms": [], "chosen": {}}
    length = plan["lengths"][0]
    report["arms"].append(field.speculate(length, decoding.strict, plain, "strict"))
    for name, tried in plan["head_thresholds"].items():
        head, _ = heads.read(f"{heads_folder}/{name}.safetensors", field.place)
        for threshold in sorted(tried):
            row = field.speculate(length, decoding.judged(head, threshold), plain, f"{name}:{threshold}")
            report["arms"].append(row | {"head": name, "threshold": threshold})
            if name not in report["chosen"] and row["lost"] - row["won"] <= plan["most_lost"] * len(field.problems):
                report["chosen"][name] = threshold
            write(f"{folder}/thresholds.json", report)
    log("chosen:", json.dumps(report["chosen"]))
    field.labels.close()


def arms(config, folder, heads_folder, split="dev", start=0, count=100):
    """
    Strict verification, the fitted heads at their thresholds (those that `thresholds` chose, or their files') and controls
    at the config's draft lengths, by domain and size, and what each loses and wins against plain decoding in float32.
    """
    field = Field(config, folder, split, int(start), int(count))
    report = {"split": split, "from": int(start), "problems": len(field.problems), "arms": []}
    path, plain = f"{folder}/arms-{split}.json", {}
    for name in ("target", "draft"):
        plain[name] = field.plain(name)
        report[name] = {"right": by_domain(field.problems, plain[name][1]), "cells": field.cells(plain[name][1])}
        log(f"{name} right: {shown(field.problems, plain[name][1])}")
        write(path, report)
    chosen = {}
    if os.path.exists(f"{folder}/thresholds.json"):
        with open(f"{folder}/thresholds.json") as file:
            chosen = json.load(file)["chosen"]
    rules = [("strict", decoding.strict)]
    for name in ("pre-norm", "pre-norm-and-previous", "shuffled"):
        if os.path.exists(f"{heads_folder}/{name}.safetensors"):
            head, own = heads.read(f"{heads_folder}/{name}.safetensors", field.place)
            rules.append((name, decoding.judged(head, chosen.get(name, own))))
            report.setdefault("thresholds", {})[name] = chosen.get(name, own)
    rules += [("oracle", None), ("everything", decoding.everything)]
    for length in config["measure"]["lengths"]:
        for name, admits in rules:
            report["arms"].append(field.speculate(length, admits, plain["target"], name))
            write(path, report)
    field.labels.close()
