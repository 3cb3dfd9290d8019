"""Words and digits of the little world: counting letters, reversing, sorting."""

import random

from phrasing import phrase, quoted
from problem import Problem
from words import word

_LETTER = ["{c}", "{c}", "{c}", "{c}'s", "{c}s", "letter {c}", "letters {c}", "{c}-s", "{c}´s"]
_COUNT = [
    "How many {c} in {w}?", "How many {c} in {w}?", "How many {c} are in {w}?", "How many {c} are in {w}?", "How many {c} are there in {w}?",
    "How many {c} are there in the word {w}?", "How many {c} are in the word {w}?", "How many {c} does {w} have?", "how many {c} in {w}",
    "How many {c} does the word {w} contain?", "Count the {c} in {w}.", "Count the {c} in the word {w}.", "count {c} in {w}",
    "Number of {c} in {w}?", "What is the number of {c} in {w}?", "Can you count the {c} in {w}?", "Tell me how many {c} are in {w}.",
    "How many {c} can you find in {w}?", "How many {c} do you see in {w}?", "{w}: how many {c}?", "In the word {w}, how many {c} are there?",
    "Please count how many {c} {w} has.", "In {w}, how many {c} are there?", "how many {c} has {w} got?", "How many {c} do you count in {w}?",
]  # fmt: skip
_COUNT_BARE = [
    "How many times does {c} appear in {w}?", "How many times does the letter {c} appear in {w}?", "How often does {c} occur in {w}?",
    "How many times is {c} in {w}?", "How often is the letter {c} in {w}?", "How many times do you see the letter {c} in the word {w}?",
    "How often does the letter {c} appear in the word {w}?", "Count the occurrences of {c} in {w}.", "How many times does {w} contain {c}?",
    "Count how often {c} occurs in {w}.", "How many of the letters in {w} are {c}?", "How many occurrences of {c} are in {w}?",
]  # fmt: skip
_LENGTH = [
    "How many letters are in {w}?", "How many letters does {w} have?", "How many letters in {w}?", "How long is the word {w}?",
    "Count the letters in {w}.", "Count the letters of {w}.", "How many letters are there in the word {w}?", "What is the length of {w}?",
    "Length of {w}?", "how many letters has the word {w}", "How many characters does {w} have?", "Number of letters in {w}?",
    "Can you count the letters in {w}?", "How long is {w}?", "What is the number of letters in {w}?", "How many letters long is {w}?",
    "Tell me how many letters {w} has.", "How many characters are in {w}?", "count the letters: {w}", "Count all letters of the word {w}.",
]  # fmt: skip
_REVERSE = [
    "Reverse {w}.", "Reverse {w}", "reverse {w}", "Reverse the word {w}.", "Spell {w} backwards.", "Write {w} backwards.", "What is {w} backwards?",
    "What is {w} spelled backwards?", "{w} backwards", "{w} reversed", "Write {w} in reverse.", "Say {w} backwards.", "Spell {w} in reverse.",
    "Reverse the letters of {w}.", "Reverse the letters in {w}.", "Turn {w} around.", "Read {w} from right to left.", "Can you reverse {w}?",
    "Can you spell {w} backwards?", "How do you spell {w} backwards?", "Write the word {w} backwards.", "reverse this: {w}", "Reverse: {w}",
    "What do you get if you reverse {w}?", "What is the reverse of {w}?", "the reverse of {w}", "Give me {w} backwards.", "Flip {w}.",
    "Reverse this word: {w}", "Reverse the string {w}.", "Mirror {w}.", "write {w} from back to front", "Spell the word {w} backward.",
    "Put the letters of {w} in reverse order.", "How is {w} written backwards?", "What does {w} look like backwards?",
]  # fmt: skip
_REVERSE_DIGITS = [
    "Reverse the digits of {w}.", "Reverse the number {w}.", "Reverse {w}.", "What is {w} backwards?", "Write {w} backwards.", "Write the digits of {w} backwards.",
    "Reverse the digits in {w}.", "{w} backwards", "Put the digits of {w} in reverse order.", "Reverse {w}", "reverse: {w}", "Can you reverse {w}?",
    "Read {w} from right to left.", "What is the reverse of {w}?", "Write the number {w} in reverse.", "Turn the digits of {w} around.",
]  # fmt: skip
_REVERSE_LIST = [
    "Reverse the order of these words: {w}", "Reverse the order: {w}", "Reverse the list: {w}", "Reverse this list: {w}", "Put these words in reverse order: {w}",
    "Write these words in reverse order: {w}", "Reverse the word order: {w}", "Reverse the order of the words {w}.", "Give me this list in reverse: {w}", "List in reverse order: {w}",
    "Can you reverse the order of these words? {w}", "Reverse these words: {w}", "Say these words from last to first: {w}", "Turn this list around: {w}",
]  # fmt: skip
_SORT_LETTERS = [
    "Sort the letters of {w}.", "Sort the letters in {w}.", "Sort the letters of {w} alphabetically.", "Put the letters of {w} in alphabetical order.",
    "Sort the letters in the word {w}.", "Order the letters of {w}.", "Arrange the letters of {w} alphabetically.", "What are the letters of {w} in alphabetical order?",
    "sort letters: {w}", "Can you sort the letters of {w}?", "Sort the letters of the word {w} from a to z.", "Put the letters in {w} in order.",
    "Alphabetize the letters of {w}.", "Write the letters of {w} in alphabetical order.", "Sort the characters of {w}.", "Sort {w} by letter.",
]  # fmt: skip
_UP = ["", "", "", " in ascending order", " from smallest to largest", " from low to high", " ascending", " in increasing order", " from small to large", ", smallest first"]
_DOWN = [" in descending order", " from largest to smallest", " from high to low", " descending", " in decreasing order", " from large to small", ", largest first"]
_SORT_DIGITS = [
    "Sort the digits of {w}{o}.", "Sort the digits in {w}{o}.", "Put the digits of {w} in order{o}.", "Order the digits of {w}{o}.", "Arrange the digits of {w}{o}.",
    "Sort the digits of the number {w}{o}.", "Can you sort the digits of {w}{o}?", "sort digits{o}: {w}", "What are the digits of {w}, sorted{o}?", "Write the digits of {w} sorted{o}.",
]  # fmt: skip
_SORT_WORDS = [
    "Sort these words: {w}", "Sort these words alphabetically: {w}", "Put these words in alphabetical order: {w}", "Sort alphabetically: {w}", "Sort: {w}",
    "Alphabetize: {w}", "Order these words: {w}", "Arrange these words alphabetically: {w}", "Put in alphabetical order: {w}", "Sort the words {w}.", "Sort {w}.",
    "Can you sort these words? {w}", "Sort the list: {w}", "Sort this list of words: {w}", "Sort the following words: {w}", "Bring these words into alphabetical order: {w}",
    "List these words alphabetically: {w}", "Sort these words from a to z: {w}", "What is the alphabetical order of {w}?", "alphabetical order: {w}",
]  # fmt: skip
_SORT_NUMBERS = [
    "Sort these numbers{o}: {w}", "Sort the numbers {w}{o}.", "Put these numbers in order{o}: {w}", "Order these numbers{o}: {w}", "Sort{o}: {w}",
    "Arrange these numbers{o}: {w}", "Can you sort these numbers{o}? {w}", "Sort the list{o}: {w}", "Sort the following numbers{o}: {w}", "sort {w}{o}", "Sort {w}{o}.",
    "Write these numbers{o}: {w}", "Bring these numbers into order{o}: {w}", "List these numbers{o}: {w}", "Put {w} in order{o}.",
]  # fmt: skip


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
        shown = rng.choice(_LETTER).replace("{c}", shown)
    prompt = phrase(rng, rng.choice(_COUNT_BARE if is_bare else _COUNT), c=shown, w=quoted(rng, _cased(rng, w)))
    lines = [
        f"There are {n} {c} in {w}." if n != 1 else f"There is 1 {c} in {w}.",
        f"The letter {c} is {n} times in {w}.",
        f"{w} has {n} {c}.",
    ]
    return Problem("count", f"count {c} {w}", prompt, f"{c}: " + " ".join(steps), str(n), lines)


def length(rng: random.Random) -> Problem:
    w = word(rng)
    prompt = phrase(rng, rng.choice(_LENGTH), w=quoted(rng, _cased(rng, w)))
    steps = " ".join(f"{x}{i}" for i, x in enumerate(w, 1))
    return Problem("length", f"length {w}", prompt, steps, str(len(w)), [f"{w} has {len(w)} letters.", f"The word {w} is {len(w)} letters long."])


def reverse(rng: random.Random) -> Problem:
    if rng.random() < 0.18:
        words = [word(rng, 2, 8) for _ in range(rng.randint(3, 5))]
        joint = rng.choice([" ", ", ", ", "])
        prompt = phrase(rng, rng.choice(_REVERSE_LIST), w=joint.join(words))
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


def sort(rng: random.Random) -> Problem:
    kind = rng.random()
    joint = rng.choice([" ", ", ", ", "])
    if kind < 0.25:
        w = word(rng)
        answer = "".join(sorted(w))
        steps = " ".join(f"{c}{w.count(c)}" for c in sorted(set(w)))
        prompt = phrase(rng, rng.choice(_SORT_LETTERS), w=quoted(rng, w))
        return Problem("sort", f"sort {w}", prompt, steps, answer, [f"The letters of {w} in order: {answer}", f"{w} sorted by letter is {answer}."])
    is_down = rng.random() < 0.35
    order = rng.choice(_DOWN if is_down else _UP)
    said = "from largest to smallest" if is_down else "from smallest to largest"
    if kind < 0.5:
        n = str(rng.randrange(100, 10 ** rng.randint(3, 9)))
        answer = "".join(sorted(n, reverse=is_down))
        steps = " ".join(f"{c}:{c * n.count(c)}" for c in sorted(set(n), reverse=is_down))
        prompt = phrase(rng, rng.choice(_SORT_DIGITS), w=n, o=order)
        return Problem("sort", f"sort {n} {is_down}", prompt, steps, answer, [f"The digits of {n} {said}: {answer}"])
    if kind < 0.75:
        words = _distinct(rng, lambda: word(rng, 2, 8))
        ordered = sorted(words)
        prompt = phrase(rng, rng.choice(_SORT_WORDS), w=joint.join(words))
        steps = " ".join(w[:3] for w in words) + "; " + " ".join(w[:3] for w in ordered)
        return Problem("sort", "sort " + " ".join(ordered), prompt, steps, joint.join(ordered), [f"{joint.join(words)} in alphabetical order: {joint.join(ordered)}"])
    numbers = _distinct(rng, lambda: rng.randrange(10 ** rng.randint(1, 3)))
    ordered = sorted(numbers, reverse=is_down)
    shown, answer = (joint.join(map(str, n)) for n in (numbers, ordered))
    width = max(len(str(n)) for n in numbers)
    steps = " ".join(f"{n:0{width}d}" for n in numbers) + "; " + " ".join(f"{n:0{width}d}" for n in ordered)
    prompt = phrase(rng, rng.choice(_SORT_NUMBERS), w=shown, o=order)
    return Problem("sort", f"sort {ordered} {is_down}", prompt, steps, answer, [f"{shown} {said}: {answer}"])


def _distinct(rng: random.Random, make) -> list:
    found: list = []
    many = rng.randint(3, 5)
    while len(found) < many:
        one = make()
        # Words that begin alike are told apart by their fourth letter at the latest only by luck; leave them out.
        if all(str(one)[:3] != str(other)[:3] or not isinstance(one, str) for other in found) and one not in found:
            found.append(one)
    return found
