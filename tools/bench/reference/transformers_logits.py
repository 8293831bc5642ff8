"""What transformers says in float32 about twenty prompts, for the tests on real models.

    python transformers_logits.py MODELS NAME...

NAME is a folder in MODELS or a GGUF file, whose tensors are then dequantised by `gguf`. Writes
MODELS/NAME.reference.safetensors: for each prompt i `ids.i` int32 [rows], and float32 `logits.i`
[rows, tokens], `pre_norm.i` and `post_norm.i` [rows, hidden]; and `text.i` int32 [128], what follows
the prompt by greedy decoding, end tokens or not. Needs torch, transformers, safetensors and gguf, and
memory for the weights in float32 once.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "def fibonacci(n):\n    ",
    "The capital of France is",
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "How many clips did she sell altogether?",
    "import numpy as np\n\n\ndef softmax(x):\n    shifted = x - ",
    "Hello",
    "Once upon a time, in a village by the sea, there lived",
    "Die Hauptstadt von Deutschland ist",
    "La révolution française a commencé en",
    "日本の首都は",
    "Вопрос: сколько будет два плюс два?\nОтвет:",
    '{"name": "Ada", "born": 1815, "fields": [',
    "SELECT customers.name, SUM(orders.total)\nFROM customers\n",
    "1, 1, 2, 3, 5, 8, 13,",
    "#include <stdio.h>\n\nint main(void) {\n",
    "Q: Why is the sky blue?\nA:",
    "<html>\n  <head>\n    <title>",
    "To sort a list in Python without changing it, use",
    "The three states of matter are 🧊,",
    "x = 3\ny = 4\n# the length of the hypotenuse\nz =",
    "Dear Sir or Madam,\n\nI am writing to",
]
CONTINUED = 128

NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def open_gguf(models: Path, name: str):
    """The file's own tensors, dequantised by gguf one after another into a model of their shape."""
    import gguf

    config = AutoConfig.from_pretrained(models, gguf_file=name)
    reader = gguf.GGUFReader(models / name)
    config.tie_word_embeddings = all(tensor.name != "output.weight" for tensor in reader.tensors)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.to_empty(device="cpu").tie_weights()
    # its tables are no parameters, so they are made again
    model.model.rotary_emb = type(model.model.rotary_emb)(config)
    missing = set(dict(model.named_parameters()))
    for tensor in reader.tensors:
        parts = tensor.name.split(".")
        if parts[0] == "rope_freqs":
            raise SystemExit(f"{name}: frequency factors of the file are not handled")
        layer = f"model.layers.{parts[1]}." if parts[0] == "blk" else ""
        target = f"{layer}{NAMES[parts[-2]]}.{parts[-1]}"
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if config.model_type == "llama" and parts[-2] in ("attn_q", "attn_k"):
            heads = config.num_attention_heads if parts[-2] == "attn_q" else config.num_key_value_heads
            values = rotary_halves(values, heads)
        with torch.no_grad():
            model.get_parameter(target).copy_(torch.from_numpy(np.ascontiguousarray(values)))
        missing.discard(target)
    if missing:
        raise SystemExit(f"{name}: no tensor for {sorted(missing)}")
    return model.eval()


def rotary_halves(matrix, heads: int):
    """Rows of the Llama family lie in pairs in a GGUF file, and in halves in transformers."""
    pairs = matrix.reshape(heads, matrix.shape[0] // heads // 2, 2, matrix.shape[1])
    return pairs.swapaxes(1, 2).reshape(matrix.shape)


def reference(models: Path, name: str) -> None:
    if name.endswith(".gguf"):
        tokenizer = AutoTokenizer.from_pretrained(models, gguf_file=name)
        model = open_gguf(models, name)
    else:
        tokenizer = AutoTokenizer.from_pretrained(models / name)
        model = AutoModelForCausalLM.from_pretrained(models / name, dtype=torch.float32).eval()
    prompts = [tokenizer(prompt, return_tensors="pt").input_ids for prompt in PROMPTS]
    seen = {}
    hook = model.model.norm.register_forward_hook(lambda _, given, out: seen.update(pre=given[0], post=out))
    tensors = {}
    for index, ids in enumerate(prompts):
        with torch.no_grad():
            logits = model(ids).logits[0]
        tensors[f"ids.{index}"] = ids[0].to(torch.int32)
        tensors[f"logits.{index}"] = logits.contiguous()
        tensors[f"pre_norm.{index}"] = seen["pre"][0].clone()
        tensors[f"post_norm.{index}"] = seen["post"][0].clone()
    hook.remove()
    for index, text in enumerate(continued(model, prompts)):
        tensors[f"text.{index}"] = text.to(torch.int32).contiguous()
    save_file(tensors, str(models / f"{name}.reference.safetensors"))
    print(name, "rows", sum(ids.shape[1] for ids in prompts), "logits", list(tensors["logits.0"].shape), flush=True)


@torch.no_grad()
def continued(model, prompts):
    """CONTINUED greedy tokens after each prompt, all of them in one batch, padded on the left."""
    width = max(ids.shape[1] for ids in prompts)
    ids = torch.cat([torch.nn.functional.pad(each, (width - each.shape[1], 0)) for each in prompts])
    mask = torch.cat(
        [torch.nn.functional.pad(torch.ones_like(each), (width - each.shape[1], 0)) for each in prompts]
    )
    written = []
    cache = None
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    for _ in range(CONTINUED):
        out = model(
            ids, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        cache = out.past_key_values
        ids = out.logits[:, -1].argmax(-1, keepdim=True)
        written.append(ids)
        mask = torch.cat([mask, torch.ones_like(ids)], 1)
        positions = positions[:, -1:] + 1
    return torch.cat(written, 1)


if __name__ == "__main__":
    for each in sys.argv[2:]:
        reference(Path(sys.argv[1]), each)
