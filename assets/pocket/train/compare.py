"""Asks the pocket models through the program and through llama.cpp's own server, and says where the texts differ.

    python compare.py target/release/tierscope path/to/llama-server [--count N]

The prompts are those of `prompts/pocket-*.toml`, spread evenly over the files. Sampling is greedy on both sides; the
template, the tokenizer and the end of an answer are the model's own. Needs no package.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

POCKET = Path(__file__).parent.parent
PROMPTS = POCKET.parent.parent / "prompts"
PORT = 18080
# As the program's own lane of the base model has it; the others end by themselves.
LONGEST = {"base": 96, "small": 600, "flagship": 600, "reasoning": 600}


def prompts(count: int) -> list[str]:
    all_ = [prompt["prompt"] for path in sorted(PROMPTS.glob("pocket-*.toml")) for prompt in tomllib.loads(path.read_text("utf-8"))["prompt"]]
    return [all_[i * len(all_) // count] for i in range(min(count, len(all_)))]


@contextmanager
def served(server: str, model: Path):
    command = [server, "--model", str(model), "--port", str(PORT), "--jinja", "--reasoning-format", "none", "--parallel", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                try:
                    posted("health", None)
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


def posted(path: str, body: dict | None) -> dict:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/{path}", data, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def theirs(tier: str, prompt: str) -> str:
    body = {"temperature": 0, "max_tokens": LONGEST[tier], "n_predict": LONGEST[tier]}
    if tier == "base":
        return posted("completion", {**body, "prompt": prompt})["content"]
    return posted("v1/chat/completions", {**body, "messages": [{"role": "user", "content": prompt}]})["choices"][0]["message"]["content"]


def ours(program: str, home: str, tier: str, prompt: str) -> str:
    command = [os.path.abspath(program), "ask", "--format", "json", "--max-tokens", str(LONGEST[tier]), "--lane", f"pocket-{tier}", "-"]
    done = subprocess.run(command, input=prompt, capture_output=True, encoding="utf-8", env={**os.environ, "TIERSCOPE_HOME": home})
    if not done.stdout:
        raise SystemExit(f"{program}: {done.stderr}")
    lane = json.loads(done.stdout)["lanes"][0]
    thought = f"<think>{lane['reasoning']}</think>" if lane["reasoning"] else ""
    return thought + lane["answer"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("server")
    parser.add_argument("--count", type=int, default=50)
    args = parser.parse_args()
    asked = prompts(args.count)
    for tier in LONGEST:
        with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(2) as pool, served(args.server, POCKET / f"pocket-{tier}.gguf"):
            mine = list(pool.map(lambda prompt: ours(args.program, home, tier, prompt), asked))
            other = [theirs(tier, prompt) for prompt in asked]
        same = [a.strip() == b.strip() for a, b in zip(mine, other)]
        print(f"pocket-{tier}: {sum(same)} of {len(asked)} alike", flush=True)
        for prompt, a, b, is_same in zip(asked, mine, other, same):
            if not is_same:
                print(f"  {prompt!r}\n    ours   {a!r}\n    theirs {b!r}")


if __name__ == "__main__":
    main()
