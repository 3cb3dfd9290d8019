"""Numbers of the little world: sums, differences, products, and which of two decimals is larger."""

import random
from fractions import Fraction

from problem import Problem
from phrasing import ASK, CALCULATE, phrase
from words import NAMES, THINGS


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


def worked_difference(a: int, b: int) -> str:
    if a < b:
        return f"{a}-{b}: {a}<{b} {b}-{a}: {_borrowing(b, a)[0]}"
    return f"{a}-{b}: {_borrowing(a, b)[0]}"


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


def _shown(rng: random.Random, n: int) -> str:
    return f"{n:,}" if n > 999 and rng.random() < 0.06 else str(n)


_SUM = ["{a} + {b}", "{a} + {b}", "{a} + {b}", "{a}+{b}", "{a}+{b}", "{a} plus {b}", "{a} plus {b}", "{a} +{b}", "{a} and {b} added", "{a} added to {b}"]
_SUM_NAMED = ["the sum of {a} and {b}", "the sum of {a} and {b}", "{a} and {b} together", "the total of {a} and {b}", "{b} more than {a}", "the sum {a} + {b}", "the addition of {a} and {b}"]  # fmt: skip
_SUM_WHOLE = [
    "Add {a} and {b}.", "Add {a} to {b}.", "add {a} and {b}", "Add up {a} and {b}.", "Can you add {a} and {b}?", "Sum {a} and {b}.",
    "How much do {a} and {b} make together?", "What do you get if you add {a} and {b}?", "What do I get when I add {a} to {b}?",
    "Add these numbers: {a}, {b}", "Add the numbers {a} and {b}.", "sum of {a} and {b}", "Sum: {a}, {b}", "Increase {a} by {b}.",
    "Put {a} and {b} together.", "If I add {a} to {b}, what is the result?", "Addition: {a} + {b}",
    "{n} has {a} {t} and gets {b} more. How many {t} does {n} have now?", "I have {a} {t} and buy {b} more. How many {t} do I have?",
    "There are {a} {t} in one box and {b} in another. How many {t} are there in total?",
    "{n} has {a} {t}, {m} has {b}. How many do they have together?",
    "I had {a} {t}, then I found {b} {t}. How many {t} now?",
]  # fmt: skip
_DIFFERENCE = ["{a} - {b}", "{a} - {b}", "{a} - {b}", "{a}-{b}", "{a}-{b}", "{a} minus {b}", "{a} minus {b}", "{a} − {b}", "{a} – {b}", "{a} take away {b}", "{a} less {b}"]  # fmt: skip
_DIFFERENCE_NAMED = ["{b} less than {a}", "the subtraction {a} - {b}", "the difference {a} - {b}", "{a} without {b}"]
_DIFFERENCE_WHOLE = [
    "Subtract {b} from {a}.", "subtract {b} from {a}", "Take {b} away from {a}.", "Take {b} from {a}.", "Can you subtract {b} from {a}?",
    "What is left if you take {b} from {a}?", "What do you get if you subtract {b} from {a}?", "Deduct {b} from {a}.",
    "Decrease {a} by {b}.", "Reduce {a} by {b}.", "Remove {b} from {a}.", "If I take {b} away from {a}, what is left?", "Subtraction: {a} - {b}",
]  # fmt: skip
_DIFFERENCE_POSITIVE = [
    "What is the difference between {a} and {b}?", "the difference between {a} and {b}", "How much larger is {a} than {b}?",
    "What is the difference of {a} and {b}?", "How much more is {a} than {b}?",
    "{n} has {a} {t} and gives away {b}. How many {t} are left?", "I had {a} {t} and lost {b}. How many {t} do I have now?",
    "There were {a} {t}. {n} took {b} of them. How many {t} are left?", "I have {a} {t} and sell {b}. How many remain?",
]  # fmt: skip
_PRODUCT = ["{a} * {b}", "{a} * {b}", "{a} * {b}", "{a}*{b}", "{a} x {b}", "{a}x{b}", "{a} × {b}", "{a} times {b}", "{a} times {b}", "{a} multiplied by {b}", "{a} X {b}", "{a} · {b}"]  # fmt: skip
_PRODUCT_NAMED = ["the product of {a} and {b}", "the product of {a} and {b}", "the product {a} * {b}", "{a} times the number {b}", "the multiplication of {a} and {b}"]  # fmt: skip
_PRODUCT_WHOLE = [
    "Multiply {a} by {b}.", "Multiply {a} and {b}.", "multiply {a} with {b}", "multiply {a} by {b}", "Can you multiply {a} by {b}?",
    "What do you get if you multiply {a} by {b}?", "product of {a} and {b}", "Product: {a}, {b}", "Multiply these numbers: {a}, {b}",
    "How much is {a} multiplied by {b}?", "If I multiply {a} by {b}, what is the result?", "Multiplication: {a} * {b}",
    "There are {a} boxes with {b} {t} each. How many {t} are there?", "{n} buys {a} bags of {b} {t}. How many {t} is that?",
    "I have {a} rows of {b} {t}. How many {t} in total?", "One box holds {b} {t}. How many {t} do {a} boxes hold?",
]  # fmt: skip


def _asked(rng: random.Random, inner: list[str], named: list[str], whole: list[str], a: int, b: int) -> str:
    kind = rng.random()
    if kind < 0.62:
        pattern = rng.choice(CALCULATE if rng.random() < 0.5 else ASK[:8]).replace("{x}", rng.choice(inner))
    elif kind < 0.74:
        pattern = rng.choice(ASK).replace("{x}", rng.choice(named))
    else:
        pattern = rng.choice(whole)
    parts = {"a": _shown(rng, a), "b": _shown(rng, b), "t": rng.choice(THINGS)}
    parts["n"], parts["m"] = rng.sample(NAMES, 2)
    return phrase(rng, pattern, **parts)


def sum_(rng: random.Random, longest: int = 6) -> Problem:
    a, b = _digits(rng, longest), _digits(rng, longest)
    answer = str(a + b)
    lines = [f"{a} + {b} = {answer}", f"{a} + {b} = {answer}", f"{a} plus {b} is {answer}.", f"The sum of {a} and {b} is {answer}.", f"{a} and {b} together make {answer}."]
    prompt = _asked(rng, _SUM, _SUM_NAMED, _SUM_WHOLE, a, b)
    return Problem("sum", f"sum {a} {b}", prompt, worked_sum(a, b), answer, lines)


def difference(rng: random.Random, longest: int = 6) -> Problem:
    a, b = _digits(rng, longest), _digits(rng, longest)
    if a < b and rng.random() < 0.6:
        a, b = b, a
    whole = _DIFFERENCE_WHOLE + (_DIFFERENCE_POSITIVE if a >= b else [])
    answer = str(a - b)
    lines = [f"{a} - {b} = {answer}", f"{a} - {b} = {answer}", f"{a} minus {b} is {answer}."]
    if a >= b:
        lines.append(f"The difference between {a} and {b} is {answer}.")
    prompt = _asked(rng, _DIFFERENCE, _DIFFERENCE_NAMED, whole, a, b)
    return Problem("difference", f"difference {a} {b}", prompt, worked_difference(a, b), answer, lines)


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


def _decimal(rng: random.Random, whole: int, places: int) -> str:
    return f"{whole}.{rng.randrange(10**places):0{places}d}" if places else str(whole)


_LARGER = ["larger", "larger", "bigger", "bigger", "greater", "greater", "higher", "more"]
_SMALLER = ["smaller", "smaller", "less", "lower", "littler"]
_SUPERLATIVE = {"larger": "largest", "bigger": "biggest", "greater": "greatest", "higher": "highest", "smaller": "smallest", "lower": "lowest"}
_WHICH = [
    "Which is {w}, {a} or {b}?", "Which is {w}, {a} or {b}?", "Which is {w}: {a} or {b}?", "What is {w}, {a} or {b}?", "which is {w} {a} or {b}",
    "Which number is {w}, {a} or {b}?", "Which number is {w}: {a} or {b}?", "{a} or {b}, which is {w}?", "{a} or {b}: which one is {w}?",
    "Which one is {w}, {a} or {b}?", "Of {a} and {b}, which is {w}?", "Which of {a} and {b} is {w}?", "Tell me which is {w}: {a} or {b}.",
    "Compare {a} and {b}. Which is {w}?", "What's {w}: {a} or {b}?", "What number is {w}, {a} or {b}?", "The {w} of {a} and {b}?",
    "Which is the {w} number, {a} or {b}?", "Which of these is {w}: {a}, {b}?", "Which decimal is {w}, {a} or {b}?", "Pick the {w} number: {a} or {b}",
    "Find the {w} one: {a}, {b}", "Between {a} and {b}, which is {w}?", "Which value is {w}, {a} or {b}?", "Give me the {w} of {a} and {b}.",
]  # fmt: skip
_IS_IT = ["Is {a} {w} than {b}?", "Is {a} {w} than {b}?", "is {a} {w} than {b}", "Is it true that {a} is {w} than {b}?", "{a} is {w} than {b}, right?", "Would you say that {a} is {w} than {b}?"]


def comparison(rng: random.Random) -> Problem:
    places = rng.choice([(1, 2), (2, 1), (2, 2), (1, 1), (3, 2), (2, 3), (1, 3), (3, 1), (0, 1), (1, 0), (0, 0), (0, 2), (3, 3)])
    whole = _digits(rng, rng.choice([1, 1, 2, 3]))
    other = whole if rng.random() < 0.65 else _digits(rng, rng.choice([1, 1, 2, 3]))
    a, b = _decimal(rng, whole, places[0]), _decimal(rng, other, places[1])
    if rng.random() < 0.02:
        b = a + ("0" if "." in a else ".0")
    x, y = Fraction(a), Fraction(b)
    longest = max(len(n.partition(".")[2]) for n in (a, b))
    sign = lambda p, q: "<" if p < q else ">" if p > q else "="
    (wa, _, fa), (wb, _, fb) = a.partition("."), b.partition(".")
    steps = f"{a} or {b}: {wa}{sign(int(wa), int(wb))}{wb}"
    if int(wa) == int(wb) and longest:
        fa, fb = fa.ljust(longest, "0"), fb.ljust(longest, "0")
        steps += f" .{fa}{sign(fa, fb)}.{fb}"
    wants_larger = rng.random() < 0.65
    w = rng.choice(_LARGER if wants_larger else _SMALLER)
    larger, smaller = (a, b) if x > y else (b, a)
    lines = [f"{larger} is larger than {smaller}.", f"{smaller} is smaller than {larger}.", f"{smaller} < {larger}", f"{larger} > {smaller}"]
    if x == y:
        lines = [f"{a} and {b} are equal.", f"{a} = {b}"]
    if rng.random() < 0.15:
        is_so = x > y if wants_larger else x < y
        return Problem("comparison", f"compare {a} {b}", phrase(rng, rng.choice(_IS_IT), a=a, b=b, w=w), steps, "Yes" if is_so else "No", lines)
    pattern = rng.choice(_WHICH)
    if "{w} number" in pattern or rng.random() < 0.12:
        w = _SUPERLATIVE.get(w, w) if rng.random() < 0.5 else w
    answer = "They are equal." if x == y else larger if wants_larger else smaller
    return Problem("comparison", f"compare {a} {b}", phrase(rng, pattern, a=a, b=b, w=w), steps, answer, lines)
