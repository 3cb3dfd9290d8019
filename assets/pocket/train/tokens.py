"""The vocabulary that all pocket models share: a token per printable ASCII character, and one per byte for the rest."""

SPECIAL = ["<unk>", "<s>", "</s>", "<|user|>", "<|assistant|>", "<|end|>", "<think>", "</think>"]
UNKNOWN, BEGIN, STOP, USER, ASSISTANT, END, THINK, THOUGHT = range(len(SPECIAL))
CHARACTERS = [chr(code) for code in range(32, 127)] + ["\n"]
FIRST_BYTE = len(SPECIAL) + len(CHARACTERS)
SIZE = FIRST_BYTE + 256

_OF = {character: len(SPECIAL) + i for i, character in enumerate(CHARACTERS)}
_TEXT = {token: character for character, token in _OF.items()}


def encode(text: str) -> list[int]:
    try:
        return [_OF[character] for character in text]
    except KeyError:
        out: list[int] = []
        for character in text:
            token = _OF.get(character)
            out += [token] if token is not None else [FIRST_BYTE + byte for byte in character.encode()]
        return out


def decode(tokens: list[int]) -> str:
    return "".join(_TEXT.get(token) or (SPECIAL[token] if token < len(SPECIAL) else "?") for token in tokens)


def prompt(text: str) -> list[int]:
    """What the chat template makes of a question."""
    return [BEGIN, USER, *encode(text), END, ASSISTANT]
