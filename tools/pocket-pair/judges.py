"""The steps that make judge heads: rows of what a judge is asked about, and heads fitted on them."""
import os
import torch
from tokenizers import Tokenizer

import decoding, fitting, text, world
from arms import write
from asked import Asked
from grading import graded, shown
from models import device, load
from progress import log

# Problems that are decoded at once.
CHUNK = 1500


def rows_of(folder, plan):
    """Where the rows of one entry of the plan lie, a file for each chunk of its problems."""
    name = f"{plan['split']}-{plan['from']}-{plan['temperature']}{'-noisy' if plan.get('noisy') else ''}"
    return [f"{folder}/asked/{name}.{at}.pt" for at in range(-(-3 * plan["problems"] // CHUNK))]


def asked(config, folder, some="0/1"):
    """What a judge is asked about on training and held-out problems, as `measure.asked` of the config says; of N shares, one."""
    share, shares = map(int, some.split("/"))
    os.makedirs(f"{folder}/asked", exist_ok=True)
    tokenizer, place = Tokenizer.from_file(f"{folder}/tokenizer.json"), device()
    target, draft = load(folder, "target"), load(folder, "draft")
    processes = max(1, (config["processes"] or os.cpu_count()) // shares)
    labels = world.Labels(text.pieces(tokenizer), text.END, processes)
    jobs = [(plan, at, path) for plan in config["measure"]["asked"] for at, path in enumerate(rows_of(folder, plan))]
    for plan, at, path in jobs[share::shares]:
        if os.path.exists(path):
            continue
        problems = world.problems(plan["split"], plan["from"], plan["problems"], plan.get("noisy", False))[at * CHUNK : (at + 1) * CHUNK]
        prompts = [text.prompt_ids(tokenizer, p["prompt"]) for p in problems]
        seed = plan["from"] + at
        rule = Asked(target, labels, problems, plan["refused"], seed)
        solutions, rounds, accepted, _ = decoding.speculate(target, draft, prompts, 16, rule, device=place, temperature=plan["temperature"], seed=seed)
        own, previous, right, _, _ = rule.found()
        torch.save({"own": own, "previous": previous, "right": right, "led": torch.tensor(rule.led, dtype=torch.long), "problems": len(problems)}, f"{path}.part")
        os.rename(f"{path}.part", path)
        good = graded(tokenizer, problems, solutions)
        log(f"{os.path.basename(path)}: {len(right)} tokens, {int((~right).sum())} wrong, {len(rule.led)} led astray; accepted {accepted.sum() / rounds.sum():.2f}; right {shown(problems, good)}")
    labels.close()


def fit(config, folder, heads_folder, like):
    """The heads of `measure.fitted`, written beside each other; `like` is a head of the same target, whose fingerprint they take."""
    plan, place = config["measure"], device()
    paths = {True: [], False: []}
    for entry in plan["asked"]:
        paths[entry["split"] == "train"] += [path for path in rows_of(folder, entry) if os.path.exists(path)]
    train, held_out = fitting.Examples(paths[True], place), fitting.Examples(paths[False], place)
    log(f"fitted on {len(train.right)} tokens, {int((~train.right).sum())} wrong, of {train.problems} answers; held out {len(held_out.right)}, {int((~held_out.right).sum())} wrong")
    norm, data = load(folder, "target").norm.weight.detach(), fitting.digest(paths[True] + paths[False])
    os.makedirs(heads_folder, exist_ok=True)
    tried = {}
    for name, told in plan["fitted"].items():
        terms = [tuple(term) for term in told["terms"]]
        weight, bias, made = fitting.fit(train, held_out, terms, told["wrong_weights"], told["ridges"], name, told.get("led", False))
        score = held_out.inputs(terms) @ weight + bias
        metrics, curve = fitting.figures(score, held_out)
        threshold = fitting.threshold_letting_in(score, held_out, 8)
        labels = "exact, by the recogniser" + ("; wrong, too, what the target went wrong behind" if told.get("led") else "")
        made |= {"labels": labels, "tokens": f"{len(train.right)}, {int((~train.right).sum())} of them wrong", "texts": "draft and target together"}
        tried[name] = [round(fitting.threshold_letting_in(score, held_out, harm), 5) for harm in plan["tried_harm"]]
        fitting.write(f"{heads_folder}/{name}.safetensors", like, weight, bias, terms, norm, threshold, data, metrics, curve, made)
        log(f"{name}: AUC {metrics['ROC-AUC at mismatches']:.4f}; 4, 8, 16 wrong of 1,000 answers at", *(f"{fitting.threshold_letting_in(score, held_out, harm):.4f}" for harm in fitting.HARM))
    # Last, and at once: who waits for it finds all.
    write(f"{heads_folder}/tried.json", tried)
