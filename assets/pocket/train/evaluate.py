"""Examines the pocket models through the program itself, and prints a table with Wilson intervals.

    python evaluate.py target/release/tierscope [--seed N] [--count N] [--lanes small,flagship,reasoning] [--misses]

The problems are fresh: of the seed given here, and never of those that the models were trained on (see
`Problem.is_held_out`), half of them in wordings that stand in this file alone. Needs no package.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import letters
import sums
import world
from facts import FALLBACK
from outside import outside
from problem import Problem

HERE = Path(__file__).parent
# Wordings that no training saw: kind, pattern.
NEW_WORDINGS = {
    "sum": ["If you put {a} and {b} together, how many is that?", "I want {a} plus {b}, quickly", "Say: {a}+{b}", "My calculator broke. {a} + {b}?", "Could you add {b} onto {a}?"],
    "difference": ["Start with {a}, lose {b}. What remains?", "I need {a} minus {b}", "My calculator broke. {a} - {b}?", "What remains of {a} after subtracting {b}?", "{a} reduced by {b}"],
    "product": ["{a} lots of {b}", "My calculator broke. {a} * {b}?", "I need {a} times {b}", "How much do I get from {a} times {b}?", "Please do {a} x {b} for me"],
    "count": ["How many letters {c} can be found in the word {w}?", "I wonder how many {c} {w} has", "Tell me the number of {c}'s in {w}", "Find how many {c} there are in {w}"],
    "length": ["From how many letters is {w} made?", "I wonder how many letters {w} has"],
    "reverse": ["I need {w} written backwards", "Please give {w} in reverse", "Could you write {w} the other way round, backwards?"],
    "comparison": ["Which of the two is {w}: {a} or {b}?", "I have {a} and {b}. Which one is {w}?", "Decide which is {w}, {a} or {b}"],
}  # fmt: skip


def reworded(rng: random.Random, found: Problem) -> Problem:
    """The same problem, as nobody has asked it before."""
    _, *parts = found.key.split(" ")
    patterns = NEW_WORDINGS.get(found.kind)
    if not patterns or found.key.count(" ") > 2:
        return found
    names = {"count": "cw", "length": "w", "reverse": "w"}.get(found.kind, "ab")
    values = dict(zip(names, parts))
    if found.kind == "comparison":
        if found.answer not in parts:
            return found
        a, b = map(float, parts)
        values["w"] = "larger" if (a > b) == (found.answer == parts[0]) else "smaller"
    if found.kind == "difference" and int(parts[0]) < int(parts[1]):
        patterns = patterns[1:3]
    if found.kind == "reverse" and found.answer != parts[0][::-1]:
        return found
    return Problem(found.kind, found.key, rng.choice(patterns).format(**values), found.working, found.answer)


def fresh(rng: random.Random, make, is_fit=lambda _: True) -> Problem:
    while True:
        found = make(rng)
        if found.is_held_out() and is_fit(found):
            return reworded(rng, found) if rng.random() < 0.5 else found


def digits(make, shortest: int, longest: int):
    def exact(rng: random.Random) -> Problem:
        while True:
            found = make(rng, longest)
            if max(len(n) for n in found.key.split(" ")[1:]) >= shortest:
                return found

    return exact


TASKS = {
    "sums, 1 to 2 digits": lambda rng: fresh(rng, digits(sums.sum_, 1, 2)),
    "sums, 3 to 5 digits": lambda rng: fresh(rng, digits(sums.sum_, 3, 5)),
    "differences, 1 to 2 digits": lambda rng: fresh(rng, digits(sums.difference, 1, 2)),
    "differences, 3 to 5 digits": lambda rng: fresh(rng, digits(sums.difference, 3, 5)),
    "products, 3 digits by 1": lambda rng: fresh(rng, lambda r: sums.product(r, (3, 1))),
    "products, 2 digits by 2": lambda rng: fresh(rng, lambda r: sums.product(r, (2, 2))),
    "which decimal is larger": lambda rng: fresh(rng, sums.comparison),
    "letter counts": lambda rng: fresh(rng, letters.count),
    "word lengths": lambda rng: fresh(rng, letters.length),
    "reversing": lambda rng: fresh(rng, letters.reverse),
    "sorting": lambda rng: fresh(rng, letters.sort),
    "weekdays": world.weekdays,
    "facts": world.fact,
    "manners": world.manners,
}


def outside_prompts(rng: random.Random, count: int) -> list[Problem]:
    written = [line.replace("\\n", "\n") for line in (HERE / "outside_test.txt").read_text("utf-8").splitlines()]
    noise = ["".join(chr(rng.randint(33, 126)) for _ in range(400)) for _ in range(5)]
    made = [outside(rng).prompt for _ in range(max(0, count - len(written) - len(noise)))]
    return [Problem("outside", prompt, prompt, "", FALLBACK) for prompt in written + noise + made]


def wilson(right: int, all_: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion."""
    z, share = 1.959964, right / all_
    middle, spread = share + z * z / (2 * all_), z * (share * (1 - share) / all_ + z * z / (4 * all_ * all_)) ** 0.5
    return tuple(100 * (middle + sign * spread) / (1 + z * z / all_) for sign in (-1, 1))


class Examiner:
    def __init__(self, program: str, lanes: list[str], home: str):
        self.command = [os.path.abspath(program), "ask", "--format", "json", "--max-tokens", "600", "-"]
        for lane in lanes:
            self.command += ["--lane", f"pocket-{lane}"]
        self.environment = {**os.environ, "TIERSCOPE_HOME": home}

    def ask(self, problem: Problem) -> dict:
        done = subprocess.run(self.command, input=problem.prompt, capture_output=True, text=True, env=self.environment)
        if not done.stdout:
            raise SystemExit(f"{self.command[0]}: {done.stderr}")
        return {lane["lane"].removeprefix("pocket-"): lane for lane in json.loads(done.stdout)["lanes"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--count", type=int, default=100, help="problems of a kind")
    parser.add_argument("--outside", type=int, default=200, help="prompts from outside of the little world")
    parser.add_argument("--lanes", default="small,flagship,reasoning")
    parser.add_argument("--misses", action="store_true", help="print what was wrong")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    lanes = args.lanes.split(",")
    rows = {name: [make(rng) for _ in range(args.count)] for name, make in TASKS.items()}
    rows["outside of the world"] = outside_prompts(rng, args.outside)
    print("| task | " + " | ".join(f"{lane} | tokens" for lane in lanes) + " |")
    print("|---|" + "---|---:|" * len(lanes))
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(2) as pool:
        examiner = Examiner(args.program, lanes, home)
        for name, problems in rows.items():
            right, spent = defaultdict(int), defaultdict(int)
            for problem, answers in zip(problems, pool.map(examiner.ask, problems)):
                for lane in lanes:
                    got = answers[lane]["answer"].strip()
                    right[lane] += got == problem.answer
                    spent[lane] += answers[lane]["usage"]["completion_tokens"] or 0
                    if args.misses and got != problem.answer:
                        print(f"  {lane}: {problem.prompt!r} -> {got!r}, not {problem.answer!r}; {answers[lane]['reasoning']!r}")
            print("| " + name + " | " + " | ".join(cell(right[lane], len(problems), spent[lane]) for lane in lanes) + " |", flush=True)


def cell(right: int, all_: int, spent: int) -> str:
    low, high = wilson(right, all_)
    return f"{100 * right / all_:.0f} % [{low:.0f}, {high:.0f}] | {spent / all_:.1f}"


if __name__ == "__main__":
    main()
