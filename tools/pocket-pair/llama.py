"""A Llama decoder, as small as it goes: for training, and with a cache for decoding many texts at once."""
import torch
import torch.nn as nn
import torch.nn.functional as F

import text

EPSILON, THETA = 1e-5, 10000.0


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, EPSILON)


def rotate(x, cos, sin):
    """x: [batch, heads, length, head]; the two halves of a head turn, as in Hugging Face's Llama."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1).type_as(x)


def conversations(tokens):
    """Which of a row's conversations each of its places is in: all begin with BEGIN. tokens: [batch, length]."""
    return (tokens == text.BEGIN).cumsum(1)


def mask_of(tokens):
    """What each place sees: itself and what comes before it in its own conversation. [batch, 1, length, length]."""
    own, length = conversations(tokens), tokens.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=tokens.device).tril()
    return ((own[:, :, None] == own[:, None, :]) & causal)[:, None]


def bounds_of(tokens):
    """Where the conversations of all rows begin, one after another, and where the last one ends; filled up to one length."""
    starts = tokens == text.BEGIN
    starts[:, 0] = True
    found = starts.flatten().nonzero()[:, 0]
    bounds = torch.full((tokens.numel() // 32 + 1,), tokens.numel(), dtype=torch.int32, device=tokens.device)
    count = min(len(found), len(bounds) - 1)
    bounds[:count] = found[:count]
    return bounds


def attend_within(q, k, v, bounds):
    """Causal attention within each conversation, without a mask; CUDA alone. q, k, v: [batch, heads, length, head]."""
    batch, heads, length, head = q.shape
    q, k, v = (t.transpose(1, 2).reshape(batch * length, heads, head) for t in (q, k, v))
    y = torch.ops.aten._flash_attention_forward(q, k, v, bounds, bounds, length, length, 0.0, True, False)[0]
    return y.view(batch, length, heads, head).transpose(1, 2)


class Layer(nn.Module):
    def __init__(self, size):
        super().__init__()
        hidden, head, heads, kv, inner = (size[k] for k in ("hidden", "head", "heads", "kv_heads", "inner"))
        self.head, self.heads, self.kv = head, heads, kv
        self.norm1, self.norm2 = Norm(hidden), Norm(hidden)
        self.q = nn.Linear(hidden, heads * head, bias=False)
        self.k = nn.Linear(hidden, kv * head, bias=False)
        self.v = nn.Linear(hidden, kv * head, bias=False)
        self.o = nn.Linear(heads * head, hidden, bias=False)
        self.gate = nn.Linear(hidden, inner, bias=False)
        self.up = nn.Linear(hidden, inner, bias=False)
        self.down = nn.Linear(inner, hidden, bias=False)

    def forward(self, x, cos, sin, cache=None, rows=None, positions=None, seen=None, mask=None, bounds=None):
        batch, length, _ = x.shape
        z = self.norm1(x)
        q = rotate(self.q(z).view(batch, length, self.heads, self.head).transpose(1, 2), cos, sin)
        k = rotate(self.k(z).view(batch, length, self.kv, self.head).transpose(1, 2), cos, sin)
        v = self.v(z).view(batch, length, self.kv, self.head).transpose(1, 2)
        if cache is not None:
            keys, values = cache
            keys[rows, :, positions] = k.transpose(1, 2)
            values[rows, :, positions] = v.transpose(1, 2)
            k, v = keys[:, :, :seen], values[:, :, :seen]
        k, v = (t.repeat_interleave(self.heads // self.kv, 1) for t in (k, v))
        if bounds is not None:
            y = attend_within(q, k, v, bounds)
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.o(y.transpose(1, 2).reshape(batch, length, -1))
        z = self.norm2(x)
        return x + self.down(F.silu(self.gate(z)) * self.up(z))


class Llama(nn.Module):
    def __init__(self, size, vocabulary):
        super().__init__()
        self.size, self.vocabulary = size, vocabulary
        self.embed = nn.Embedding(vocabulary, size["hidden"])
        self.layers = nn.ModuleList(Layer(size) for _ in range(size["layers"]))
        self.norm = Norm(size["hidden"])
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                scaled = name.endswith(("o.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / ((2 * size["layers"]) ** 0.5 if scaled else 1))
        inverse = 1 / THETA ** (torch.arange(0, size["head"], 2) / size["head"])
        turns = torch.outer(torch.arange(text.CONTEXT).float(), inverse)
        self.register_buffer("cos", turns.cos(), persistent=False)
        self.register_buffer("sin", turns.sin(), persistent=False)

    def forward(self, tokens, bounds=None):
        """Hidden states before the last norm, [batch, length, hidden]. `bounds` (see bounds_of) saves the mask."""
        length = tokens.shape[1]
        x, cos, sin = self.embed(tokens), self.cos[:length], self.sin[:length]
        mask = mask_of(tokens) if bounds is None else None
        for layer in self.layers:
            x = layer(x, cos, sin, mask=mask, bounds=bounds)
        return x

    def logits(self, hidden):
        return F.linear(self.norm(hidden), self.embed.weight)

    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.parameters())


class Session:
    """Many texts side by side, each with its own length; what lies behind a text's length is forgotten."""

    def __init__(self, model, batch, limit=text.CONTEXT):
        self.model, size, device = model, model.size, model.embed.weight.device
        shape = (batch, size["kv_heads"], limit, size["head"])
        dtype = model.embed.weight.dtype
        self.cache = [(torch.zeros(shape, device=device, dtype=dtype), torch.zeros(shape, device=device, dtype=dtype)) for _ in range(size["layers"])]
        self.rows = torch.arange(batch, device=device)[:, None]
        self.limit = limit

    def keep(self, rows):
        """Forgets all texts but those, which are 0, 1, … from now on."""
        self.cache = [(keys[rows], values[rows]) for keys, values in self.cache]
        self.rows = self.rows[: len(rows)]

    @torch.no_grad()
    def read(self, tokens, starts):
        """tokens [batch, n] at positions starts.. of their texts -> hidden before the last norm, [batch, n, hidden]."""
        positions = (starts[:, None] + torch.arange(tokens.shape[1], device=tokens.device)).clamp(max=self.limit - 1)
        seen = int(positions.max()) + 1
        mask = torch.arange(seen, device=tokens.device)[None, None, None] <= positions[:, None, :, None]
        cos, sin = self.model.cos[positions][:, None], self.model.sin[positions][:, None]
        x = self.model.embed(tokens)
        for layer, cache in zip(self.model.layers, self.cache):
            x = layer(x, cos, sin, cache, self.rows, positions, seen, mask)
        return x
