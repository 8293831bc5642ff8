"""What transformers says in float32 about a few prompts, for the tests on real models.

    python transformers_logits.py MODELS NAME...

NAME is a folder in MODELS or a GGUF file, whose tensors are then dequantised by `gguf`. Writes
MODELS/NAME.reference.safetensors: for each prompt i `ids.i` int32 [rows], and float32 `logits.i`
[rows, tokens], `pre_norm.i` and `post_norm.i` [rows, hidden]; and `text.i` int32 [64], what follows
the prompt by greedy decoding.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "def fibonacci(n):\n    ",
    "The capital of France is",
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "How many clips did she sell altogether?",
    "import numpy as np\n\n\ndef softmax(x):\n    shifted = x - ",
]
CONTINUED = 64


def reference(models: Path, name: str) -> None:
    if name.endswith(".gguf"):
        source = {"pretrained_model_name_or_path": str(models), "gguf_file": name}
    else:
        source = {"pretrained_model_name_or_path": str(models / name)}
    tokenizer = AutoTokenizer.from_pretrained(**source)
    model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32).eval()
    seen = {}
    model.model.norm.register_forward_hook(lambda _, given, out: seen.update(pre=given[0], post=out))
    tensors = {}
    for index, prompt in enumerate(PROMPTS):
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        with torch.no_grad():
            logits = model(ids).logits[0]
            tensors[f"pre_norm.{index}"] = seen["pre"][0].clone()
            tensors[f"post_norm.{index}"] = seen["post"][0].clone()
            text = model.generate(ids, max_new_tokens=CONTINUED, do_sample=False, repetition_penalty=1.0)
        tensors[f"ids.{index}"] = ids[0].to(torch.int32)
        tensors[f"logits.{index}"] = logits.contiguous()
        tensors[f"text.{index}"] = text[0, ids.shape[1] :].to(torch.int32).contiguous()
    save_file(tensors, str(models / f"{name}.reference.safetensors"))
    print(name, {key: list(value.shape) for key, value in tensors.items() if key.startswith("logits")})


if __name__ == "__main__":
    torch.set_num_threads(2)
    for each in sys.argv[2:]:
        reference(Path(sys.argv[1]), each)
