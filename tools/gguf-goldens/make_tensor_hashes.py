"""Hashes of a few real files' tensors in float32, dequantised by the gguf package, for the tests that read them.

    pip install numpy gguf
    python make_tensor_hashes.py MODELS ../../packages/checkpoint/test/fixtures/gguf-tensor-hashes.json

MODELS is the folder with the .gguf files. Of each file: all tensors outside the layers, those of the
first and the last layer. Rows of q and k of the Llama family are put into Hugging Face's order. Each
hash is the start of a sha256 over the little-endian float32 values.
"""

import hashlib
import json
import pathlib
import re
import sys

import numpy as np
from gguf import GGUFReader, dequantize

FILES = [
    "smollm2-135m-instruct-q4_1.gguf",
    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
]
PARTS = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}  # fmt: skip
OUTER = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def halves_apart(rows: np.ndarray, heads: int) -> np.ndarray:
    """From interleaved rotary pairs to the two halves of each head."""
    paired = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return paired.swapaxes(1, 2).reshape(rows.shape)


golden = {}
for name in FILES:
    reader = GGUFReader(pathlib.Path(sys.argv[1]) / name)
    meta = lambda key: reader.fields[key].contents()  # noqa: E731
    architecture = meta("general.architecture")
    layers = meta(f"{architecture}.block_count")
    hashes = {}
    for tensor in reader.tensors:
        new = OUTER.get(tensor.name)
        values = None
        if new is None:
            layer, part, kind = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", tensor.name).groups()
            if int(layer) not in (0, layers - 1):
                continue
            new = f"model.layers.{layer}.{PARTS[part]}.{kind}"
            values = dequantize(tensor.data, tensor.tensor_type)
            if architecture == "llama" and part in ("attn_q", "attn_k"):
                heads = meta(f"{architecture}.attention.head_count{'_kv' if part == 'attn_k' else ''}")
                values = halves_apart(values, heads)
        else:
            values = dequantize(tensor.data, tensor.tensor_type)
        digest = hashlib.sha256(np.ascontiguousarray(values, "<f4").tobytes()).hexdigest()
        hashes[new] = f"{tensor.tensor_type.name} {digest[:16]}"
    golden[name] = dict(sorted(hashes.items()))
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(json.dumps(golden, indent=1) + "\n")
