"""Numbers of the little world: sums, differences, products, and which of two decimals is larger."""

import random
import re
from fractions import Fraction

from problem import Problem
from phrasing import ASK, CALCULATE, phrase
from wordings import wordings
from words import NAMES, THINGS


def _pair(rng: random.Random, longest: int) -> tuple[int, int]:
    """Two numbers; now and then such small ones that they can be written as words."""
    if longest > 1 and rng.random() < 0.12:
        return rng.randrange(21), rng.randrange(21)
    return _digits(rng, longest), _digits(rng, longest)


def _digits(rng: random.Random, longest: int) -> int:
    """A number whose length, not whose size, is spread evenly."""
    return rng.randrange(10 ** rng.randint(1, longest))


def _columns(a: int, b: int) -> tuple[str, int]:
    """A sum from right to left: digit + digit + carry."""
    carry, steps = 0, []
    left, right = str(a)[::-1], str(b)[::-1]
    for i in range(max(len(left), len(right))):
        x, y = (int(n[i]) if i < len(n) else 0 for n in (left, right))
        total = x + y + carry
        steps.append(f"{x}+{y}+{carry}={total}")
        carry = total // 10
    return " ".join(steps), a + b


def _borrowing(a: int, b: int) -> tuple[str, int]:
    """A difference from right to left, a ten borrowed where the digit is too small; a is not below b."""
    borrow, steps = 0, []
    left, right = str(a)[::-1], str(b)[::-1]
    for i, digit in enumerate(left):
        x, y = int(digit), int(right[i]) if i < len(right) else 0
        lent = 10 if x - y - borrow < 0 else 0
        steps.append(f"{x + lent}-{y}-{borrow}={x + lent - y - borrow}")
        borrow = lent // 10
    return " ".join(steps), a - b


def _by_digit(a: int, digit: int) -> str:
    carry, steps = 0, []
    for x in str(a)[::-1]:
        total = int(x) * digit + carry
        steps.append(f"{x}*{digit}+{carry}={total}")
        carry = total // 10
    return " ".join(steps)


def worked_sum(a: int, b: int) -> str:
    return f"{a}+{b}: {_columns(a, b)[0]}"


def _side_by_side(a: str, b: str) -> tuple[str, str]:
    """Two of one length, digit by digit from the left until they differ; and how they do."""
    steps = []
    for x, y in zip(a, b):
        steps.append(f"{x}{'<' if x < y else '>' if x > y else '='}{y}")
        if x != y:
            return " ".join(steps), steps[-1][1]
    return " ".join(steps), "="


def worked_difference(a: int, b: int) -> str:
    steps = f"{a}-{b}:"
    if len(str(a)) == len(str(b)):
        steps += " " + _side_by_side(str(a), str(b))[0]
    if a < b:
        steps += f" {a}<{b} {b}-{a}:"
        a, b = b, a
    columns, found = _borrowing(a, b)
    steps += " " + columns
    if len(str(found)) < len(str(a)):
        # With the zeros in front, to be left out of the answer.
        steps += f" {found:0{len(str(a))}d}"
    return steps


def worked_product(a: int, b: int) -> str:
    if len(str(a)) < len(str(b)):
        return f"{a}*{b}: " + worked_product(b, a)
    head = f"{a}*{b}: "
    if b < 10:
        return head + _by_digit(a, b)
    parts, total = [], None
    for i, digit in enumerate(str(b)[::-1]):
        part = a * int(digit) * 10**i
        parts.append(f"{a}*{digit}: {_by_digit(a, int(digit))} ={a * int(digit)}")
        if total is None:
            total = part
        else:
            parts.append(f"{total}+{part}: {_columns(total, part)[0]} ={total + part}")
            total += part
    return head + "\n".join(parts)


_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
_SUM, _SUM_NAMED, _SUM_WHOLE = wordings("numbers.sum"), wordings("numbers.sum named"), wordings("numbers.sum whole")
_DIFFERENCE, _DIFFERENCE_NAMED = wordings("numbers.difference"), wordings("numbers.difference named")
_DIFFERENCE_WHOLE, _DIFFERENCE_POSITIVE = wordings("numbers.difference whole"), wordings("numbers.difference positive")
# These ask how far apart two numbers are, whichever comes first.
_APART = ["What is the difference between {a} and {b}?", "difference between {a} and {b}", "How far apart are {a} and {b}?"]
_PRODUCT, _PRODUCT_NAMED, _PRODUCT_WHOLE = wordings("numbers.product"), wordings("numbers.product named"), wordings("numbers.product whole")


def _shown(rng: random.Random, n: int, pattern: str) -> str:
    if n > 999 and "{a}, {b}" not in pattern and rng.random() < 0.06:
        return f"{n:,}"
    return str(n)


def _asked(rng: random.Random, inner: list[str], named: list[str], whole: list[str], a: int, b: int) -> str:
    kind = rng.random()
    if kind < 0.58:
        pattern = rng.choice(CALCULATE if rng.random() < 0.5 else ASK[:8]).replace("{x}", rng.choice(inner))
    elif kind < 0.7:
        pattern = rng.choice(ASK).replace("{x}", rng.choice(named))
    else:
        pattern = rng.choice(whole)
    parts = {"a": _shown(rng, a, pattern), "b": _shown(rng, b, pattern), "t": rng.choice(THINGS)}
    # As words only where no sign stands between them.
    if max(a, b) <= 20 and rng.random() < 0.4 and not re.search(r"\}\s*[^\w\s{}?.!,:]+\s*\{", pattern):
        parts["a"], parts["b"] = _NUMBER_WORDS[a], _NUMBER_WORDS[b]
    parts["n"], parts["m"] = rng.sample(NAMES, 2)
    return phrase(rng, pattern, is_number=True, **parts)


def sum_(rng: random.Random, longest: int = 6) -> Problem:
    a, b = _pair(rng, longest)
    answer = str(a + b)
    lines = [f"{a} + {b} = {answer}", f"{a} + {b} = {answer}", f"{a} plus {b} is {answer}.", f"The sum of {a} and {b} is {answer}.", f"{a} and {b} together make {answer}."]
    prompt = _asked(rng, _SUM, _SUM_NAMED, _SUM_WHOLE, a, b)
    return Problem("sum", f"sum {a} {b}", prompt, worked_sum(a, b), answer, lines)


def difference(rng: random.Random, longest: int = 6) -> Problem:
    a, b = _pair(rng, longest)
    if a < b and rng.random() < 0.6:
        a, b = b, a
    answer = str(a - b)
    if a < b and rng.random() < 0.06:
        prompt = phrase(rng, rng.choice(_APART), is_number=True, a=a, b=b)
        return Problem("difference", f"difference {b} {a}", prompt, worked_difference(b, a), str(b - a))
    whole = _DIFFERENCE_WHOLE + (_DIFFERENCE_POSITIVE if a >= b else [])
    lines = [f"{a} - {b} = {answer}", f"{a} - {b} = {answer}", f"{a} minus {b} is {answer}."]
    if a >= b:
        lines.append(f"The difference between {a} and {b} is {answer}.")
    prompt = _asked(rng, _DIFFERENCE, _DIFFERENCE_NAMED, whole, a, b)
    return Problem("difference", f"difference {a} {b}", prompt, worked_difference(a, b), answer, lines)


def near_difference(rng: random.Random, longest: int = 6) -> Problem:
    """Of numbers that lie near each other, or have one length: the result is short, or negative."""
    size = rng.randint(2, max(2, longest))
    a = rng.randrange(10 ** (size - 1), 10**size)
    b = rng.randrange(10 ** (size - 1), 10**size)
    if rng.random() < 0.6:
        b = max(0, a + rng.choice([-1, 1]) * rng.randint(1, 10 ** rng.randint(1, max(1, size - 2))))
    answer = str(a - b)
    whole = _DIFFERENCE_WHOLE + (_DIFFERENCE_POSITIVE if a >= b else [])
    prompt = _asked(rng, _DIFFERENCE, _DIFFERENCE_NAMED, whole, a, b)
    return Problem("difference", f"difference {a} {b}", prompt, worked_difference(a, b), answer, [f"{a} - {b} = {answer}"])


# How many digits the two factors have, and how often.
_LENGTHS = [((1, 1), 2), ((2, 1), 4), ((3, 1), 6), ((4, 1), 2), ((5, 1), 1), ((2, 2), 9), ((3, 2), 4), ((4, 2), 1), ((3, 3), 1)]


def product(rng: random.Random, lengths: tuple[int, int] | None = None) -> Problem:
    first, second = lengths or rng.choices([l for l, _ in _LENGTHS], [w for _, w in _LENGTHS])[0]
    a = rng.randrange(10 ** (first - 1) if first > 1 else 0, 10**first)
    b = rng.randrange(10 ** (second - 1) if second > 1 else 0, 10**second)
    if rng.random() < 0.3:
        a, b = b, a
    answer = str(a * b)
    lines = [f"{a} * {b} = {answer}", f"{a} * {b} = {answer}", f"{a} times {b} is {answer}.", f"The product of {a} and {b} is {answer}."]
    prompt = _asked(rng, _PRODUCT, _PRODUCT_NAMED, _PRODUCT_WHOLE, a, b)
    return Problem("product", f"product {a} {b}", prompt, worked_product(a, b), answer, lines)


def worked_comparison(a: str, b: str) -> str:
    """Whole parts first, then the parts behind the point, made equally long, digit by digit; what follows for the numbers."""
    sign = lambda p, q: "<" if p < q else ">" if p > q else "="
    (wa, _, fa), (wb, _, fb) = a.partition("."), b.partition(".")
    longest = max(len(fa), len(fb))
    steps = f"{a} or {b}: {wa}{sign(int(wa), int(wb))}{wb}"
    if int(wa) == int(wb) and longest:
        fa, fb = fa.ljust(longest, "0"), fb.ljust(longest, "0")
        steps += f" .{fa} .{fb} {_side_by_side(fa, fb)[0]}"
    return f"{steps}: {a}{sign(Fraction(a), Fraction(b))}{b}"


def _decimal(rng: random.Random, whole: int, places: int) -> str:
    return f"{whole}.{rng.randrange(10**places):0{places}d}" if places else str(whole)


_LARGER = ["larger", "larger", "bigger", "bigger", "greater", "greater", "higher"]
_SMALLER = ["smaller", "smaller", "less", "lower"]
_SUPERLATIVE = {"larger": "largest", "bigger": "biggest", "greater": "greatest", "higher": "highest", "smaller": "smallest", "lower": "lowest", "less": "least"}
_WHICH, _IS_IT = wordings("numbers.which"), wordings("numbers.is it")
_MAXIMUM, _MINIMUM = wordings("numbers.maximum"), wordings("numbers.minimum")
_IS_MORE, _IS_EQUAL = wordings("numbers.is more"), wordings("numbers.is equal")


def comparison(rng: random.Random) -> Problem:
    places = rng.choice([(1, 2), (2, 1), (2, 2), (1, 1), (3, 2), (2, 3), (1, 3), (3, 1), (0, 1), (1, 0), (0, 0), (0, 2), (3, 3)])
    whole = _digits(rng, rng.choice([1, 1, 2, 3]))
    other = whole if rng.random() < 0.65 else _digits(rng, rng.choice([1, 1, 2, 3]))
    a, b = _decimal(rng, whole, places[0]), _decimal(rng, other, places[1])
    if whole == other and min(places) > 1 and rng.random() < 0.4:
        # Alike behind the point, too, for a while.
        alike = len(str(whole)) + 1 + rng.randint(1, min(places) - 1)
        b = a[:alike] + b[alike:]
    if rng.random() < 0.02:
        b = a + ("0" if "." in a else ".0")
    x, y = Fraction(a), Fraction(b)
    wants_larger = rng.random() < 0.65
    w = rng.choice(_LARGER if wants_larger else _SMALLER)
    larger, smaller = (a, b) if x > y else (b, a)
    lines = [f"{larger} is larger than {smaller}.", f"{smaller} is smaller than {larger}.", f"{smaller} < {larger}", f"{larger} > {smaller}"]
    if x == y:
        lines = [f"{a} and {b} are equal.", f"{a} = {b}"]
    make = lambda pattern, answer: Problem("comparison", f"compare {a} {b}", phrase(rng, pattern, a=a, b=b, w=w), worked_comparison(a, b), answer, lines)
    yes = lambda is_so: "Yes" if is_so else "No"
    kind = rng.random()
    if kind < 0.12:
        return make(rng.choice(_IS_IT), yes(x > y if wants_larger else x < y))
    if kind < 0.17:
        return make(rng.choice(_IS_MORE), yes(x > y))
    if kind < 0.2:
        return make(rng.choice(_IS_EQUAL), yes(x == y))
    equal = "They are equal."
    if kind < 0.28:
        pattern = rng.choice(_MAXIMUM if wants_larger else _MINIMUM)
        return make(pattern, equal if x == y else larger if wants_larger else smaller)
    pattern = rng.choice(_WHICH)
    if "{w} number" in pattern or "the {w}" in pattern.lower():
        w = _SUPERLATIVE[w] if rng.random() < 0.5 or w == "less" else w
    return make(pattern, equal if x == y else larger if wants_larger else smaller)
