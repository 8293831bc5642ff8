"""Writes a model as a Hugging Face folder, in pieces, and checks that transformers computes the same."""
import json, os
import torch
from safetensors.torch import save_file

import text
from llama import EPSILON, THETA

LARGEST = 14_500_000  # bytes a piece

NAMES = {
    "norm1": "input_layernorm",
    "norm2": "post_attention_layernorm",
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}


def tensors(model):
    found = {"model.embed_tokens.weight": model.embed.weight, "model.norm.weight": model.norm.weight}
    for at, layer in enumerate(model.layers):
        for ours, theirs in NAMES.items():
            found[f"model.layers.{at}.{theirs}.weight"] = getattr(layer, ours).weight
    return {name: tensor.detach().to("cpu", torch.bfloat16).contiguous() for name, tensor in found.items()}


def rounded(model):
    """The same model with the weights that the folder holds."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.to(torch.bfloat16).float())
    return model


def write(folder, model, tokenizer):
    os.makedirs(folder, exist_ok=True)
    shards, size = [{}], 0
    for name, tensor in tensors(model).items():
        if size + tensor.nbytes > LARGEST:
            shards.append({})
            size = 0
        shards[-1][name] = tensor
        size += tensor.nbytes
    index = {}
    for at, shard in enumerate(shards):
        file = f"model-{at + 1:05}-of-{len(shards):05}.safetensors"
        save_file(shard, f"{folder}/{file}", metadata={"format": "pt"})
        os.chmod(f"{folder}/{file}", 0o644)
        index |= {name: file for name in shard}
    total = sum(tensor.nbytes for shard in shards for tensor in shard.values())
    _json(f"{folder}/model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": index})
    size = model.size
    config = {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "bos_token_id": text.BEGIN,
        "eos_token_id": text.END,
        "head_dim": size["head"],
        "hidden_act": "silu",
        "hidden_size": size["hidden"],
        "initializer_range": 0.02,
        "intermediate_size": size["inner"],
        "max_position_embeddings": text.CONTEXT,
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": size["heads"],
        "num_hidden_layers": size["layers"],
        "num_key_value_heads": size["kv_heads"],
        "pad_token_id": text.PAD,
        "rms_norm_eps": EPSILON,
        "rope_scaling": None,
        "rope_theta": THETA,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "vocab_size": model.vocabulary,
    }
    _json(f"{folder}/config.json", config)
    _json(
        f"{folder}/generation_config.json",
        {"bos_token_id": text.BEGIN, "do_sample": False, "eos_token_id": text.END, "pad_token_id": text.PAD},
    )
    tokenizer.save(f"{folder}/tokenizer.json")
    special = {
        str(at): {"content": token, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
        for at, token in enumerate(text.SPECIAL)
    }
    _json(
        f"{folder}/tokenizer_config.json",
        {
            "added_tokens_decoder": special,
            "bos_token": "<|begin|>",
            "chat_template": text.CHAT_TEMPLATE,
            "clean_up_tokenization_spaces": False,
            "eos_token": "<|end|>",
            "model_max_length": text.CONTEXT,
            "pad_token": "<|pad|>",
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )


def _json(path, value):
    with open(path, "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")


@torch.no_grad()
def check(folder, model, prompt, solution):
    """Largest difference between our logits and transformers', relative to their spread, on one conversation."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    asked = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False)
    ids = tokenizer(asked + solution, add_special_tokens=False).input_ids
    ours = text.prompt_ids(tokenizer.backend_tokenizer, prompt) + tokenizer.backend_tokenizer.encode(solution).ids
    if ids != ours:
        raise AssertionError(f"the chat template and training disagree: {ids[:8]} and {ours[:8]}")
    tokens = torch.tensor([ids])
    expected = theirs(tokens).logits
    model = model.to("cpu").float()
    got = model.logits(model(tokens))
    return ((got - expected).abs().max() / expected.std()).item()
