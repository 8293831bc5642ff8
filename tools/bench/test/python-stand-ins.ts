/** Python modules that stand in for torch, transformers and gguf, with as much of them as transformers_child.py asks for. */

export const TORCH = `
__version__, bfloat16 = '2.x', 'bf16'
class cuda:
    is_available = staticmethod(lambda: False)
set_float32_matmul_precision = lambda _: None
inference_mode = lambda: lambda function: function
class device:
    def __init__(self, kind): pass
    def __enter__(self): pass
    def __exit__(self, *_): pass
class Ids:
    def __init__(self, ids): self.ids = ids
    def item(self): return self.ids[-1]
    def clone(self): return Ids(list(self.ids))
tensor = lambda rows, device: Ids(list(rows[0]))
class Weights:
    shape = (40, 8)
    def to(self, _): return self
from_numpy = lambda _: Weights()
`;

export const TRANSFORMERS = `
import torch
__version__ = '5.x'
NAMES = {'model.embed_tokens.weight', 'model.norm.weight', 'lm_head.weight', 'model.layers.1.self_attn.q_proj.weight',
         'model.layers.1.self_attn.q_proj.bias', 'model.layers.1.input_layernorm.weight', 'model.layers.1.mlp.down_proj.weight'}
class Qwen2Config:
    def __init__(self, **given):
        assert given['vocab_size'] == 40 and given['rms_norm_eps'] == 1e-6 and given['num_hidden_layers'] == 2, given
class StaticCache:
    def __init__(self, config, max_cache_len): pass
    def reset(self): pass
class Logits:
    def __init__(self, last): self.last = last
    def __getitem__(self, _): return self
    def argmax(self, *_, **__): return torch.Ids([self.last + 1])
class Rotary:
    def __init__(self, config): pass
class Qwen2ForCausalLM:
    def __init__(self, config):
        self.config = config
        self.model = type('model', (), {})()
        self.model.rotary_emb = Rotary(config)
    def load_state_dict(self, state, strict, assign): assert set(state) == NAMES, set(state) ^ NAMES
    def to(self, _): return self
    def eval(self): return self
    def __call__(self, input_ids, **_):
        out = type('out', (), {})()
        out.logits = Logits(input_ids.ids[-1])
        return out
`;

export const GGUF = `
class Field:
    def __init__(self, value): self.value = value
    def contents(self): return self.value
class Tensor:
    data = tensor_type = None
    def __init__(self, name): self.name = name
class Numbers:
    def astype(self, _): return self
dequantize = lambda data, kind: Numbers()
NAMES = ['token_embd.weight', 'output_norm.weight', 'blk.1.attn_q.weight', 'blk.1.attn_q.bias', 'blk.1.attn_norm.weight', 'blk.1.ffn_down.weight']
class GGUFReader:
    def __init__(self, path):
        if path == 'absent': raise FileNotFoundError(path)
        more = {'tied': [], 'untied': ['output.weight'], 'strange': ['blk.0.attn_other.weight']}[path]
        self.tensors = [Tensor(name) for name in NAMES + more]
        values = {'embedding_length': 8, 'feed_forward_length': 16, 'block_count': 2, 'attention.head_count': 2, 'attention.head_count_kv': 1,
                  'context_length': 64, 'attention.layer_norm_rms_epsilon': 1.0000000000001e-6, 'rope.freq_base': 1e6}
        self.fields = {f'qwen2.{key}': Field(value) for key, value in values.items()} | {'general.name': Field('x')}
`;
