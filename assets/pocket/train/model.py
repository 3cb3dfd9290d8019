"""The Llama architecture, as llama.cpp computes it: interleaved rotary positions, RMS norms, SwiGLU."""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

EPSILON = 1e-5


@dataclass
class Shape:
    width: int
    layers: int
    heads: int
    feed_forward: int
    is_tied: bool = False


# All but the small one begin as the base.
LARGE = Shape(width=160, layers=6, heads=5, feed_forward=448)
SMALL = Shape(width=64, layers=4, heads=2, feed_forward=192, is_tied=True)


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        width = shape.width
        linear = lambda source, target: nn.Linear(source, target, bias=False)
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(width, eps=EPSILON)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (linear(width, width) for _ in range(4))
        self.ffn_norm = nn.RMSNorm(width, eps=EPSILON)
        self.ffn_gate, self.ffn_up = linear(width, shape.feed_forward), linear(width, shape.feed_forward)
        self.ffn_down = linear(shape.feed_forward, width)

    def forward(self, x, turn, cache=None, places=None, mask=None):
        many, long, width = x.shape
        split = lambda part: part.view(many, long, self.heads, width // self.heads).transpose(1, 2)
        y = self.attn_norm(x)
        q, k, v = (split(part(y)) for part in (self.attn_q, self.attn_k, self.attn_v))
        q, k = turned(q, turn), turned(k, turn)
        if cache is not None:
            k, v = cache.put(k, v, places)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self.attn_output(y.transpose(1, 2).reshape(many, long, width))
        y = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))


def turned(x, turn):
    cos, sin = turn
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


class Model(nn.Module):
    def __init__(self, shape: Shape, vocabulary: int):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, eps=EPSILON)
        self.output = nn.Linear(shape.width, vocabulary, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                last = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * shape.layers) ** 0.5 if last else 0.02)
        if shape.is_tied:
            self.output.weight = self.token_embd.weight

    def forward(self, tokens):
        turn = self._turn(torch.arange(tokens.shape[1], device=tokens.device))
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, turn)
        return self.output(self.output_norm(x))

    def cache(self, many: int, long: int) -> list["Cache"]:
        """Room for what is read of so many rows."""
        return [Cache(self, many, long) for _ in self.blk]

    def read(self, tokens, first, cache):
        """Reads more of each row, from the place `first` of its own on, behind what its cache holds."""
        places = first[:, None] + torch.arange(tokens.shape[1], device=tokens.device)
        cos, sin = self._turn(places)
        turn = cos[:, None], sin[:, None]
        mask = (torch.arange(cache[0].keys.shape[2], device=tokens.device) <= places[..., None])[:, None]
        x = self.token_embd(tokens)
        for block, held in zip(self.blk, cache):
            x = block(x, turn, held, places, mask)
        return self.output(self.output_norm(x))

    def _turn(self, places):
        size = self.shape.width // self.shape.heads
        rate = 10000 ** -(torch.arange(0, size, 2, device=places.device) / size)
        angle = places[..., None] * rate
        return angle.cos(), angle.sin()

    def saved(self) -> dict:
        return {"shape": asdict(self.shape), "weights": self.state_dict()}


class Cache:
    """Keys and values of one block."""

    def __init__(self, model: Model, many: int, long: int):
        shape, device = model.shape, model.output.weight.device
        size = (many, shape.heads, long, shape.width // shape.heads)
        self.keys, self.values = torch.zeros(size, device=device), torch.zeros(size, device=device)

    def put(self, keys, values, places):
        where = places[:, None, :, None].expand_as(keys)
        self.keys.scatter_(2, where, keys)
        self.values.scatter_(2, where, values)
        return self.keys, self.values


def loaded(path, device) -> Model:
    saved = torch.load(path, map_location=device, weights_only=True)
    weights = saved["weights"]
    model = Model(Shape(**saved["shape"]), weights["token_embd.weight"].shape[0])
    model.load_state_dict(weights)
    return model.to(device)
