"""Examines the pocket models through the program itself, and prints a table with Wilson intervals.

    python evaluate.py target/release/tierscope [--seed N] [--count N] [--lanes small,flagship,reasoning] [--misses]
                       [--models FOLDER] [--speed] [--never]

The problems are fresh: of the seed given here, and never of those that the models were trained on (see
`Problem.is_held_out`). Weekdays, facts and manners are small worlds that are trained on whole; what is new there is how
they are put. The last rows are prompts written apart from the training data: `wordings_test.jsonl`, in wordings that no
training saw, and `outside_test.txt`. Without `--models` it is the files inside the program that are examined. Needs no
package.
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
from outside import outside, repeated
from problem import Problem

HERE = Path(__file__).parent


def fresh(rng: random.Random, make, is_fit=lambda _: True) -> Problem:
    while True:
        found = make(rng)
        if found.is_held_out() and is_fit(found):
            return found


def factors(rng: random.Random, first: int, second: int) -> Problem:
    """No factor is 0 or 1."""
    return fresh(rng, lambda r: sums.product(r, (first, second)), lambda p: min(int(n) for n in p.key.split(" ")[1:]) > 1)


def digits(make, shortest: int, longest: int, both: bool = False):
    """Problems whose longer number, or both, has so many digits."""

    def exact(rng: random.Random) -> Problem:
        while True:
            found = make(rng, longest)
            if (min if both else max)(len(n) for n in found.key.split(" ")[1:]) >= shortest:
                return found

    return exact


TASKS = {
    "sums, 1 to 2 digits": lambda rng: fresh(rng, digits(sums.sum_, 1, 2)),
    "sums, 3 to 5 digits": lambda rng: fresh(rng, digits(sums.sum_, 3, 5)),
    "sums, 5 digits each": lambda rng: fresh(rng, digits(sums.sum_, 5, 5, both=True)),
    "differences, 1 to 2 digits": lambda rng: fresh(rng, digits(sums.difference, 1, 2)),
    "differences, 3 to 5 digits": lambda rng: fresh(rng, digits(sums.difference, 3, 5)),
    "products, 3 digits by 1": lambda rng: factors(rng, 3, 1),
    "products, 2 digits by 2": lambda rng: factors(rng, 2, 2),
    "which decimal is larger": lambda rng: fresh(rng, sums.comparison),
    "letter counts": lambda rng: fresh(rng, letters.count),
    "letter counts of 2 and more": lambda rng: fresh(rng, letters.count, lambda p: int(p.answer) > 1),
    "word lengths": lambda rng: fresh(rng, letters.length),
    "reversing": lambda rng: fresh(rng, letters.reverse),
    "sorting": lambda rng: fresh(rng, letters.sort),
    "weekdays": world.weekdays,
    "facts": world.fact,
    "manners": world.manners,
}


# What the rows above seldom draw; of problems of their own, so that those stay what they are.
HARDER = {
    "differences of near or equally long numbers": lambda rng: fresh(rng, lambda r: sums.near_difference(r, 5)),
    "one character over and over": repeated,
}


def never_trained_on(rng: random.Random, count: int) -> dict[str, list[Problem]]:
    """The rows whose problems may have been seen in the other order once, of those that were not: few, each once."""

    def drawn(make, is_fit) -> list[Problem]:
        found: dict[tuple, Problem] = {}
        for _ in range(400_000):
            problem = make(rng)
            if problem.was_never_trained_on() and is_fit(problem):
                found.setdefault(tuple(sorted(problem.key.split(" "))), problem)
            if len(found) == count:
                break
        return list(found.values())

    numbers = lambda problem: problem.key.split(" ")[1:]
    is_none_0_or_1 = lambda problem: min(int(n) for n in numbers(problem)) > 1
    return {
        "sums, 1 to 2 digits": drawn(lambda r: sums.sum_(r, 2), lambda _: True),
        "sums, 3 to 5 digits": drawn(lambda r: sums.sum_(r, 5), lambda problem: max(map(len, numbers(problem))) >= 3),
        "products, 3 digits by 1": drawn(lambda r: sums.product(r, (3, 1)), is_none_0_or_1),
        "products, 2 digits by 2": drawn(lambda r: sums.product(r, (2, 2)), is_none_0_or_1),
        "which decimal is larger": drawn(sums.comparison, lambda _: True),
    }


def new_wordings() -> list[Problem]:
    lines = (HERE / "wordings_test.jsonl").read_text("utf-8").splitlines()
    return [Problem(row["kind"], row["prompt"], row["prompt"], "", row["answer"]) for row in map(json.loads, lines)]


def outside_prompts(rng: random.Random, count: int) -> list[Problem]:
    written = [line.replace("\\n", "\n") for line in (HERE / "outside_test.txt").read_text("utf-8").splitlines()]
    noise = ["".join(chr(rng.randint(33, 126)) for _ in range(400)) for _ in range(5)]
    made = [outside(rng).prompt for _ in range(max(0, count - len(written) - len(noise)))]
    return [Problem("outside", prompt, prompt, "", FALLBACK) for prompt in written + noise + made]


def exam(rng: random.Random, args) -> dict[str, list[Problem]]:
    rows = {name: [make(rng) for _ in range(args.count)] for name, make in TASKS.items()}
    harder = random.Random(args.seed)
    rows |= {name: [make(harder) for _ in range(args.count)] for name, make in HARDER.items()}
    new = new_wordings()
    rows["outside of the world"] = outside_prompts(rng, args.outside)
    rows["in new wordings"] = [problem for problem in new if problem.kind != "outside"]
    rows["outside, in new wordings"] = [problem for problem in new if problem.kind == "outside"]
    return rows


def wilson(right: int, all_: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion."""
    z, share = 1.959964, right / all_
    middle, spread = share + z * z / (2 * all_), z * (share * (1 - share) / all_ + z * z / (4 * all_ * all_)) ** 0.5
    return tuple(100 * (middle + sign * spread) / (1 + z * z / all_) for sign in (-1, 1))


class Examiner:
    def __init__(self, program: str, lanes: list[str], home: str, effort: str | None = None):
        self.command = [os.path.abspath(program), "ask", "--format", "json", "--max-tokens", "600", "-"]
        for lane in lanes:
            self.command += ["--lane", f"pocket-{lane}"]
        if effort:
            self.command += ["--effort", effort]
        self.environment = {**os.environ, "TIERSCOPE_HOME": home}

    def ask(self, problem: Problem) -> dict:
        done = subprocess.run(self.command, input=problem.prompt, capture_output=True, encoding="utf-8", env=self.environment)
        if not done.stdout:
            raise SystemExit(f"{self.command[0]}: {done.stderr}")
        return {lane["lane"].removeprefix("pocket-"): lane for lane in json.loads(done.stdout)["lanes"]}


def write_lanes(home: Path, folder: Path, lanes: list[str]) -> None:
    lane = lambda name: f'[[lane]]\nname = "pocket-{name}"\nprovider = "local"\npath = {json.dumps(str(folder / f"pocket-{name}.gguf"))}\ntemperature = 0.0\n'
    (home / "config.toml").write_text("\n".join(map(lane, lanes)), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--count", type=int, default=100, help="problems of a kind")
    parser.add_argument("--outside", type=int, default=200, help="prompts from outside of the little world")
    parser.add_argument("--lanes", default="small,flagship,reasoning")
    parser.add_argument("--effort", help="such as none, which turns thinking off")
    parser.add_argument("--models", type=Path, help="a folder with the files to examine, instead of those inside the program")
    parser.add_argument("--speed", action="store_true", help="only how fast each is, alone, one after another")
    parser.add_argument("--never", action="store_true", help="only what was never trained on in any order, not by the first part either")
    parser.add_argument("--misses", action="store_true", help="print what was wrong")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    lanes = args.lanes.split(",")
    if args.speed:
        return print_speeds(args, lanes)
    rows = never_trained_on(rng, args.count) if args.never else exam(rng, args)
    print("| task | " + " | ".join(f"{lane} | tokens" for lane in lanes) + " |")
    print("|---|" + "---|---:|" * len(lanes))
    endless, asked = defaultdict(int), 0
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(2) as pool:
        if args.models:
            write_lanes(Path(home), args.models.resolve(), lanes)
        examiner = Examiner(args.program, lanes, home, args.effort)
        for name, problems in rows.items():
            right, spent = defaultdict(int), defaultdict(int)
            asked += len(problems)
            for problem, answers in zip(problems, pool.map(examiner.ask, problems)):
                for lane in lanes:
                    got = answers[lane]["answer"].strip()
                    right[lane] += got == problem.answer
                    endless[lane] += answers[lane]["finish_reason"] != "stop"
                    spent[lane] += answers[lane]["usage"]["completion_tokens"] or 0
                    if args.misses and got != problem.answer:
                        print(f"  {lane}: {problem.prompt!r} -> {got!r}, not {problem.answer!r}; {answers[lane]['reasoning']!r}")
            print("| " + name + " | " + " | ".join(cell(right[lane], len(problems), spent[lane]) for lane in lanes) + " |", flush=True)
    print("\nanswers that did not end by themselves, of " + str(asked) + ": " + ", ".join(f"{lane} {endless[lane]}" for lane in lanes))


def print_speeds(args, lanes: list[str]) -> None:
    """Each alone, in turns, with the same prompts: all of them have long answers."""
    asked = outside_prompts(random.Random(0), 40)
    spent, took = defaultdict(int), defaultdict(float)
    with tempfile.TemporaryDirectory() as home:
        if args.models:
            write_lanes(Path(home), args.models.resolve(), lanes)
        alone = {lane: Examiner(args.program, [lane], home, args.effort) for lane in lanes}
        for problem in asked:
            for lane, examiner in alone.items():
                got = examiner.ask(problem)[lane]
                # The engine's own clock: what passes between the program's parts is left out.
                spent[lane] += got["usage"]["completion_tokens"]
                took[lane] += got["server"]["decode_ms"] / 1000
    print("tokens per second: " + ", ".join(f"{lane} {spent[lane] / took[lane]:.0f}" for lane in lanes))
    first = lanes[0]
    print(f"times the speed of others, {first}: " + ", ".join(f"{spent[first] / took[first] / (spent[lane] / took[lane]):.1f} ({lane})" for lane in lanes[1:]))


def cell(right: int, all_: int, spent: int) -> str:
    low, high = wilson(right, all_)
    return f"{100 * right / all_:.0f} % [{low:.0f}, {high:.0f}] | {spent / all_:.1f}"


if __name__ == "__main__":
    main()
