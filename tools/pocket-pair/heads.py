"""A linear judge head on the target's last hidden state, good enough to tell whether a pair is any good."""
import json, struct
import torch
import torch.nn.functional as F

import text
from decoding import generate
from llama import Session


def samples(target, draft, prompts, device):
    """Solutions of the draft, greedy and sampled, and of the target, sampled: (source, solutions)."""
    yield "draft greedy", generate(draft, prompts, device=device)
    yield "draft T=1", generate(draft, prompts, 1.0, seed=1, device=device)
    yield "target T=1", generate(target, prompts, 1.0, seed=2, device=device)


@torch.no_grad()
def features(target, prompts, solutions, labels, device, batch=300):
    """Of every token with a label: hidden [n, size], correct [n], and whether the target's own choice differs [n]."""
    hiddens, corrects, mismatches, confidences = [], [], [], []
    for at in range(0, len(prompts), batch):
        chunk = [p + s for p, s in zip(prompts[at : at + batch], solutions[at : at + batch])]
        width = max(map(len, chunk))
        tokens = torch.full((len(chunk), width), text.PAD, device=device)
        for row, ids in enumerate(chunk):
            tokens[row, : len(ids)] = torch.tensor(ids, device=device)
        hidden = Session(target, len(chunk), width).read(tokens, torch.zeros(len(chunk), dtype=torch.long, device=device))
        logits = target.logits(hidden).float()
        best = logits.argmax(-1)
        for row, (prompt, letters) in enumerate(zip(prompts[at : at + batch], labels[at : at + batch])):
            start = len(prompt)
            end = start + (letters.index("w") + 1 if "w" in letters else len(letters))
            ids = tokens[row, start:end]
            # The end of the text is never judged.
            keep = ids != text.END
            own = slice(start, end)
            hiddens.append(hidden[row, own][keep])
            corrects.append(torch.tensor([letter == "o" for letter in letters[: end - start]], device=device)[keep])
            before = slice(start - 1, end - 1)
            mismatches.append((best[row, before] != ids)[keep])
            share = logits[row, before].log_softmax(-1).gather(1, ids[:, None])[:, 0]
            confidences.append(share[keep])
    return tuple(torch.cat(parts) for parts in (hiddens, corrects, mismatches, confidences))


def fit(hidden, correct, steps, device, weight_of_wrong=1.0):
    """(weight, bias) on the raw hidden state; wrong tokens weigh as much as all right ones together, times the factor."""
    torch.manual_seed(0)
    mean, spread = hidden.mean(0), hidden.std(0) + 1e-4
    inputs, target = ((hidden - mean) / spread), correct.float()
    balance = weight_of_wrong * target.sum() / (1 - target).sum().clamp(min=1)
    weight = torch.zeros(hidden.shape[1], device=device, requires_grad=True)
    bias = torch.zeros((), device=device, requires_grad=True)
    optimizer = torch.optim.AdamW([weight, bias], lr=3e-3, weight_decay=0.1)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * (1 - step / steps)
        at = torch.randint(0, len(target), (8192,), device=device)
        scale = torch.where(target[at] == 0, balance, 1.0)
        loss = (F.binary_cross_entropy_with_logits(inputs[at] @ weight + bias, target[at], reduction="none") * scale).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return (weight / spread).detach(), (bias - (mean / spread * weight).sum()).detach()


def read(path, device):
    """A head's file as `judge` writes it, over the last state: (([(state, row, weights [hidden])], bias), threshold)."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        rest = file.read()
    told = json.loads(header["__metadata__"]["head"])
    if any(term["layer"] != "last" for term in told["terms"]):
        raise ValueError(f"{path}: expected terms on the last layer, got {told['terms']}")
    terms = []
    for at, term in enumerate(told["terms"]):
        begin, end = header[f"term.{at}"]["data_offsets"]
        terms.append((term["state"], term["row"], torch.frombuffer(bytearray(rest[begin:end]), dtype=torch.float32).clone().to(device)))
    return (terms, torch.tensor(told["bias"], device=device)), told["threshold"]


def auc(score, correct):
    ranks = score.argsort().argsort().double() + 1
    right, wrong = correct.sum().double(), (~correct).sum().double()
    return ((ranks[correct].sum() - right * (right + 1) / 2) / (right * wrong)).item()


def figures(head, hidden, correct, mismatch, confidence, thresholds):
    weight, bias = head
    score = hidden.float() @ weight + bias
    at = mismatch
    found = {
        "tokens": len(correct),
        "wrong": int((~correct).sum()),
        "mismatches": int(at.sum()),
        "wrong mismatches": int((~correct & at).sum()),
        "AUC": round(auc(score, correct), 4),
        "AUC at mismatches": round(auc(score[at], correct[at]), 4),
        "AUC at mismatches of the target's probability alone": round(auc(confidence[at], correct[at]), 4),
    }
    chance = torch.sigmoid(score)
    for threshold in thresholds:
        rejects = chance <= threshold
        recall = (rejects & ~correct & at).sum() / (~correct & at).sum()
        false = (rejects & correct & at).sum() / (correct & at).sum()
        found[f"at {threshold}"] = f"recall {recall.item():.4f}, false rejections {false.item():.4f}"
    return found
