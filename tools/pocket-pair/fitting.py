"""
Heads fitted on the tokens that a judge is asked about (`asked.py`): logistic regressions on the target's last hidden state,
on a token's own row and perhaps on the row before. Of several weights of wrong tokens and ridges the one is taken
that lets in most right tokens of held-out problems where few answers meet a wrong one.
"""
import hashlib, json, os, struct
import torch
import torch.nn.functional as F

import heads
from progress import log

# Wrong tokens let in, of 1,000 answers: between these a judge is worth having.
HARM = (4, 8, 16)
GRID = (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999)


class Examples:
    """Rows of several files, as one: states by row [n, hidden], right [n], and how many problems they come from."""

    def __init__(self, paths, place):
        parts = [torch.load(path, map_location=place) for path in paths]
        self.states = {row: torch.cat([part[row] for part in parts]).float() for row in ("own", "previous")}
        self.right = torch.cat([part["right"] for part in parts])
        self.problems = sum(part["problems"] for part in parts)
        starts = [0, *torch.tensor([len(part["right"]) for part in parts]).cumsum(0).tolist()]
        led = torch.cat([part["led"].to(place) + start for part, start in zip(parts, starts)])
        # The same, but for what the target went wrong behind.
        self.right_and_harmless = self.right.clone()
        self.right_and_harmless[led] = False

    def inputs(self, terms):
        return torch.cat([self.states[row] if state == "pre-norm" else normed(self.states[row]) for state, row in terms], 1)


def normed(states):
    """The state after the last norm, but for that norm's weights, which a head takes into its own."""
    return F.rms_norm(states, (states.shape[-1],), eps=1e-5)


def logistic(inputs, right, wrong_weight, ridge):
    """(weights [inputs], bias): wrong tokens count `wrong_weight` times; the ridge is on standardised inputs."""
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-4
    standard = (inputs - mean) / spread
    sign, scale = torch.where(right, -1.0, 1.0), torch.where(right, 1.0, float(wrong_weight))
    scale = scale / scale.sum()
    weight = torch.zeros(inputs.shape[1], device=inputs.device, requires_grad=True)
    bias = torch.zeros((), device=inputs.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, history_size=20, line_search_fn="strong_wolfe", tolerance_grad=1e-7, tolerance_change=1e-9)

    def loss():
        optimizer.zero_grad()
        value = (F.softplus(sign * (standard @ weight + bias)) * scale).sum() + ridge * (weight * weight).sum()
        value.backward()
        return value

    optimizer.step(loss)
    with torch.no_grad():
        return (weight / spread).detach(), (bias - (mean / spread * weight).sum()).detach()


def let_in(score, examples, labels):
    """The share of right tokens above the least score that lets so few wrong ones in, the mean over `HARM`."""
    order = score.argsort(descending=True)
    right = labels[order]
    wrong, good = (~right).cumsum(0), right.cumsum(0)
    found = []
    for harm in HARM:
        above = int((wrong <= harm * examples.problems / 1000).sum())
        found.append(good[above - 1].item() / int(labels.sum()) if above else 0.0)
    return sum(found) / len(found), found


def recalibrated(weight, bias, inputs, right):
    """The same ranking, as probabilities of these tokens (Platt)."""
    score = (inputs @ weight + bias)[:, None]
    slope, offset = logistic(score, right, 1.0, 0.0)
    return slope * weight, slope * bias + offset


def fit(train, held_out, terms, wrong_weights, ridges, name, led=False):
    """(weights, bias, how it was made); `led`: what the target went wrong behind counts as wrong."""
    labels, others = (train.right_and_harmless, held_out.right_and_harmless) if led else (train.right, held_out.right)
    inputs, other, best = train.inputs(terms), held_out.inputs(terms), None
    for wrong_weight in wrong_weights:
        for ridge in ridges:
            weight, bias = logistic(inputs, labels, wrong_weight, ridge)
            score = other @ weight + bias
            share, shares = let_in(score, held_out, others)
            log(f"{name}: wrong tokens {wrong_weight}x, ridge {ridge:g}: AUC {heads.auc(score, held_out.right):.4f}, lets in", " ".join(f"{s:.3f}" for s in shares))
            if best is None or share > best[0]:
                best = share, weight, bias, {"wrong tokens weigh": f"{wrong_weight} times", "ridge": f"{ridge:g}"}
    _, weight, bias, made = best
    return *recalibrated(weight, bias, other, held_out.right), made


def figures(score, examples):
    right = examples.right
    chance = torch.sigmoid(score)
    metrics = {
        "ROC-AUC at mismatches": heads.auc(score, right),
        "tokens at mismatches": len(right),
        "wrong tokens at mismatches": int((~right).sum()),
        "answers": examples.problems,
    }
    curve = [
        {
            "threshold": threshold,
            "wrongStopped": (chance[~right] <= threshold).double().mean().item(),
            "correctAdmitted": (chance[right] > threshold).double().mean().item(),
        }
        for threshold in GRID
    ]
    return metrics, curve


def threshold_letting_in(score, examples, harm):
    """The threshold at which so many wrong tokens of 1,000 answers are let in."""
    wrong = score[~examples.right].sort(descending=True).values
    if len(wrong) == 0:
        raise ValueError("expected wrong tokens among those held out, got none")
    at = min(int(harm * examples.problems / 1000), len(wrong) - 1)
    return torch.sigmoid(wrong[at].double()).item()


def write(path, like, weight, bias, terms, norm, threshold, data, metrics, curve, made):
    """A head's file, as `judge` reads it, for the same target as the head `like` (a path)."""
    with open(like, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    told = json.loads(header["__metadata__"]["head"])
    size = told["hiddenSize"]
    provenance = {key: told["provenance"][key] for key in ("model", "fingerprint", "dtype")}
    told |= {
        "bias": bias.item(),
        "threshold": threshold,
        "terms": [{"layer": "last", "state": state, "row": row} for state, row in terms],
        "provenance": provenance | {"data": data, "metrics": metrics, "calibration": curve, "made": made},
    }
    parts = [part / norm.cpu() if state == "post-norm" else part for (state, _), part in zip(terms, weight.cpu().split(size))]
    tensors = {f"term.{at}": {"dtype": "F32", "shape": [size], "data_offsets": [4 * size * at, 4 * size * (at + 1)]} for at in range(len(terms))}
    text = json.dumps({"__metadata__": {"format": "judge-decoding.head", "version": "1", "head": json.dumps(told)}} | tensors, separators=(",", ":"))
    header = text.encode() + b" " * (-len(text.encode()) % 8)
    with open(f"{path}.part", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + b"".join(part.float().numpy().tobytes() for part in parts))
    os.rename(f"{path}.part", path)


def digest(paths):
    found = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            found.update(file.read())
    return found.hexdigest()
