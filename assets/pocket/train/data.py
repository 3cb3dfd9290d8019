"""Examples to learn from, put into batches of like length."""

import random
from dataclasses import dataclass

import torch

import tokens
from problem import Problem
from world import problem

# Tokens of a part of a batch, padding included. The examples of a part are of about the same length, and so of few kinds;
# a batch has several parts, for one kind at a time would drive out the others.
PART_TOKENS = 4096
PARTS = 3
LONGEST = 1600
# Examples that are sorted by length at a time.
POOL = 3000
# A long answer is the same each time: after its first words it teaches little.
FULL_WEIGHT = 14
LATER_WEIGHT = 0.15


@dataclass
class Example:
    ids: list[int]
    # How much each token counts as one to be said.
    weights: list[float]
    kind: str


def _weighted(text: list[int]) -> list[float]:
    return [1.0 if i < FULL_WEIGHT else LATER_WEIGHT for i in range(len(text))]


def text_of_base(rng: random.Random) -> Example:
    """A line or a few of plain text about the little world, worked out or not."""
    lines = []
    # Mostly one: a continuation comes to its end.
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        is_worked = rng.random() < 0.45
        found = problem(rng, easy=not is_worked)
        while not found.lines:
            found = problem(rng, easy=not is_worked)
        line = rng.choice(found.lines)
        lines.append(f"{found.working} so {line}" if is_worked and found.kind != "fact" else line)
    ids = [tokens.BEGIN, *tokens.encode("\n".join(lines)), tokens.STOP]
    return Example(ids, [0.0] + [1.0] * (len(ids) - 1), "text")


def direct(rng: random.Random, found: Problem | None = None) -> Example:
    """A question, and the answer at once."""
    found = found or problem(rng, easy=True)
    head, tail = tokens.prompt(found.prompt), [*tokens.encode(found.answer), tokens.STOP]
    later = _weighted(tail) if found.kind in ("outside", "manners") else [1.0] * len(tail)
    return Example(head + tail, [0.0] * len(head) + later, found.kind)


def reasoned(rng: random.Random, found: Problem | None = None) -> Example:
    """A question, the working, the answer; now and then with the thinking turned off."""
    is_off = found is None and rng.random() < 0.12
    found = found or problem(rng, easy=is_off)
    head = tokens.prompt(found.prompt)
    answer = [*tokens.encode(found.answer), tokens.STOP]
    later = _weighted(answer) if found.kind in ("outside", "manners") else [1.0] * len(answer)
    if is_off:
        head += [tokens.THINK, tokens.THOUGHT]
        return Example(head + answer, [0.0] * len(head) + later, found.kind)
    working = [tokens.THINK, *tokens.encode(found.working), tokens.THOUGHT]
    return Example(head + working + answer, [0.0] * len(head) + [1.0] * len(working) + later, found.kind)


def parts(make, seed: int):
    """Parts without end, each of examples of about the same length, in an order of chance."""
    rng = random.Random(seed)
    while True:
        pool = [example for example in (make(rng) for _ in range(POOL)) if len(example.ids) <= LONGEST]
        pool.sort(key=lambda example: len(example.ids) + rng.random() * 4)
        found, group, longest = [], [], 0
        for example in pool:
            longest = max(longest, len(example.ids))
            if group and longest * (len(group) + 1) > PART_TOKENS:
                found.append(group)
                group, longest = [], len(example.ids)
            group.append(example)
        # What is left over is a small part of the longest ones; it waits for no more.
        found.append(group)
        rng.shuffle(found)
        yield from found


def tensors(group: list[Example], device):
    longest = max(len(example.ids) for example in group)
    ids = torch.zeros(len(group), longest, dtype=torch.long)
    weights = torch.zeros(len(group), longest)
    for row, example in enumerate(group):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        weights[row, : len(example.ids)] = torch.tensor(example.weights)
    return ids.to(device), weights.to(device)
