"""How people put things: frames around a question, and the small accidents of typing."""

import random
import re

from wordings import wordings

# What stands around a thing that is asked for, and around something to calculate.
ASK, CALCULATE = wordings("ask"), wordings("calculate")
_BEFORE, _AFTER = wordings("before"), wordings("after")
# What asks for a number says so only where the answer is one.
_AFTER_NUMBERS = [after for after in _AFTER if re.search("number|result|digits", after)]
_AFTER_ALL = [after for after in _AFTER if after not in _AFTER_NUMBERS]
_KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k", "m": "n",
    "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "y": "tu",
}  # fmt: skip


def quoted(rng: random.Random, text: str, is_plain: bool = False) -> str:
    """A word as one sets it apart, mostly not at all; `is_plain` where signs could be taken for letters of it."""
    if rng.random() < 0.6:
        return text
    left, right = rng.choice(['""', "''", '""', "''", "“”", "‘’"] + ([] if is_plain else ["**", "``", "«»", "__"]))
    return left + text + right


def _mistyped(rng: random.Random, text: str) -> str:
    at = [i for i, c in enumerate(text) if c.isalpha()]
    if len(at) < 6:
        return text
    i = rng.choice(at)
    kind = rng.random()
    if kind < 0.3:
        return text[:i] + text[i + 1 :]
    if kind < 0.6:
        return text[:i] + text[i] + text[i:]
    if kind < 0.8 and i + 1 < len(text) and text[i + 1].isalpha():
        return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return text[:i] + rng.choice(_KEYS.get(text[i].lower(), "e")) + text[i + 1 :]


def phrase(rng: random.Random, pattern: str, is_number: bool = False, is_list: bool = False, **parts: object) -> str:
    """Fills a pattern, and puts it as somebody in a hurry, or somebody polite, might. The parts stay as they are.

    `is_number`: the answer is one. `is_list`: it ends in a list of words, to which nothing can be added.
    """
    if rng.random() >= 0.45:
        if rng.random() < 0.22:
            before = rng.choice(_BEFORE)
            if rng.random() < 0.6 and len(pattern) > 1 and pattern[0].isupper() and pattern[1].islower():
                pattern = pattern[0].lower() + pattern[1:]
            pattern = before + pattern
        if not is_list and rng.random() < 0.2:
            pattern += rng.choice(_AFTER_NUMBERS if is_number and rng.random() < 0.3 else _AFTER_ALL)
        kind = rng.random()
        if kind < 0.2:
            pattern = re.sub(r"[A-Z](?![^{]*})", lambda m: m[0].lower(), pattern)
        elif kind < 0.25:
            pattern = re.sub(r"[a-z]+(?![^{]*})", lambda m: m[0].upper(), pattern)
        if rng.random() < 0.15:
            pattern = pattern.rstrip("?.! ") or pattern
        if rng.random() < 0.05:
            pattern = pattern.replace("?", rng.choice(["??", "?!", " ?", "???", "."]))
        if rng.random() < 0.08:
            pieces = re.split(r"(\{\w+\})", pattern)
            at = [i for i, piece in enumerate(pieces) if not piece.startswith("{") and len(piece) > 5]
            if at:
                i = rng.choice(at)
                pieces[i] = _mistyped(rng, pieces[i])
                pattern = "".join(pieces)
        if rng.random() < 0.05:
            pattern = rng.choice([" {}", "{} ", "{}\n", "\n{}", "  {}  "]).replace("{}", pattern)
    return pattern.format(**parts)
