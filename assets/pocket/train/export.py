"""Writes a trained model as a GGUF file with weights in Q8_0, its tokenizer and its chat template inside.

    python export.py build ..
"""

import sys
from pathlib import Path

import numpy
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType, quants

import tokens
from model import EPSILON, loaded

CONTEXT = 1536
_SAID = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}<|user|>{{ message['content'] }}<|end|>"
    "{% elif message['role'] == 'assistant' %}<|assistant|>{{ message['content'] }}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>"
)
_PLAIN = _SAID + "{% endif %}"
_THINKING = _SAID + "{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}{% endif %}"
TEMPLATES = {"base": None, "small": _PLAIN, "flagship": _PLAIN, "reasoning": _THINKING}


def write(name: str, source: Path, target: Path) -> None:
    model = loaded(source, "cpu")
    shape = model.shape
    writer = GGUFWriter(target, "llama")
    writer.add_name(f"pocket-{name}")
    writer.add_license("MIT OR Apache-2.0")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(tokens.SIZE)
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    _add_tokenizer(writer, TEMPLATES[name])
    for key, tensor in model.state_dict().items():
        if key == "output.weight" and shape.is_tied:
            continue
        _add_tensor(writer, key, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: GGUFWriter, template: str | None) -> None:
    # llama.cpp's SPM reads text character by character where no token is longer; it writes a space as U+2581.
    texts = [*tokens.SPECIAL, *("\u2581" if c == " " else c for c in tokens.CHARACTERS), *(f"<0x{b:02X}>" for b in range(256))]
    types = [TokenType.UNKNOWN, *[TokenType.CONTROL] * 5, TokenType.USER_DEFINED, TokenType.USER_DEFINED]
    types += [TokenType.NORMAL] * len(tokens.CHARACTERS) + [TokenType.BYTE] * 256
    writer.add_tokenizer_model("llama")
    writer.add_token_list(texts)
    writer.add_token_scores([0.0] * len(texts))
    writer.add_token_types(types)
    writer.add_bos_token_id(tokens.BEGIN)
    writer.add_eos_token_id(tokens.STOP)
    writer.add_unk_token_id(tokens.UNKNOWN)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    if template:
        writer.add_chat_template(template)


def _add_tensor(writer: GGUFWriter, key: str, tensor: torch.Tensor) -> None:
    values = numpy.ascontiguousarray(tensor.detach().float().numpy())
    if values.ndim == 1:
        writer.add_tensor(key, values)
        return
    kind = GGMLQuantizationType.Q8_0
    writer.add_tensor(key, quants.quantize(values, kind), raw_dtype=kind)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for stage in TEMPLATES:
        found = Path(sys.argv[1]) / f"{stage}.pt"
        if found.exists():
            write(stage, found, Path(sys.argv[2]) / f"pocket-{stage}.gguf")
            print(f"pocket-{stage}.gguf")
