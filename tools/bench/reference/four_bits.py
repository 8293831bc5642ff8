"""What four-bit blocks cost a model of floats, by how they are rounded: activations stay float32.

    python four_bits.py FOLDER REFERENCE

FOLDER is a Hugging Face folder, REFERENCE what transformers_logits.py wrote about it. For every way to
round: relative error of the layers' matrices and of normal numbers, KL from float32 in nats and how often
the likeliest token is the same, over 64 positions after every other prompt.
"""

import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM


def eight(weights, block=32):
    x = weights.reshape(-1, block)
    scale = x.abs().amax(1, keepdim=True) / 127
    scale[scale == 0] = 1
    return (torch.round(x / scale) * scale).reshape(weights.shape)


def largest_at_minus_eight(weights, block=32):
    """As Q4_0 does it."""
    x = weights.reshape(-1, block)
    scale = x.gather(1, x.abs().argmax(1, keepdim=True)) / -8
    scale[scale == 0] = 1
    return (torch.round(x / scale).clamp(-8, 7) * scale).reshape(weights.shape)


def symmetric(weights, block=32, ends=(-8, -7.6, -7.2, -6.8)):
    """As packages/onnx does it: of a few scales the best, fitted by least squares."""
    x = weights.reshape(-1, block)
    largest = x.gather(1, x.abs().argmax(1, keepdim=True))
    largest[largest == 0] = 1
    best = None
    for end in ends:
        codes = torch.round(x * (end / largest)).clamp(-8, 7)
        scale = (x * codes).sum(1, keepdim=True) / (codes * codes).sum(1, keepdim=True).clamp(min=1e-30)
        best = better(best, x, codes * scale)
    return best.reshape(weights.shape)


def with_offset(weights, block=32, spans=(15, 14.2, 13.4)):
    """Scale and offset, of a few guesses the best, fitted by least squares."""
    x = weights.reshape(-1, block)
    least, most = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    width = (most - least).clamp(min=1e-30)
    mean = x.mean(1, keepdim=True)
    best = None
    for span in spans:
        codes = torch.round((x - (least + most) / 2) * (span / width) - 0.5).clamp(-8, 7)
        centred = codes - codes.mean(1, keepdim=True)
        spread = (centred * centred).sum(1, keepdim=True).clamp(min=1e-30)
        scale = ((x - mean) * centred).sum(1, keepdim=True) / spread
        best = better(best, x, centred * scale + mean)
    return best.reshape(weights.shape)


def better(best, x, candidate):
    if best is None:
        return candidate
    error = lambda y: (y - x).pow(2).sum(1, keepdim=True)
    return torch.where(error(candidate) < error(best), candidate, best)


def with_offset_64(weights):
    return with_offset(weights, 64)


WAYS = [
    ("largest at -8", largest_at_minus_eight, largest_at_minus_eight),
    ("symmetric", symmetric, symmetric),
    ("symmetric, output matrix of 8 bits", symmetric, eight),
    ("with offset", with_offset, with_offset),
    ("with offset, blocks of 64", with_offset_64, with_offset_64),
]


@torch.no_grad()
def main(folder: str, reference_file: str) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    head = model.lm_head
    # the embedding that is looked up stays as it is
    head.weight = torch.nn.Parameter(head.weight.data.clone())
    reference = load_file(reference_file)
    prompts = sorted(int(key.split(".")[1]) for key in reference if key.startswith("ids."))[::2]
    texts = [torch.cat([reference[f"ids.{i}"], reference[f"text.{i}"][:64]]).long()[None] for i in prompts]
    starts = [len(reference[f"ids.{i}"]) for i in prompts]

    def log_probabilities():
        return [model(ids).logits[0, start - 1 : -1].log_softmax(-1) for ids, start in zip(texts, starts)]

    exact = log_probabilities()
    matrices = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    kept = [module.weight.data for module in matrices]
    normal = torch.randn(1000, 1024, generator=torch.Generator().manual_seed(0))
    for name, layers, output in WAYS:
        errors = squares = 0.0
        for module, weights in zip(matrices, kept):
            module.weight.data = (output if module is head else layers)(weights)
            if module is not head:
                errors += (module.weight.data - weights).pow(2).sum().item()
                squares += weights.pow(2).sum().item()
        divergence = rows = same = 0
        for p, q in zip(exact, log_probabilities()):
            divergence += (p.exp() * (p - q)).sum().item()
            same += (p.argmax(-1) == q.argmax(-1)).sum().item()
            rows += len(p)
        on_normal = ((layers(normal) - normal).pow(2).sum() / normal.pow(2).sum()).sqrt().item()
        print(
            f"{name}: {100 * (errors / squares) ** 0.5:.1f} % of the layers, {100 * on_normal:.1f} % of normal numbers, "
            f"KL {divergence / rows:.4f}, same favourite {100 * same / rows:.1f} %",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
