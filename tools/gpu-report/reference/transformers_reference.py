"""What transformers says about texts: called by `gpu-report transformers` with a list of jobs.

A job names a model folder, the type it is run in, and texts; of each text the last rows are kept:
logits, and the hidden states before and after the last norm, as float32, in one safetensors file.
"""

import json
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM
from transformers import __version__ as transformers_version
from transformers.integrations import sdpa_attention

# keys and values are repeated for grouped queries instead: float32 has no fused kernel for them, and the
# scores of 32,768 positions would take 35 GB and as much again
sdpa_attention.use_gqa_in_sdpa = lambda *_, **__: False

TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def rows_of(model, ids, last, device):
    kept = {}

    def keep(_module, inputs, output):
        kept["pre_norm"] = inputs[0][0, -last:].float().cpu()
        kept["post_norm"] = output[0, -last:].float().cpu()

    hook = model.model.norm.register_forward_hook(keep)
    try:
        with torch.inference_mode():
            out = model(torch.tensor([ids], device=device), use_cache=False, logits_to_keep=last)
    finally:
        hook.remove()
    kept["logits"] = out.logits[0].float().cpu()
    return kept


def main(jobs_file):
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with open(jobs_file, encoding="utf-8") as file:
        jobs = json.load(file)
    for job in jobs:
        model = AutoModelForCausalLM.from_pretrained(
            job["folder"], dtype=TYPES[job["type"]], attn_implementation="sdpa", local_files_only=True
        )
        model = model.to(device).eval()
        tensors = {}
        for name, ids in job["texts"].items():
            for part, values in rows_of(model, ids, job["last"], device).items():
                tensors[f"{name}.{part}"] = values.contiguous()
        save_file(tensors, job["out"])
        del model
        if device == "cuda":
            torch.cuda.empty_cache()
        print(f"{job['out']}: {len(job['texts'])} texts in {job['type']}", flush=True)
    print(f"transformers {transformers_version}, torch {torch.__version__}, {device}", flush=True)


main(sys.argv[1])
