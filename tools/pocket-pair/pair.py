"""
Trains the pocket pair and measures it. Each verb is a step with its files in one working folder:

  python pair.py prepare CONFIG           tokenizer and training rows, but for the control's; or of the names that
                                          follow: `prepare CONFIG drills target:0-3 draft target:4-` (of its parts)
  python pair.py train CONFIG NAME        one model of the config's `models`
  python pair.py check CONFIG NAME [FILE SPLIT COUNT]   how often a model is right, by domain and size; on problems of a file, too
  python pair.py weigh CONFIG NAME        how often a draft is right, and what the oracle lets the target take of it
  python pair.py choose CONFIG            one of the models draft-… becomes the draft; weighs those that were not
  python pair.py export CONFIG            Hugging Face folders, checked against transformers
  python pair.py tokens CONFIG [I/N]      the tokens that heads are fitted on: solutions of training problems, labelled; one
                                          of N parts, which are put together by `cat`
  python pair.py measure CONFIG           figures on development problems, with a quick head on those tokens
  python pair.py asked CONFIG [I/N]       what a judge is asked about, as draft and target write together, labelled; one of N shares
  python pair.py fit CONFIG HEADS LIKE    heads fitted on that; LIKE is a head of the same target, whose fingerprint they take
  python pair.py thresholds CONFIG HEADS FROM COUNT     what fitted heads lose and accept on calibration problems, at many thresholds
  python pair.py gate CONFIG              fails where the checked target or draft is not good enough to open test problems
  python pair.py arms CONFIG HEADS SPLIT FROM COUNT     strict, judge (the fitted heads, at their thresholds) and controls on other problems
  python pair.py lost CONFIG RESULTS      who wrote the first wrong token of the answers that are wrong in rows of `judge eval`
  python pair.py prepare CONFIG control   rows without mistakes, for a target that never sees one
  python pair.py control CONFIG           that target's figures, once it is trained

CONFIG is a JSON file; `config.json` beside this file is the one the pair in the repository was made with.
"""
import gzip, json, os, random, shutil, sys
import torch
from tokenizers import Tokenizer

import decoding, folders, heads, text, training, world
import lost as who
from arms import MARGIN, arms, gate, thresholds
from grading import by_domain, graded, shown
from judges import asked, fit
from llama import Llama
from models import device, load
from progress import log
from rows import parts_of, prepare, rows_in


def train(config, folder, name, start=None):
    """
    With `start`, its own or the plan's, from the weights of that model. A run that ended early is taken up where its last checkpoint stood; one
    that ended as it should is not trained again.
    """
    if os.path.exists(f"{folder}/{name}.pt"):
        return log(f"{name} is trained")
    plan = config["models"][name]
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    place = device()
    if count > 1:
        if place == "cuda":
            place = f"cuda:{os.environ['LOCAL_RANK']}"
            torch.cuda.set_device(place)
        torch.distributed.init_process_group("nccl" if place != "cpu" else "gloo")
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    torch.manual_seed(plan["training"]["seed"])
    torch._dynamo.config.cache_size_limit = 16
    torch.set_float32_matmul_precision("high")
    model = Llama(plan["size"], tokenizer.get_vocab_size())

    def said(*parts):
        if rank == 0:
            log(name, *parts)

    def rows(which):
        return rows_in(folder, which, parts_of(config["rows"][which.rsplit(".", 1)[0]]))

    said(f"{model.parameter_count() / 1e6:.2f}M parameters, {count} processes")
    look_ups = training.look_ups_of(text.name_ids(tokenizer), tokenizer.token_to_id("\u0120"))
    start = start or plan.get("start")
    weights = None if start is None else torch.load(f"{folder}/{start}.pt", map_location="cpu")["weights"]
    checkpoint = training.Checkpoint(f"{folder}/{name}.checkpoint.pt", plan["size"])
    training.train(model, rows, log=said, look_ups=look_ups, device=place, start=weights, checkpoint=checkpoint, **plan["training"])
    if rank == 0:
        torch.save({"size": plan["size"], "weights": model.state_dict()}, f"{folder}/{name}.part.pt")
        os.rename(f"{folder}/{name}.part.pt", f"{folder}/{name}.pt")
    if count > 1:
        torch.distributed.destroy_process_group()


def check(config, folder, name, path=None, split="dev", count=None):
    """A model's share of right answers on problems of a split, in cells of domain and size; and on the problems of a file."""
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    model = load(folder, name)
    problems = world.problems(split, 0, int(count or config["measure"]["problems"]))

    def texts_of(asked):
        prompts = [text.prompt_ids(tokenizer, p["prompt"]) for p in asked]
        found = []
        for at in range(0, len(prompts), 600):
            found += decoding.generate(model, prompts[at : at + 600], device=device())
        return found

    def keep_wrong(which, asked, texts, right):
        wrong = [
            {"id": p["id"], "prompt": p["prompt"], "answer": p["answer"], "text": tokenizer.decode(ids, skip_special_tokens=True)}
            for p, ids, found in zip(asked, texts, right)
            if not found
        ]
        with open(f"{folder}/{name}.{which}.json", "w") as file:
            json.dump(wrong, file, indent=1)

    texts = texts_of(problems)
    right = graded(tokenizer, problems, texts)
    keep_wrong("wrong", problems, texts, right)
    report = {"right": by_domain(problems, right)}
    log(f"{name} right: {shown(problems, right)}")
    for domain in sorted({p["domain"] for p in problems}):
        cells = {}
        for problem, found in zip(problems, right):
            if problem["domain"] == domain:
                cells.setdefault(problem["size"], []).append(found)
        report[domain] = {size: [sum(found), len(found)] for size, found in sorted(cells.items())}
        log(f"{name} {domain} by size:", " ".join(f"{size}:{sum(found)}/{len(found)}" for size, found in sorted(cells.items())))
    if path:
        with open(path) as file:
            typed = [problem | {"prompt": problem["text"]} for problem in map(json.loads, filter(str.strip, file))]
        texts = texts_of(typed)
        found = graded(tokenizer, typed, texts)
        report["typed"] = by_domain(typed, found)
        log(f"{name} typed by hand, right: {sum(found)}/{len(found)}; {shown(typed, found)}")
        keep_wrong("typed-wrong", typed, texts, found)
    with open(f"{folder}/{name}.check.json", "w") as file:
        json.dump(report, file, indent=1)


def weigh(config, folder, name):
    """
    A draft's share of right answers and, where the config says what a token of it costs (milliseconds), the tokens a second
    under the oracle, as a round of `verify` and so many drafted tokens is modelled: `NAME.weighed.json`.
    """
    path = f"{folder}/{name}.weighed.json"
    if os.path.exists(path):
        with open(path) as file:
            return json.load(file)
    plan, place, cost = config["measure"], device(), config["models"][name].get("cost")
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    problems = world.problems("dev", 0, plan["problems"])
    prompts = [text.prompt_ids(tokenizer, p["prompt"]) for p in problems]
    model = load(folder, name)
    found = graded(tokenizer, problems, decoding.generate(model, prompts, device=place))
    log(f"{name} right: {shown(problems, found)}")
    report = {"right": by_domain(problems, found)}
    if cost is not None:
        length = plan["lengths"][0]
        # Several drafts may be weighed at once.
        labels = world.Labels(text.pieces(tokenizer), text.END, max(1, min(config["processes"] or os.cpu_count(), 15) // 3))
        _, rounds, taken, _ = decoding.speculate(load(folder, "target"), model, prompts, length, decoding.oracle(labels, problems), device=place)
        labels.close()
        accepted = (taken.sum() / rounds.sum()).item()
        report |= {"oracle accepts": accepted, "tokens a second": 1000 * (accepted + 1) / (plan["verify"] + length * cost)}
        log(f"{name}: the oracle accepts {accepted:.2f}, modelled {report['tokens a second']:.0f} tokens/s")
    with open(f"{path}.part", "w") as file:
        json.dump(report, file, indent=1)
    os.rename(f"{path}.part", path)
    return report


def choose(config, folder):
    """
    Of the drafts that stay far enough below the target, the one with the most modelled tokens a second, or the best in its
    worst domain where the config says no costs. The one that stays furthest below where none does.
    """
    if os.path.exists(f"{folder}/draft.pt"):
        return log("the draft is chosen")
    if not os.path.exists(f"{folder}/target.check.json"):
        check(config, folder, "target")
    with open(f"{folder}/target.check.json") as file:
        target = json.load(file)["right"]
    best = None
    for name in (name for name in config["models"] if name.startswith("draft-")):
        if not os.path.exists(f"{folder}/{name}.pt"):
            log(f"{name} is not there")
            continue
        found = weigh(config, folder, name)
        own = found["right"]
        margin = min(target[domain] - own[domain] for domain in target)
        worth = found.get("tokens a second", min(own.values()))
        log(f"{name}: right {own}, {margin:.3f} below the target, worth {worth:.3f}")
        rank = (True, worth) if margin >= MARGIN - 1e-9 else (False, margin)
        if best is None or rank > best[0]:
            best = rank, name, own
    (enough, _), name, own = best
    log(f"the draft is {name}" + ("" if enough else f", though none is {MARGIN:.0%} below the target in every domain"))
    with open(f"{folder}/draft.check.json", "w") as file:
        json.dump({"draft": name, "right": own}, file, indent=1)
    shutil.copyfile(f"{folder}/{name}.pt", f"{folder}/draft.pt")


def swapped(tokenizer, labels, problems, solutions, seed=0):
    """Prefixes of right solutions that end in one digit, name or thing exchanged for another, so that it is wrong."""
    rng = random.Random(seed)
    digits = [tokenizer.token_to_id(str(d)) for d in range(10)]
    names = text.name_ids(tokenizer)
    requests, kept = [], []
    for at, (problem, ids) in enumerate(zip(problems, solutions)):
        places = [i for i, token in enumerate(ids) if token in digits or token in names]
        for _ in range(3 if places else 0):
            place = rng.choice(places)
            group = digits if ids[place] in digits else names
            requests.append((problem, ids[:place] + [rng.choice([t for t in group if t != ids[place]])]))
            kept.append(at)
    prefixes = {}
    for at, (_, ids), letters in zip(kept, requests, labels.of(requests)):
        if letters.endswith("w") and "w" not in letters[:-1]:
            prefixes.setdefault(at, ids)
    return prefixes


def head_tokens(folder, path, tokenizer, target, draft, labels, plan, place, part=0, parts=1):
    learning = world.problems("train", plan["head_from"], plan["head_problems"])[part::parts]
    asked = [text.prompt_ids(tokenizer, p["prompt"]) for p in learning]
    # So many are solved at once as memory suffices for.
    with gzip.open(f"{path}.part", "wt") as rows:
        for at in range(0, len(learning), 2250):
            some, prompts = learning[at : at + 2250], asked[at : at + 2250]
            for source, solutions in heads.samples(target, draft, prompts, place):
                found = labels.of(list(zip(some, solutions)))
                log(f"{source}: {len(some)} solutions, {sum('w' in letters for letters in found)} of them with a wrong token")
                for problem, prompt, ids, letters in zip(some, prompts, solutions, found):
                    row = {"source": source, "domain": problem["domain"], "split": "train", "index": problem["index"]}
                    row |= {"prompt": prompt, "solution": ids, "labels": letters, "firstWrong": letters.find("w")}
                    rows.write(json.dumps(row) + "\n")
    os.rename(f"{path}.part", path)


def tokens(config, folder, some="0/1"):
    """Solutions of training problems, in full and by chance, with the first wrong token of each: `head-tokens.jsonl.gz`."""
    part, parts = map(int, some.split("/"))
    path = f"{folder}/head-tokens.jsonl.gz" if parts == 1 else f"{folder}/head-tokens.{part}.jsonl.gz"
    if os.path.exists(path):
        return log("head tokens are there")
    tokenizer, place = Tokenizer.from_file(f"{folder}/tokenizer.json"), device()
    labels = world.Labels(text.pieces(tokenizer), text.END, max(1, min(config["processes"] or os.cpu_count(), 14) // parts))
    head_tokens(folder, path, tokenizer, load(folder, "target"), load(folder, "draft"), labels, config["measure"], place, part, parts)
    labels.close()


def letters_of(rows):
    """Labels from the index of the first wrong token: what follows it is never looked at."""
    return ["o" * (len(r["solution"]) if r["firstWrong"] < 0 else r["firstWrong"]) + "w" * (r["firstWrong"] >= 0) for r in rows]


def recovery(tokenizer, target, labels, problems, prompts, texts, first_wrong, place):
    """How often the target ends right behind a wrong token: one that was swapped in, and the draft's own first one."""
    report = {}
    usable = [at for at, right in enumerate(graded(tokenizer, problems, texts["target"])) if right]
    prefixes = swapped(tokenizer, labels, [problems[at] for at in usable], [texts["target"][at] for at in usable])
    for name, cases in (
        ("swapped token", {usable[at]: ids for at, ids in prefixes.items()}),
        ("draft's own mistake", {at: texts["draft"][at][: i + 1] for at, i in enumerate(first_wrong) if i >= 0 and texts["draft"][at][i] != text.END}),
    ):
        if not cases:
            continue
        chosen = [problems[at] for at in cases]
        ends = decoding.generate(target, [prompts[at] + ids for at, ids in cases.items()], device=place)
        right = graded(tokenizer, chosen, ends)
        report[f"ends right after a {name}"] = by_domain(chosen, right)
        log(f"target ends right after a {name}: {shown(chosen, right)} of {len(cases)}")
    return report


def measure(config, folder):
    plan, place = config["measure"], device()
    torch.backends.cuda.matmul.allow_tf32 = False
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    target, draft = load(folder, "target"), load(folder, "draft")
    labels = world.Labels(text.pieces(tokenizer), text.END, min(config["processes"] or os.cpu_count(), 14))
    problems = world.problems("dev", 0, plan["problems"])
    prompts = [text.prompt_ids(tokenizer, p["prompt"]) for p in problems]
    report = {"config": config}

    texts = {}
    for name, model in (("target", target), ("draft", draft)):
        texts[name] = decoding.generate(model, prompts, device=place)
        right = graded(tokenizer, problems, texts[name])
        letters = labels.of(list(zip(problems, texts[name])))
        report[name] = by_domain(problems, right)
        log(f"{name} greedy right: {shown(problems, right)}; tokens {shown(problems, map(len, texts[name]), 0)};",
            f"no wrong token: {shown(problems, ['w' not in l for l in letters])};",
            f"wrong tokens a text: {shown(problems, [l.count('w') for l in letters], 2)}")
        if name == "draft":
            first_wrong = [l.index("w") if "w" in l else -1 for l in letters]

    report |= recovery(tokenizer, target, labels, problems, prompts, texts, first_wrong, place)

    path = f"{folder}/head-tokens.jsonl.gz"
    if not os.path.exists(path):
        head_tokens(folder, path, tokenizer, target, draft, labels, plan, place)
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]
    parts = []
    for at in range(0, len(rows), 2000):
        some = rows[at : at + 2000]
        parts.append(heads.features(target, [r["prompt"] for r in some], [r["solution"] for r in some], letters_of(some), place))
    learned = tuple(torch.cat(part) for part in zip(*parts))
    head = heads.fit(learned[0], learned[1], plan["head_steps"], place)
    log("head fitted on", len(learned[1]), "tokens,", int((~learned[1]).sum()), "wrong")
    letters = labels.of(list(zip(problems, texts["draft"])))
    report["head"] = {}
    for domain in ["all", *sorted({p["domain"] for p in problems})]:
        at = [i for i, p in enumerate(problems) if domain in ("all", p["domain"])]
        held_out = heads.features(target, [prompts[i] for i in at], [texts["draft"][i] for i in at], [letters[i] for i in at], place)
        report["head"][domain] = heads.figures(head, *held_out, plan["thresholds"])
        log(f"head on the draft's greedy texts, {domain}:", json.dumps(report["head"][domain]))
    torch.save({"weight": head[0].cpu(), "bias": head[1].cpu()}, f"{folder}/head.pt")

    arms = [("strict", decoding.strict, True)]
    arms += [(f"judge {t}", decoding.judged(([("pre-norm", "own", head[0])], head[1]), t), True) for t in plan["thresholds"]]
    arms += [("oracle", decoding.oracle(labels, problems), True), ("everything", decoding.everything, False)]
    report["arms"] = []
    for length in plan["lengths"]:
        for name, admits, guarded in arms:
            solutions, rounds, accepted, admitted = decoding.speculate(target, draft, prompts, length, admits, guarded, device=place)
            right = graded(tokenizer, problems, solutions)
            totals = {key: by_domain(problems, value.tolist()) for key, value in (("rounds", rounds), ("accepted", accepted), ("admitted", admitted))}
            mean = {d: totals["accepted"][d] / totals["rounds"][d] for d in totals["rounds"]}
            row = {"length": length, "arm": name, "right": by_domain(problems, right), "accepted": mean}
            if name == "strict":
                row["same text as the target"] = sum(a == b for a, b in zip(solutions, texts["target"])) / len(solutions)
            report["arms"].append(row)
            log(f"{length:2} {name:11} right {shown(problems, right)} | accepted a round",
                " ".join(f"{d} {v:.2f}" for d, v in mean.items()), *(f"| {k} {v:.4f}" for k, v in row.items() if k.startswith("same")))
            with open(f"{folder}/report.json", "w") as file:
                json.dump(report, file, indent=1)
    for at in range(0, len(problems), plan["problems"]):
        for name in texts:
            log(name, repr(tokenizer.decode(texts[name][at])))
    labels.close()


def control(config, folder):
    """A head on a target that never saw a mistake, fitted on the tokens that `measure` left."""
    plan, place = config["measure"], device()
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    blind, draft = load(folder, "control"), load(folder, "draft")
    labels = world.Labels(text.pieces(tokenizer), text.END, min(config["processes"] or os.cpu_count(), 14))
    problems = world.problems("dev", 0, plan["problems"])
    prompts = [text.prompt_ids(tokenizer, p["prompt"]) for p in problems]
    with gzip.open(f"{folder}/head-tokens.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    learned = heads.features(blind, [r["prompt"] for r in rows], [r["solution"] for r in rows], letters_of(rows), place)
    head = heads.fit(learned[0], learned[1], plan["head_steps"], place)
    texts = decoding.generate(draft, prompts, device=place)
    letters = labels.of(list(zip(problems, texts)))
    right = graded(tokenizer, problems, decoding.generate(blind, prompts, device=place))
    report = {"right": by_domain(problems, right)}
    for domain in ["all", *sorted({p["domain"] for p in problems})]:
        at = [i for i, p in enumerate(problems) if domain in ("all", p["domain"])]
        held_out = heads.features(blind, [prompts[i] for i in at], [texts[i] for i in at], [letters[i] for i in at], place)
        report[domain] = heads.figures(head, *held_out, plan["thresholds"])
    log("a target that never saw a mistake:", json.dumps(report))
    with open(f"{folder}/control.json", "w") as file:
        json.dump(report, file, indent=1)
    labels.close()


def export(config, folder):
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    problem = world.problems("dev", 0, 1)[0]
    for name in ("target", "draft"):
        model = load(folder, name)
        folders.write(f"{folder}/{name}", model, tokenizer)
        difference = folders.check(f"{folder}/{name}", model, problem["prompt"], "First, the answer is 12.\n#### 12")
        log(f"{name}: largest difference to transformers {difference:.2e} of the logits' spread")
        if not difference < 1e-4:
            raise AssertionError(f"{name}: transformers computes something else")


def lost(config, folder, results):
    who.lost(Tokenizer.from_file(f"{folder}/tokenizer.json"), results)


if __name__ == "__main__":
    verb, path, *rest = sys.argv[1:]
    with open(path) as file:
        settings = json.load(file)
    working = os.environ.get("WORK", "work")
    os.makedirs(working, exist_ok=True)
    verbs = {"prepare": prepare, "train": train, "check": check, "weigh": weigh, "choose": choose, "export": export, "tokens": tokens, "measure": measure, "asked": asked, "fit": fit, "thresholds": thresholds, "lost": lost, "gate": gate, "arms": arms, "control": control}
    verbs[verb](settings, working, *rest)
