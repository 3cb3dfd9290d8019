"""The Llama architecture, as llama.cpp computes it: interleaved rotary positions, RMS norms, SwiGLU."""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

EPSILON = 1e-5
# A processor with products of 16-bit numbers multiplies several times as fast with them.
HAS_SHORT = any(torch.cpu.get_capabilities().get(name, False) for name in ("amx_bf16", "avx512_bf16"))


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
        q, k, v = map(split, through(self.attn_norm(x), self.attn_q, self.attn_k, self.attn_v).chunk(3, -1))
        q, k = turned(q, turn), turned(k, turn)
        if cache is not None:
            k, v = cache.put(k, v, places)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + through(y.transpose(1, 2).reshape(many, long, width), self.attn_output)
        gate, up = through(self.ffn_norm(x), self.ffn_gate, self.ffn_up).chunk(2, -1)
        return x + through(F.silu(gate) * up, self.ffn_down)


def turned(x, turn):
    return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * turn).flatten(-2)


def through(x, *layers):
    """What the layers make of x, one behind the other in the last dimension, in one product."""
    weights = [layer.weight for layer in layers]
    if HAS_SHORT and x.device.type == "cpu":
        return Short.apply(x, *weights)
    return F.linear(x, torch.cat(weights))


class Short(torch.autograd.Function):
    """The product with factors of 16 bits, forth and back; sums and results have 32."""

    @staticmethod
    def forward(context, x, *weights):
        short = x.flatten(0, -2).bfloat16()
        weight = torch.cat(weights).bfloat16()
        context.save_for_backward(short, weight)
        context.shape, context.rows = x.shape, [part.shape[0] for part in weights]
        return (short @ weight.T).float().view(*x.shape[:-1], -1)

    @staticmethod
    def backward(context, slope):
        x, weight = context.saved_tensors
        slope = slope.flatten(0, -2).bfloat16()
        return (slope @ weight).float().view(context.shape), *(slope.T @ x).float().split(context.rows)


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

    def forward(self, tokens, is_said=None):
        """What may follow each token, or only those that `is_said` marks."""
        turn = self._turn(torch.arange(tokens.shape[1], device=tokens.device))
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, turn)
        return through(self.output_norm(x if is_said is None else x[is_said]), self.output)

    def cache(self, many: int, long: int) -> list["Cache"]:
        """Room for what is read of so many rows."""
        return [Cache(self, many, long) for _ in self.blk]

    def read(self, tokens, first, cache):
        """Reads more of each row, from the place `first` of its own on, behind what its cache holds."""
        places = first[:, None] + torch.arange(tokens.shape[1], device=tokens.device)
        turn = self._turn(places)[:, None]
        mask = (torch.arange(cache[0].keys.shape[2], device=tokens.device) <= places[..., None])[:, None]
        x = self.token_embd(tokens)
        for block, held in zip(self.blk, cache):
            x = block(x, turn, held, places, mask)
        return through(self.output_norm(x), self.output)

    def _turn(self, places):
        size = self.shape.width // self.shape.heads
        rate = 10000 ** -(torch.arange(0, size, 2, device=places.device) / size)
        angle = places[..., None] * rate
        return torch.polar(torch.ones_like(angle), angle)

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
