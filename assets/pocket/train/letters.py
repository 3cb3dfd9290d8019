"""Words and digits of the little world: counting letters, reversing, sorting."""

import random

from phrasing import phrase, quoted
from problem import Problem
from wordings import wordings
from words import word

_LETTER = wordings("letters.letter")
_TALLY = wordings("letters.tally")
_COUNT, _COUNT_BARE, _LENGTH = wordings("letters.count"), wordings("letters.count bare"), wordings("letters.length")
_REVERSE, _REVERSE_DIGITS, _REVERSE_LIST = wordings("letters.reverse"), wordings("letters.reverse digits"), wordings("letters.reverse list")
_SORT_LETTERS, _SORT_DIGITS = wordings("letters.sort letters"), wordings("letters.sort digits")
_SORT_WORDS, _SORT_NUMBERS = wordings("letters.sort words"), wordings("letters.sort numbers")
_UP, _DOWN = wordings("letters.up"), wordings("letters.down")


def _cased(rng: random.Random, text: str) -> str:
    kind = rng.random()
    return text if kind < 0.86 else text.capitalize() if kind < 0.94 else text.upper()


def count(rng: random.Random) -> Problem:
    w = word(rng)
    c = rng.choice(w) if rng.random() < 0.8 else rng.choice("abcdefghijklmnopqrstuvwxyz")
    if rng.random() < 0.12:
        # The hard ones: several of the same.
        w = list(w)
        for i in rng.sample(range(len(w)), min(len(w), rng.randint(1, 5))):
            w[i] = c
        w = "".join(w)
    n, steps = 0, []
    for x in w:
        n += x == c
        steps.append(f"{x}{n}")
    is_bare = rng.random() < 0.3
    shown = _cased(rng, c) if rng.random() < 0.7 else quoted(rng, c)
    if not is_bare:
        # "How many ss" would ask for two in a row.
        shown = rng.choice([form for form in _LETTER if c != "s" or form != "{c}s"]).replace("{c}", shown)
    prompt = phrase(rng, rng.choice(_COUNT_BARE if is_bare else _COUNT), is_number=True, c=shown, w=quoted(rng, _cased(rng, w)))
    lines = [
        f"There are {n} {c} in {w}." if n != 1 else f"There is 1 {c} in {w}.",
        f"The letter {c} is {n} times in {w}.",
        f"{w} has {n} {c}.",
    ]
    return Problem("count", f"count {c} {w}", prompt, f"{c}: " + " ".join(steps), str(n), lines)


def tally(rng: random.Random) -> Problem:
    """Every letter with its count, in the order in which they first come: many counts to learn from at once."""
    while True:
        w = word(rng)
        letters = list(dict.fromkeys(w))
        # What is held out of the counts is not given away here.
        if not any(Problem("count", f"count {c} {w}", "", "", "").is_held_out() for c in letters):
            break
    prompt = phrase(rng, rng.choice(_TALLY), w=quoted(rng, _cased(rng, w)))
    answer = " ".join(f"{c}{w.count(c)}" for c in letters)
    return Problem("tally", f"tally {w}", prompt, "", answer, [f"The letters of {w}, counted: {answer}"])


def length(rng: random.Random) -> Problem:
    w = word(rng)
    prompt = phrase(rng, rng.choice(_LENGTH), is_number=True, w=quoted(rng, _cased(rng, w), is_plain=True))
    steps = " ".join(f"{x}{i}" for i, x in enumerate(w, 1))
    return Problem("length", f"length {w}", prompt, steps, str(len(w)), [f"{w} has {len(w)} letters.", f"The word {w} is {len(w)} letters long."])


def reverse(rng: random.Random) -> Problem:
    if rng.random() < 0.18:
        words = [word(rng, 2, 8) for _ in range(rng.randint(3, 5))]
        joint = rng.choice([" ", ", ", ", "])
        prompt = phrase(rng, rng.choice(_REVERSE_LIST), is_list=True, w=joint.join(words))
        # The beginnings are enough to find each one again.
        steps = " ".join(f"{i}{w[:2]}" for i, w in enumerate(words, 1)) + "; "
        steps += " ".join(f"{i}{w[:2]}" for i, w in reversed(list(enumerate(words, 1))))
        answer = joint.join(words[::-1])
        return Problem("reverse", "reverse " + " ".join(words), prompt, steps, answer, [f"{joint.join(words)} from last to first: {answer}"])
    is_number = rng.random() < 0.3
    w = str(rng.randrange(10, 10 ** rng.randint(2, 9))) if is_number else word(rng)
    shown = w if is_number else quoted(rng, _cased(rng, w) if rng.random() < 0.3 else w)
    prompt = phrase(rng, rng.choice(_REVERSE_DIGITS if is_number else _REVERSE), w=shown)
    if not is_number and w not in shown:
        w = next(c for c in (w.capitalize(), w.upper()) if c in shown)
    numbered = [f"{i}{x}" for i, x in enumerate(w, 1)]
    steps = " ".join(numbered) + "; " + " ".join(numbered[::-1])
    return Problem("reverse", f"reverse {w.lower()}", prompt, steps, w[::-1], [f"{w} backwards is {w[::-1]}.", f"{w} reversed: {w[::-1]}"])


_LETTER_GROUPS = ["abcde", "fghij", "klmno", "pqrst", "uvwxyz"]
_DIGIT_GROUPS = ["012", "345", "6789"]


def _grouped(text: str, groups: list[str]) -> str:
    """A rough order first: each group's own in the order in which they stand."""
    parts = [f"{group[0]}-{group[-1]}:" + "".join(c for c in text if c in group) for group in groups]
    return " ".join(part for part in parts if not part.endswith(":"))


def _of_few(rng: random.Random, alphabet: str) -> str:
    """The same few over and over."""
    few = rng.sample(alphabet, rng.randint(2, 3))
    return "".join(rng.choice(few) for _ in range(rng.randint(4, 10)))


def sort(rng: random.Random) -> Problem:
    kind = rng.random()
    if kind < 0.25:
        w = word(rng) if rng.random() < 0.85 else _of_few(rng, "abcdefghijklmnopqrstuvwxyz")
        answer = "".join(sorted(w))
        prompt = phrase(rng, rng.choice(_SORT_LETTERS), w=quoted(rng, w))
        lines = [f"The letters of {w} in order: {answer}", f"{w} sorted by letter is {answer}."]
        return Problem("sort", f"sort {w}", prompt, _grouped(w, _LETTER_GROUPS), answer, lines)
    is_down = rng.random() < 0.35
    order = rng.choice(_DOWN if is_down else _UP)
    said = "from largest to smallest" if is_down else "from smallest to largest"
    if kind < 0.5:
        n = str(rng.randrange(100, 10 ** rng.randint(3, 9))) if rng.random() < 0.85 else _of_few(rng, "123456789")
        answer = "".join(sorted(n, reverse=is_down))
        prompt = phrase(rng, rng.choice(_SORT_DIGITS), w=n, o=order)
        steps = _grouped(n, _DIGIT_GROUPS[::-1] if is_down else _DIGIT_GROUPS)
        return Problem("sort", f"sort {n} {is_down}", prompt, steps, answer, [f"The digits of {n} {said}: {answer}"])
    if kind < 0.75:
        words = _distinct(rng, lambda: word(rng, 2, 8))
        shown, joint = _listed(rng, words)
        ordered = sorted(words)
        prompt = phrase(rng, rng.choice(_SORT_WORDS), is_list=True, w=shown)
        steps = " ".join(w[:3] for w in words) + "; " + " ".join(w[:3] for w in ordered)
        answer = joint.join(ordered)
        return Problem("sort", "sort " + " ".join(ordered), prompt, steps, answer, [f"{joint.join(words)} in alphabetical order: {answer}"])
    numbers = [str(n) for n in _distinct(rng, lambda: rng.randrange(10 ** rng.randint(1, 3)))]
    shown, joint = _listed(rng, numbers)
    ordered = sorted(numbers, key=int, reverse=is_down)
    answer = joint.join(ordered)
    # The short ones are the small ones; only those of one length are to be compared.
    lengths = sorted({len(n) for n in numbers}, reverse=is_down)
    steps = " ".join(f"{length}:" + ",".join(n for n in numbers if len(n) == length) for length in lengths)
    prompt = phrase(rng, rng.choice(_SORT_NUMBERS), is_list=True, w=shown, o=order)
    lines = [f"{joint.join(numbers)} {said}: {answer}"]
    return Problem("sort", "sort " + " ".join(sorted(numbers)) + f" {is_down}", prompt, steps, answer, lines)


def _listed(rng: random.Random, items: list[str]) -> tuple[str, str]:
    """A list as it is written, and what stands between the items of the answer."""
    kind = rng.random()
    if kind < 0.12:
        return ", ".join(items[:-1]) + " and " + items[-1], ", "
    joint = " " if kind < 0.4 else ", "
    return joint.join(items), joint


def _distinct(rng: random.Random, make) -> list:
    found: list = []
    many = rng.randint(3, 5)
    while len(found) < many:
        one = make()
        # Words that begin alike are told apart by their fourth letter at the latest only by luck; leave them out.
        if all(str(one)[:3] != str(other)[:3] or not isinstance(one, str) for other in found) and one not in found:
            found.append(one)
    return found
