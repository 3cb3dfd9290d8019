"""The little world: every kind of question, and how often it comes."""

import random
import re

from facts import ALIASES, CAPITALS, COLOURS, COUNTS, DAYS, MANNERS, OPPOSITES, PARTS
from letters import count, length, reverse, sort, tally
from outside import outside, repeated
from phrasing import ASK, phrase, quoted
from problem import Problem
from sums import comparison, difference, near_difference, product, sum_
from wordings import wordings

_PAIRS = [tuple(pair.split(":")) for pair in OPPOSITES]
_OPPOSITE_OF = {**{b: a for a, b in _PAIRS}, **dict(_PAIRS)}

_FROM_TO, _AFTER, _BEFORE = wordings("days.from to"), wordings("days.after"), wordings("days.before")
_NEXT, _LAST = wordings("days.next"), wordings("days.last")


def weekdays(rng: random.Random) -> Problem:
    a, kind = rng.randrange(7), rng.random()
    shown = lambda day: DAYS[day % 7] if rng.random() < 0.9 else DAYS[day % 7].lower()
    if kind < 0.45:
        n = rng.randint(1, 6)
        b, steps = a + n, [f"{DAYS[(a + i) % 7][:3]}{i}" for i in range(n + 1)]
        prompt = phrase(rng, rng.choice(_FROM_TO), is_number=True, a=shown(a), b=shown(b))
        lines = [f"From {DAYS[a]} to {DAYS[b % 7]} it is {n} days.", f"{DAYS[b % 7]} is {n} days after {DAYS[a]}."]
        return Problem("weekdays", f"days {a} {b}", prompt, " ".join(steps), str(n), lines)
    n = 1 if kind > 0.9 else rng.randint(1, 20) if rng.random() < 0.8 else rng.randint(1, 8)
    way = 1 if rng.random() < 0.65 else -1
    patterns = (_NEXT if way > 0 else _LAST) if kind > 0.9 else _AFTER if way > 0 else _BEFORE
    pattern = rng.choice(patterns)
    if n == 1:
        pattern = pattern.replace("{n} days", "{n} day")
    answer = DAYS[(a + way * n) % 7]
    steps = " ".join(f"{DAYS[(a + way * i) % 7][:3]}{i}" for i in range(n + 1))
    said = "after" if way > 0 else "before"
    lines = [f"{n} days {said} {DAYS[a]} is {answer}."] if n > 1 else [f"The day {said} {DAYS[a]} is {answer}."]
    return Problem("weekdays", f"days {a} {way * n}", phrase(rng, pattern, a=shown(a), n=n), steps, answer, lines)


_CAPITAL, _CAPITAL_WHOLE, _COUNTRY = wordings("facts.capital"), wordings("facts.capital whole"), wordings("facts.country")
_OPPOSITE, _OPPOSITE_WHOLE = wordings("facts.opposite"), wordings("facts.opposite whole")
_COLOUR, _MANY, _PART_WHOLE = wordings("facts.colour"), wordings("facts.many"), wordings("facts.part whole")
_PLURAL = {"a banana": "bananas", "a lemon": "lemons", "a strawberry": "strawberries", "a tomato": "tomatoes", "a carrot": "carrots", "a frog": "frogs", "a flamingo": "flamingos", "an elephant": "elephants", "a raven": "ravens", "a polar bear": "polar bears", "a cucumber": "cucumbers", "a plum": "plums", "a pea": "peas", "a cherry": "cherries", "a sunflower": "sunflowers"}  # fmt: skip


def fact(rng: random.Random) -> Problem:
    kind = rng.random()
    if kind < 0.4:
        country, city = rng.choice(list(CAPITALS.items()))
        if rng.random() < 0.12:
            return Problem("fact", f"country {city}", phrase(rng, rng.choice(_COUNTRY), c=city), f"the country of {city}", country, [f"{city} is the capital of {country}."])
        shown = rng.choice(ALIASES[country]) if country in ALIASES and rng.random() < 0.5 else country
        kind = rng.random()
        shown = shown.lower() if kind < 0.25 else shown.upper() if kind < 0.28 else shown
        prompt = phrase(rng, _filled(rng, _CAPITAL, _CAPITAL_WHOLE), c=shown)
        return Problem("fact", f"capital {country}", prompt, f"the capital of {country}", city, [f"The capital of {country} is {city}.", f"{city} is the capital of {country}."])
    if kind < 0.7:
        thing, other = rng.choice(list(_OPPOSITE_OF.items()))
        prompt = phrase(rng, _filled(rng, _OPPOSITE, _OPPOSITE_WHOLE), c=quoted(rng, thing))
        return Problem("fact", f"opposite {thing}", prompt, f"the opposite of {thing}", other, [f"The opposite of {thing} is {other}.", f"{thing.capitalize()} is the opposite of {other}."])
    if kind < 0.88:
        thing, colour = rng.choice(list(COLOURS.items()))
        pattern, shown = rng.choice(_COLOUR), thing
        if rng.random() < 0.15:
            shown = re.sub("^(a|an|the) ", rng.choice(["", "the "]), thing)
        elif thing in _PLURAL and rng.random() < 0.35:
            shown = _PLURAL[thing]
            pattern = pattern.replace(" is {c}", " are {c}").replace("does", "do")
        prompt = phrase(rng, pattern, k=rng.choice(["colour", "color"]), c=shown)
        return Problem("fact", f"colour {thing}", prompt, f"the colour of {thing}", colour, [f"{thing.capitalize()} is {colour}."])
    if rng.random() < 0.5:
        (part, whole), number = rng.choice(list(PARTS.items()))
        prompt = phrase(rng, rng.choice(_PART_WHOLE), is_number=True, p=part, c=whole)
        return Problem("fact", f"many {part} {whole}", prompt, "a number I know", number, [f"{part.capitalize()} of {whole}: {number}"])
    thing, number = rng.choice(list(COUNTS.items()))
    return Problem("fact", f"many {thing}", phrase(rng, rng.choice(_MANY), is_number=True, c=thing), "a number I know", number, [f"How many {thing}: {number}."])


def _filled(rng: random.Random, inner: list[str], whole: list[str]) -> str:
    return rng.choice(whole) if rng.random() < 0.3 else rng.choice(ASK).replace("{x}", rng.choice(inner))


_SAID = list(MANNERS.items())


def manners(rng: random.Random) -> Problem:
    answer, all_ = rng.choice(_SAID)
    said = rng.choice(all_)
    kind = rng.random()
    if kind < 0.15:
        said = said.lower()
    elif kind < 0.2:
        said = said.upper()
    if rng.random() < 0.2:
        said = said.rstrip("?!.") or said
    elif rng.random() < 0.15:
        said += rng.choice(["!", "?", ".", "!!", " :)", "...", " ", "\n"])
    return Problem("manners", f"manners {said}", said, "manners", answer)


# How often each comes where it is worked out, and where it is answered at once.
KINDS = [(sum_, 16, 20), (difference, 16, 10), (near_difference, 26, 6), (product, 12, 11), (comparison, 18, 7), (count, 16, 24), (length, 6, 2), (reverse, 12, 4), (sort, 44, 7), (weekdays, 7, 8), (fact, 7, 5), (manners, 4, 5), (outside, 11, 13), (repeated, 3, 2), (tally, 0, 17)]  # fmt: skip
_MAKERS = [maker for maker, _, _ in KINDS]
_WORKED, _DIRECT = [worked for _, worked, _ in KINDS], [direct for _, _, direct in KINDS]
# What can be known at a glance comes more often where nothing is worked out.
_EASY_DIGITS = [1, 2, 2, 2, 2, 3, 3, 3, 4, 6]


def problem(rng: random.Random, easy: bool = False) -> Problem:
    """A question to learn from."""
    while True:
        make = rng.choices(_MAKERS, _DIRECT if easy else _WORKED)[0]
        found = make(rng, rng.choice(_EASY_DIGITS)) if easy and make in (sum_, difference, near_difference) else make(rng)
        if not found.is_held_out():
            return found
