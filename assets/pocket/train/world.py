"""The little world: every kind of question, and how often it comes."""

import random

from facts import CAPITALS, COLOURS, COUNTS, DAYS, MANNERS, OPPOSITES
from letters import count, length, reverse, sort
from outside import outside
from phrasing import ASK, phrase, quoted
from problem import Problem
from sums import comparison, difference, product, sum_

_PAIRS = [tuple(pair.split(":")) for pair in OPPOSITES]
_OPPOSITE_OF = {**{b: a for a, b in _PAIRS}, **dict(_PAIRS)}

_FROM_TO = [
    "How many days from {a} to {b}?", "How many days are there from {a} to {b}?", "How many days between {a} and {b}?", "How many days are between {a} and {b}?",
    "How many days is it from {a} to {b}?", "How many days from {a} until {b}?", "How many days after {a} is {b}?", "If today is {a}, how many days until {b}?",
    "It is {a}. How many days until {b}?", "Today is {a}. In how many days is it {b}?", "how many days is it from {a} till {b}", "How many days lie between {a} and {b}?",
    "Count the days from {a} to {b}.", "How many days do I have to wait from {a} to {b}?", "{a} to {b}: how many days?", "Number of days from {a} to {b}?", "How far is it from {a} to {b} in days?",
]  # fmt: skip
_AFTER = [
    "What day is {n} days after {a}?", "Which day is {n} days after {a}?", "What day comes {n} days after {a}?", "If today is {a}, what day is it in {n} days?",
    "Today is {a}. What day is it in {n} days?", "What weekday is {n} days after {a}?", "{n} days after {a} is what day?", "It is {a}. Which day will it be in {n} days?",
    "What day of the week is {n} days after {a}?", "{a} plus {n} days?", "Which weekday is it {n} days from {a}?", "what day will it be {n} days after {a}", "{n} days after {a}",
]  # fmt: skip
_BEFORE = [
    "What day is {n} days before {a}?", "Which day is {n} days before {a}?", "What day comes {n} days before {a}?", "Today is {a}. What day was it {n} days ago?",
    "If today is {a}, what day was it {n} days ago?", "What weekday is {n} days before {a}?", "{n} days before {a} is what day?", "What day of the week was it {n} days before {a}?", "{n} days before {a}",
]  # fmt: skip
_NEXT = ["What day comes after {a}?", "Which day is after {a}?", "What is the day after {a}?", "Which day follows {a}?", "What day is the day after {a}?", "Today is {a}. What day is tomorrow?", "If today is {a}, what is tomorrow?", "If it is {a} today, what day is it tomorrow?"]  # fmt: skip
_LAST = ["What day comes before {a}?", "Which day is before {a}?", "What is the day before {a}?", "Today is {a}. What day was yesterday?", "If today is {a}, what was yesterday?", "Which day precedes {a}?"]  # fmt: skip


def weekdays(rng: random.Random) -> Problem:
    a, kind = rng.randrange(7), rng.random()
    shown = lambda day: DAYS[day % 7] if rng.random() < 0.9 else DAYS[day % 7].lower()
    if kind < 0.45:
        n = rng.randint(1, 6)
        b, steps = a + n, [f"{DAYS[(a + i) % 7][:3]}{i}" for i in range(n + 1)]
        prompt = phrase(rng, rng.choice(_FROM_TO), a=shown(a), b=shown(b))
        lines = [f"From {DAYS[a]} to {DAYS[b % 7]} it is {n} days.", f"{DAYS[b % 7]} is {n} days after {DAYS[a]}."]
        return Problem("weekdays", f"days {a} {b}", prompt, " ".join(steps), str(n), lines)
    n = 1 if kind > 0.9 else rng.randint(1, 20) if rng.random() < 0.8 else rng.randint(1, 8)
    way = 1 if rng.random() < 0.65 else -1
    patterns = (_NEXT if way > 0 else _LAST) if kind > 0.9 else _AFTER if way > 0 else _BEFORE
    pattern = rng.choice(patterns)
    if n == 1:
        pattern = pattern.replace("days", "day").replace("day of the week", "day of the week")
    answer = DAYS[(a + way * n) % 7]
    steps = " ".join(f"{DAYS[(a + way * i) % 7][:3]}{i}" for i in range(n + 1))
    said = "after" if way > 0 else "before"
    lines = [f"{n} days {said} {DAYS[a]} is {answer}."] if n > 1 else [f"The day {said} {DAYS[a]} is {answer}."]
    return Problem("weekdays", f"days {a} {way * n}", phrase(rng, pattern, a=shown(a), n=n), steps, answer, lines)


_CAPITAL = ["the capital of {c}", "the capital of {c}", "the capital city of {c}", "{c}'s capital", "the capital of the country {c}"]
_CAPITAL_WHOLE = ["Which city is the capital of {c}?", "Capital of {c}?", "capital of {c}", "capital {c}", "What city is the capital of {c}?", "{c}: capital?", "Name the capital of {c}.", "What capital does {c} have?"]
_COUNTRY = ["{c} is the capital of which country?", "Which country has the capital {c}?", "{c} is the capital of what country?", "Of which country is {c} the capital?", "What country is {c} the capital of?"]
_OPPOSITE = ["the opposite of {c}", "the opposite of {c}", "the opposite of the word {c}", "the antonym of {c}", "the contrary of {c}", "{c}'s opposite"]
_OPPOSITE_WHOLE = ["Opposite of {c}?", "opposite of {c}", "Give me an antonym for {c}.", "What is not {c}, but the opposite?", "{c} - opposite?", "antonym of {c}", "{c} is the opposite of what?", "What word is the opposite of {c}?"]
_COLOUR = ["What {k} is {c}?", "What {k} is {c}?", "what {k} is {c}", "Which {k} is {c}?", "Which {k} does {c} have?", "What {k} does {c} have?", "Tell me the {k} of {c}.", "What is the {k} of {c}?", "{k} of {c}?", "The {k} of {c} is", "Do you know what {k} {c} is?"]
_PLURAL = {"a banana": "bananas", "a lemon": "lemons", "a strawberry": "strawberries", "a tomato": "tomatoes", "a carrot": "carrots", "a frog": "frogs", "a flamingo": "flamingos", "an elephant": "elephants", "a raven": "ravens", "a polar bear": "polar bears", "a cucumber": "cucumbers", "a plum": "plums", "a pea": "peas", "a cherry": "cherries", "a sunflower": "sunflowers"}  # fmt: skip
_MANY = ["How many {c}?", "How many {c}?", "how many {c}", "Do you know how many {c}?", "Can you tell me how many {c}?", "Tell me how many {c}."]


def fact(rng: random.Random) -> Problem:
    kind = rng.random()
    if kind < 0.4:
        country, city = rng.choice(list(CAPITALS.items()))
        if rng.random() < 0.12:
            return Problem("fact", f"country {city}", phrase(rng, rng.choice(_COUNTRY), c=city), f"the country of {city}", country, [f"{city} is the capital of {country}."])
        shown = country
        if rng.random() < 0.12:
            shown = shown.lower()
        if shown.startswith("the ") and rng.random() < 0.4:
            shown = shown[4:]
        if country == "the United States":
            shown = rng.choice([shown, shown, "the USA", "the US", "America", "the United States of America"])
        prompt = phrase(rng, _filled(rng, _CAPITAL, _CAPITAL_WHOLE), c=shown)
        return Problem("fact", f"capital {country}", prompt, f"the capital of {country}", city, [f"The capital of {country} is {city}.", f"{city} is the capital of {country}."])
    if kind < 0.7:
        thing, other = rng.choice(list(_OPPOSITE_OF.items()))
        prompt = phrase(rng, _filled(rng, _OPPOSITE, _OPPOSITE_WHOLE), c=quoted(rng, thing))
        return Problem("fact", f"opposite {thing}", prompt, f"the opposite of {thing}", other, [f"The opposite of {thing} is {other}.", f"{thing.capitalize()} is the opposite of {other}."])
    if kind < 0.88:
        thing, colour = rng.choice(list(COLOURS.items()))
        pattern, shown = rng.choice(_COLOUR), thing
        if thing in _PLURAL and rng.random() < 0.35:
            shown = _PLURAL[thing]
            pattern = pattern.replace(" is {c}", " are {c}").replace("does", "do")
        prompt = phrase(rng, pattern, k=rng.choice(["colour", "color"]), c=shown)
        return Problem("fact", f"colour {thing}", prompt, f"the colour of {thing}", colour, [f"{thing.capitalize()} is {colour}."])
    thing, number = rng.choice(list(COUNTS.items()))
    return Problem("fact", f"many {thing}", phrase(rng, rng.choice(_MANY), c=thing), "a number I know", number, [f"How many {thing}: {number}."])


def _filled(rng: random.Random, inner: list[str], whole: list[str]) -> str:
    return rng.choice(whole) if rng.random() < 0.3 else rng.choice(ASK).replace("{x}", rng.choice(inner))


_SAID = [(answer, said.strip()) for answer, text in MANNERS.items() for said in text.replace("\n", "").split("|")]


def manners(rng: random.Random) -> Problem:
    answer, said = rng.choice(_SAID)
    kind = rng.random()
    if kind < 0.15:
        said = said.lower()
    elif kind < 0.2:
        said = said.upper()
    if rng.random() < 0.2:
        said = said.rstrip("?!.")
    elif rng.random() < 0.15:
        said += rng.choice(["!", "?", ".", "!!", " :)", "...", " ", "\n"])
    return Problem("manners", f"manners {said}", said, "manners", answer)


KINDS = [(sum_, 16), (difference, 13), (product, 18), (comparison, 9), (count, 14), (length, 3), (reverse, 10), (sort, 12), (weekdays, 6), (fact, 6), (manners, 3), (outside, 10)]  # fmt: skip
_MAKERS, _WEIGHTS = [maker for maker, _ in KINDS], [weight for _, weight in KINDS]
# What can be known at a glance comes more often where nothing is worked out.
_EASY_DIGITS = [1, 2, 2, 2, 2, 3, 3, 3, 4, 6]


def problem(rng: random.Random, easy: bool = False) -> Problem:
    """A question to learn from."""
    while True:
        make = rng.choices(_MAKERS, _WEIGHTS)[0]
        found = make(rng, rng.choice(_EASY_DIGITS)) if easy and make in (sum_, difference) else make(rng)
        if not found.is_held_out():
            return found
