"""What transformers says about texts: called by `gpu-report transformers` with a list of jobs.

A job names a model folder, the type it is run in, and texts; of each text the last rows are kept:
logits, and the hidden states before and after the last norm, as float32, in one safetensors file.
"""

import json
import sys

import torch
from safetensors.torch import save_file
from transformers import AttentionInterface, AutoModelForCausalLM
from transformers import __version__ as transformers_version
from transformers.integrations import sdpa_attention

# keys and values are repeated for grouped queries instead: float32 has no fused kernel for them, and the
# scores of 32,768 positions would take 35 GB and as much again
sdpa_attention.use_gqa_in_sdpa = lambda *_, **__: False

TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
# other programs may use the GPU, too
MOST_BYTES = 32e9
# queries of one product where all at once need more than that
PART = 1024


def attention_in_parts(module, query, key, value, attention_mask, scaling=None, **_):
    """Causal attention of one text without padding, PART queries at a time: the scores of so many are held."""
    key = sdpa_attention.repeat_kv(key, module.num_key_value_groups)
    value = sdpa_attention.repeat_kv(value, module.num_key_value_groups)
    parts = []
    for begin in range(0, query.shape[2], PART):
        part = query[:, :, begin : begin + PART]
        end = begin + part.shape[2]
        places = torch.arange(end, device=query.device)
        seen = places[None, :] <= places[begin:, None]
        parts.append(
            torch.nn.functional.scaled_dot_product_attention(
                part, key[:, :, :end], value[:, :, :end], attn_mask=seen, scale=scaling
            )
        )
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


AttentionInterface.register("in_parts", attention_in_parts)


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


def answers_of(job, attention, device):
    model = AutoModelForCausalLM.from_pretrained(
        job["folder"], dtype=TYPES[job["type"]], attn_implementation=attention, local_files_only=True
    )
    model = model.to(device).eval()
    tensors = {}
    for name, ids in job["texts"].items():
        for part, values in rows_of(model, ids, job["last"], device).items():
            tensors[f"{name}.{part}"] = values.contiguous()
    return tensors


def main(jobs_file):
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        most = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, MOST_BYTES / most))
    with open(jobs_file, encoding="utf-8") as file:
        jobs = json.load(file)
    attention = "sdpa"
    for job in jobs:
        try:
            tensors = answers_of(job, attention, device)
        except torch.OutOfMemoryError:
            if attention == "in_parts":
                raise
            tensors = None
        if tensors is None:
            attention = "in_parts"
            torch.cuda.empty_cache()
            tensors = answers_of(job, attention, device)
        save_file(tensors, job["out"])
        if device == "cuda":
            torch.cuda.empty_cache()
        print(f"{job['out']}: {len(job['texts'])} texts in {job['type']}, {attention}", flush=True)
    said = "" if attention == "sdpa" else ", attention in parts of the queries"
    print(f"transformers {transformers_version}, torch {torch.__version__}, {device}{said}", flush=True)


main(sys.argv[1])
