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

    def forward(self, x, turn):
        many, long, width = x.shape
        split = lambda part: part.view(many, long, self.heads, width // self.heads).transpose(1, 2)
        y = self.attn_norm(x)
        q, k, v = (split(part(y)) for part in (self.attn_q, self.attn_k, self.attn_v))
        y = F.scaled_dot_product_attention(turned(q, turn), turned(k, turn), v, is_causal=True)
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
        size = self.shape.width // self.shape.heads
        rate = 10000 ** -(torch.arange(0, size, 2, device=tokens.device) / size)
        angle = torch.arange(tokens.shape[1], device=tokens.device)[:, None] * rate
        turn = angle.cos(), angle.sin()
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, turn)
        return self.output(self.output_norm(x))

    def saved(self) -> dict:
        return {"shape": asdict(self.shape), "weights": self.state_dict()}


def loaded(path, device) -> Model:
    saved = torch.load(path, map_location=device, weights_only=True)
    weights = saved["weights"]
    model = Model(Shape(**saved["shape"]), weights["token_embd.weight"].shape[0])
    model.load_state_dict(weights)
    return model.to(device)
