"""Tiny random models of the families that packages/checkpoint reads, with their logits by transformers.

    pip install torch transformers gguf numpy
    python make_goldens.py ../../packages/backend-cpu/test/fixtures/families

Of each family a folder as transformers 5 saves it (one of them in shards), the same config in the older
spelling (config.old.json), a GGUF file as llama.cpp's converters write it where they know the
family, and golden.json: a prompt longer than every window, the logits of some of its rows in float32 (base64,
little-endian) and the most likely token of each. Seen with transformers 5.24.0, torch 2.15.0 and gguf 0.19.0.
"""

import base64
import json
import pathlib
import shutil
import sys

import gguf
import numpy as np
import torch
from transformers import (
    Gemma3ForCausalLM, Gemma3TextConfig, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM,
    Qwen3Config, Qwen3ForCausalLM, SmolLM3Config, SmolLM3ForCausalLM,
)  # fmt: skip

VOCAB = 272
ROWS = [0, 5, 6, 7, 8, 20, 47]
SHAPE = dict(
    vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=128, rms_norm_eps=1e-5, bos_token_id=257, eos_token_id=258, pad_token_id=None,
)  # fmt: skip
OLD = {k: v for k, v in SHAPE.items() if k != "pad_token_id"}


def old(model_type, class_name, **more):
    """As files of 2024 and 2025 spell it."""
    return {"architectures": [class_name], "model_type": model_type, **OLD, "torch_dtype": "bfloat16",
            "transformers_version": "4.50.0", "use_cache": True, **more}  # fmt: skip


def rope(theta):
    return {"rope_type": "default", "rope_theta": theta}


LINEAR = {"rope_type": "linear", "factor": 2.0}
FAMILIES = {
    "qwen3": dict(
        model=Qwen3ForCausalLM,
        config=Qwen3Config(**SHAPE, num_hidden_layers=2, head_dim=8, rope_parameters=rope(5e5), tie_word_embeddings=False),
        old=old("qwen3", "Qwen3ForCausalLM", num_hidden_layers=2, head_dim=8, hidden_act="silu", rope_theta=5e5, rope_scaling=None,
                tie_word_embeddings=False, sliding_window=None, use_sliding_window=False, max_window_layers=2, attention_bias=False),
        gguf="qwen3", theta=5e5,
    ),
    "smollm3": dict(
        model=SmolLM3ForCausalLM,
        config=SmolLM3Config(**SHAPE, num_hidden_layers=5, rope_parameters=rope(3e4)),
        old=old("smollm3", "SmolLM3ForCausalLM", num_hidden_layers=5, hidden_act="silu", rope_theta=3e4, rope_scaling=None,
                no_rope_layers=[1, 1, 1, 0, 1], no_rope_layer_interval=4, mlp_bias=False, use_sliding_window=False, sliding_window=None),
        gguf="smollm3", theta=3e4, paired=True, shards="8KB",
    ),
    "gemma3": dict(
        model=Gemma3ForCausalLM,
        config=Gemma3TextConfig(
            **SHAPE, num_hidden_layers=7, head_dim=8, query_pre_attn_scalar=8, sliding_window=6,
            rope_parameters={"full_attention": {**LINEAR, "rope_theta": 2e5}, "sliding_attention": rope(500.0)}),
        old=old("gemma3_text", "Gemma3ForCausalLM", num_hidden_layers=7, head_dim=8, query_pre_attn_scalar=8, sliding_window=6,
                sliding_window_pattern=6, hidden_activation="gelu_pytorch_tanh", rope_theta=2e5, rope_local_base_freq=500.0,
                rope_scaling=LINEAR, cache_implementation="hybrid", attn_logit_softcapping=None, final_logit_softcapping=None),
        gguf="gemma3", theta=2e5, window=6, window_theta=500.0, linear=2.0, shift=1.0,
    ),
    "mistral": dict(
        model=MistralForCausalLM,
        config=MistralConfig(**SHAPE, num_hidden_layers=2, sliding_window=7, rope_parameters=rope(1e4)),
        old=old("mistral", "MistralForCausalLM", num_hidden_layers=2, sliding_window=7, hidden_act="silu", rope_theta=1e4),
    ),
    "qwen2": dict(
        model=Qwen2ForCausalLM,
        config=Qwen2Config(**SHAPE, num_hidden_layers=3, use_sliding_window=True, sliding_window=5, max_window_layers=1, rope_parameters=rope(1e4)),
        old=old("qwen2", "Qwen2ForCausalLM", num_hidden_layers=3, sliding_window=5, use_sliding_window=True, max_window_layers=1,
                hidden_act="silu", rope_theta=1e4),
    ),
}  # fmt: skip


def randomise(model, shift):
    """Every weight, with norms about what multiplies by one."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("norm.weight"):
                weight.copy_((1 - shift) + 0.2 * torch.randn_like(weight))
            elif name.endswith(".bias"):
                weight.copy_(0.3 * torch.randn_like(weight))
            else:
                weight.copy_(torch.randn_like(weight) * (1.0 if "embed" in name else 1.5 / weight.shape[-1] ** 0.5))


NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "input_layernorm": "attn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip


def gguf_name(name, family):
    outer = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    base, kind = name.rsplit(".", 1)
    if base in outer:
        return f"{outer[base]}.{kind}"
    _, _, layer, part = base.split(".", 3)
    gemma = {"post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
             "post_feedforward_layernorm": "post_ffw_norm"}  # fmt: skip
    known = {**NAMES, **(gemma if family == "gemma3" else {"post_attention_layernorm": "ffn_norm"})}
    return f"blk.{layer}.{known[part]}.{kind}"


def pair_up(rows, heads):
    """From the two halves of each head to interleaved rotary pairs, as the converters of the Llama family have it."""
    split = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return split.swapaxes(1, 2).reshape(rows.shape)


def write_gguf(path, name, family, model):
    config = model.config
    writer = gguf.GGUFWriter(path, family["gguf"])
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(family["theta"])
    if "window" in family:
        writer.add_sliding_window(family["window"])
        writer.add_float32(f"{family['gguf']}.rope.freq_base_swa", family["window_theta"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(family["linear"])
    tokenizer = json.loads((pathlib.Path(path).parent / "tokenizer.json").read_text())
    tokens = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    added = [token["content"] for token in tokenizer["added_tokens"]]
    padding = [f"[PAD{i}]" for i in range(len(tokens) + len(added), VOCAB)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens + added + padding)
    writer.add_token_types([1] * len(tokens) + [3] * len(added) + [5] * len(padding))
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(257)
    writer.add_eos_token_id(258)
    for key, weight in model.state_dict().items():
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = weight.float().numpy()
        if family.get("paired") and (".q_proj." in key or ".k_proj." in key):
            values = pair_up(values, config.num_attention_heads if ".q_proj." in key else config.num_key_value_heads)
        if values.ndim == 1:
            writer.add_tensor(gguf_name(key, name), values + family.get("shift", 0.0) * key.endswith("norm.weight"))
        else:
            stored = gguf.quantize(values, gguf.GGMLQuantizationType.BF16)
            writer.add_tensor(gguf_name(key, name), stored, raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tokenizer_json():
    """A token for every byte, one of two bytes, and two special ones."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    vocab = {chr(b if b in printable else next(others)): b for b in range(256)} | {"ab": 256}
    special = [{"id": 257 + i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for i, content in enumerate(["<|begin|>", "<|end|>"])]  # fmt: skip
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "added_tokens": special, "normalizer": None, "pre_tokenizer": byte_level, "post_processor": None,
            "decoder": byte_level, "model": {"type": "BPE", "vocab": vocab, "merges": [["a", "b"]]}}  # fmt: skip


def main():
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / "tokenizer.json").write_text(json.dumps(tokenizer_json()) + "\n")
    for seed, (name, family) in enumerate(FAMILIES.items()):
        torch.manual_seed(seed)
        model = family["model"](family["config"])
        randomise(model, family.get("shift", 0.0))
        folder = out / name
        model.to(torch.bfloat16).save_pretrained(folder, max_shard_size=family.get("shards", "1GB"))
        (folder / "generation_config.json").unlink(missing_ok=True)
        (folder / "config.old.json").write_text(json.dumps(family["old"], indent=2) + "\n")
        model = family["model"].from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        if "gguf" in family:
            write_gguf(str(out / f"{name}.gguf"), name, family, model)
        prompt = torch.randint(0, 256, (48,))
        with torch.no_grad():
            logits = model(prompt[None]).logits[0, :, :259]
        rows = logits[ROWS].numpy().astype("<f4")
        golden = {"prompt": prompt.tolist(), "rows": ROWS, "logits": base64.b64encode(rows.tobytes()).decode(),
                  "argmax": logits.argmax(-1).tolist()}  # fmt: skip
        (folder / "golden.json").write_text(json.dumps(golden) + "\n")
        print(name, sum(f.stat().st_size for f in folder.iterdir()), "bytes", np.abs(rows).mean())


main()
