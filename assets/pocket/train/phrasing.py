"""How people put things: frames around a question, and the small accidents of typing."""

import random
import re

# What stands around a thing that is asked for, "{x}".
ASK = [
    "What is {x}?", "What is {x}?", "What is {x}?", "what is {x}", "What's {x}?", "whats {x}", "Tell me {x}.", "Give me {x}.",
    "Can you tell me {x}?", "Could you tell me what {x} is?", "Can you tell me what {x} is?", "Do you know what {x} is?",
    "I would like to know {x}.", "I want to know what {x} is.", "Find {x}.", "Please find {x}.", "Say what {x} is.",
    "What would {x} be?", "Name {x}.", "I need {x}.", "Do you know {x}?", "Any idea what {x} is?", "Show me {x}.",
]  # fmt: skip
# The same for something to calculate.
CALCULATE = [
    "{x}", "{x}", "{x}", "{x}", "{x}?", "{x} =", "{x}=", "{x} = ?", "{x}=?", "{x} is", "{x} equals", "How much is {x}?", "How much is {x}?",
    "Calculate {x}.", "Calculate {x}", "Compute {x}.", "compute {x}", "Work out {x}.", "Solve {x}.", "Evaluate {x}.", "solve: {x}",
    "What does {x} make?", "What does {x} equal?", "What do you get for {x}?", "What is the result of {x}?", "Result of {x}?",
    "Can you calculate {x}?", "Could you work out {x} for me?", "Can you compute {x}?", "Can you solve {x}?", "I need the result of {x}.",
    "How much does {x} make?", "What is the answer to {x}?", "What is the value of {x}?", "{x} makes what?", "Do the maths: {x}",
    "Help me with {x}.", "How much would {x} be?", "{x} please",
]  # fmt: skip
_BEFORE = [
    "Hey, ", "Hi, ", "Hi! ", "Hello, ", "Hello! ", "Please: ", "Please, ", "Quick question: ", "Question: ", "Q: ", "OK, ", "So, ", "Well, ",
    "Now: ", "One more: ", "Good morning! ", "Can you help me? ", "Here is one for you: ", "Let me ask you something. ", "Just wondering, ",
    "Dear model, ", "Hey there! ", "Next: ", "Task: ", "Excuse me, ", "User: ", "Puzzle: ",
]  # fmt: skip
_AFTER = [
    " Thanks!", " Thank you.", " Please.", " please", ", please", " Answer with the number only.", " Answer briefly.", " Only the answer.",
    " Think carefully.", " Think step by step.", " Let's think step by step.", " Be careful.", " I am curious.", " Just the result.",
    " No explanation.", " Thanks in advance.", " Show your work.", " Answer only with the result.", " Take your time.", " Quickly!",
    " Reply with just the answer.", " Please answer.", " Explain.", " Don't explain.", "\n\nAnswer:", "\nAnswer:", " Cheers",
]  # fmt: skip
_KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k", "m": "n",
    "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "y": "tu",
}  # fmt: skip


def quoted(rng: random.Random, text: str) -> str:
    """A word as one sets it apart, mostly not at all."""
    if rng.random() < 0.6:
        return text
    left, right = rng.choice(['""', "''", '""', "''", "“”", "‘’", "**", "``", "«»", "__"])
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


def phrase(rng: random.Random, pattern: str, **parts: object) -> str:
    """Fills a pattern, and puts it as somebody in a hurry, or somebody polite, might. The parts stay as they are."""
    plain = rng.random() < 0.45
    if not plain:
        if rng.random() < 0.22:
            before = rng.choice(_BEFORE)
            if rng.random() < 0.6 and len(pattern) > 1 and pattern[0].isupper() and pattern[1].islower():
                pattern = pattern[0].lower() + pattern[1:]
            pattern = before + pattern
        if rng.random() < 0.2:
            pattern += rng.choice(_AFTER)
        kind = rng.random()
        if kind < 0.2:
            pattern = re.sub(r"[A-Z](?![^{]*})", lambda m: m[0].lower(), pattern)
        elif kind < 0.25:
            pattern = re.sub(r"[a-z]+(?![^{]*})", lambda m: m[0].upper(), pattern)
        if rng.random() < 0.15:
            pattern = pattern.rstrip("?.! ")
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
