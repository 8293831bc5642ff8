"""transformers' side of on-cuda.mjs: a GGUF file of the Qwen2 family, dequantised and rounded to bf16 (judge's own bf16 is that, too),
a static cache, prompts read eagerly, and a step of one token compiled with CUDA graphs. Every token is read by the host, as a program
that shows text or looks for an end must. Messages are JSON, one a line."""
import json, re, sys, time

import torch
import transformers
from torch._dynamo.utils import counters
from gguf import GGUFReader, dequantize
from transformers import Qwen2Config, Qwen2ForCausalLM, StaticCache

PARTS = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
         "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
WHOLE = {"token_embd.weight": "model.embed_tokens.weight", "output.weight": "lm_head.weight", "output_norm.weight": "model.norm.weight"}
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def name_of(tensor):
    if tensor in WHOLE:
        return WHOLE[tensor]
    layer, part, kind = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", tensor).groups()
    return f"model.layers.{layer}.{PARTS[part]}.{kind}"


def load(path):
    reader = GGUFReader(path)
    meta = {key: field.contents() for key, field in reader.fields.items() if key.startswith("qwen2.")}
    get = lambda key: meta[f"qwen2.{key}"]
    state = {name_of(t.name): torch.from_numpy(dequantize(t.data, t.tensor_type).astype("float32")).to(torch.bfloat16)
             for t in reader.tensors}
    untied = "lm_head.weight" in state
    config = Qwen2Config(hidden_size=get("embedding_length"), intermediate_size=get("feed_forward_length"),
                         num_hidden_layers=get("block_count"), num_attention_heads=get("attention.head_count"),
                         num_key_value_heads=get("attention.head_count_kv"), max_position_embeddings=get("context_length"),
                         rms_norm_eps=round(get("attention.layer_norm_rms_epsilon"), 9),
                         rope_parameters={"rope_type": "default", "rope_theta": get("rope.freq_base")},
                         vocab_size=state["model.embed_tokens.weight"].shape[0], tie_word_embeddings=not untied)
    with torch.device("meta"):
        model = Qwen2ForCausalLM(config)
    if not untied:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state, strict=True, assign=True)
    # what no file holds
    model.model.rotary_emb = type(model.model.rotary_emb)(config)
    return model.to(DEVICE).eval()


class Decoder:
    def __init__(self, target, contextLength, endTokens):
        torch.set_float32_matmul_precision("high")
        self.model = load(target)
        self.ends = set(endTokens)
        self.cache = StaticCache(config=self.model.config, max_cache_len=contextLength)
        step = lambda ids: self.model(input_ids=ids, past_key_values=self.cache, use_cache=True,
                                      logits_to_keep=1).logits[:, -1].argmax(-1, keepdim=True)
        self.read = step
        self.step = torch.compile(step, mode="reduce-overhead", fullgraph=True) if DEVICE == "cuda" else step
        began = time.perf_counter()
        for _ in range(2):
            self.write(list(range(1000, 1040)), 8)
        self.facts = (f"transformers {transformers.__version__}, torch {torch.__version__}, bf16 on {DEVICE}, static cache of {contextLength}, "
                      f"step compiled (reduce-overhead, CUDA graphs skipped {counters['inductor']['cudagraph_skips']} times), "
                      f"{time.perf_counter() - began:.0f} s before the first token")

    @torch.inference_mode()
    def write(self, prompt, most):
        began = time.perf_counter()
        self.cache.reset()
        token = self.read(torch.tensor([prompt], device=DEVICE))
        tokens, at = [], []
        while True:
            tokens.append(token.item())
            at.append(1000 * (time.perf_counter() - began))
            if len(tokens) == most or tokens[-1] in self.ends:
                return dict(tokens=tokens, at=at, milliseconds=1000 * (time.perf_counter() - began))
            token = self.step(token.clone())


def main():
    decoder = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if "open" in message:
                decoder = Decoder(**message["open"])
                answer = dict(facts=decoder.facts)
            else:
                answer = decoder.write(message["decode"]["prompt"], message["decode"]["maxTokens"])
        except Exception as error:  # the other side says it
            answer = dict(error=f"{type(error).__name__}: {error}".split("\n")[0])
        print(json.dumps(answer), flush=True)


main()
