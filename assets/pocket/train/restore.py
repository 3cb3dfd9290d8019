"""Makes what the training goes on from out of a GGUF file that `export.py` wrote, so that no stage before it has to run.

    python restore.py ../pocket-base.gguf build/base.pt
"""

import sys
from pathlib import Path

import numpy
import torch
from gguf import GGUFReader, dequantize

import tokens
from model import Model, Shape


def restored(path: str) -> Model:
    reader = GGUFReader(path)
    number = lambda key: int(reader.fields[f"llama.{key}"].contents())
    weights = {tensor.name: torch.from_numpy(numpy.array(dequantize(tensor.data, tensor.tensor_type))) for tensor in reader.tensors}
    is_tied = "output.weight" not in weights
    if is_tied:
        weights["output.weight"] = weights["token_embd.weight"]
    shape = Shape(number("embedding_length"), number("block_count"), number("attention.head_count"), number("feed_forward_length"), is_tied)
    model = Model(shape, tokens.SIZE)
    model.load_state_dict(weights)
    return model


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    target = Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(restored(sys.argv[1]).saved(), target)
