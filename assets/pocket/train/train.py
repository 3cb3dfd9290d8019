"""Trains one of the four: base, reasoning, flagship, small; the small one in two stages.

    python train.py base --out build          pretrained on plain text
    python train.py reasoning --out build     from the base: a question, the working, the answer
    python train.py flagship --out build      from the base: a question, the answer
    python train.py pupil --out build         of the small one's shape: a question, the answer
    python train.py small --out build         the pupil, distilled from the flagship

Goes on where it was interrupted. A GPU is used when there is one; two processor cores do as well, in hours.
"""

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path

import torch
from torch.nn import functional as F

import data
import tokens
from distil import distilled
from model import LARGE, SMALL, Model, loaded

STEPS = {"base": 1600, "reasoning": 5000, "flagship": 4500, "pupil": 6000, "small": 1000}
RATE = {"base": 1.5e-2, "reasoning": 1e-2, "flagship": 1e-2, "pupil": 2e-2, "small": 5e-3}
MAKERS = {"base": data.text_of_base, "reasoning": data.reasoned, "flagship": data.direct, "pupil": data.direct, "small": data.direct}
SEEDS = {"base": 11, "reasoning": 12, "flagship": 13, "pupil": 14, "small": 15}
# What a stage goes on from, and whom it learns from.
FROM = {"reasoning": "base", "flagship": "base", "small": "pupil"}
TEACHERS = {"small": "flagship"}
WARM_UP = 100
EXAMINED_EVERY = 250
SAVED_EVERY = 100


def rate_at(step: int, steps: int) -> float:
    """Rises, stays, and falls to nothing over the last 60 %."""
    return min(1.0, (step + 1) / WARM_UP, (steps - step) / (0.6 * steps))


def optimizers(model: Model, rate: float):
    """Muon for the matrices inside, AdamW for embeddings, output and norms."""
    inside = [p for name, p in model.named_parameters() if p.dim() == 2 and name.startswith("blk.")]
    rest = [p for name, p in model.named_parameters() if not (p.dim() == 2 and name.startswith("blk."))]
    return [
        torch.optim.Muon(inside, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=0.01),
    ]


@torch.no_grad()
def examined(model: Model, make, device, count: int = 1500) -> str:
    """The share of unseen examples, by kind, of which every token to be said would be said."""
    model.eval()
    right, all_ = defaultdict(int), defaultdict(int)
    parts = data.parts(make, 999)
    while sum(all_.values()) < count:
        group = next(parts)
        ids, weights = data.tensors(group, device)
        said = model(ids[:, :-1]).argmax(-1)
        is_right = ((said == ids[:, 1:]) | (weights[:, 1:] == 0)).all(1)
        for example, fine in zip(group, is_right.tolist()):
            right[example.kind] += fine
            all_[example.kind] += 1
    model.train()
    return " ".join(f"{kind} {100 * right[kind] / all_[kind]:.0f}" for kind in sorted(all_))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=STEPS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--start", type=Path, help="a checkpoint to go on from, instead of the one that the stage goes on from")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seed", type=int, help="of the examples; another one than before where it goes on from a checkpoint")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # Numbers that small are nothing to what is learned, and slow.
    torch.set_flush_denormal(True)
    torch.manual_seed(SEEDS[args.stage])
    args.out.mkdir(parents=True, exist_ok=True)
    done, half = args.out / f"{args.stage}.pt", args.out / f"{args.stage}.part.pt"
    if done.exists():
        print(f"{done} is there already")
        return
    train(args, device, done, half)


def train(args, device: str, done: Path, half: Path) -> None:
    steps, make = args.steps or STEPS[args.stage], MAKERS[args.stage]
    if args.start:
        model = loaded(args.start, device)
    elif args.stage in FROM:
        model = loaded(args.out / f"{FROM[args.stage]}.pt", device)
    else:
        model = Model(SMALL if args.stage == "pupil" else LARGE, tokens.SIZE).to(device)
    teacher = loaded(args.out / f"{TEACHERS[args.stage]}.pt", device).eval() if args.stage in TEACHERS else None
    rate = args.rate or RATE[args.stage]
    both, first = optimizers(model, rate), 0
    if half.exists():
        saved = torch.load(half, map_location=device, weights_only=True)
        model.load_state_dict(saved["weights"])
        for optimizer, state in zip(both, saved["optimizers"]):
            optimizer.load_state_dict(state)
        first = saved["step"]
    print(f"{args.stage}: {sum(p.numel() for p in model.parameters())} parameters, {device}, from step {first} of {steps}", flush=True)
    # Begun anew, the examples are other ones.
    parts = data.parts(make, (args.seed or SEEDS[args.stage]) + 1000 * first)
    began, seen, mean = time.monotonic(), 0, None
    for step in range(first, steps):
        for optimizer in both:
            for group in optimizer.param_groups:
                group["lr"] = rate * rate_at(step, steps)
            optimizer.zero_grad()
        batch = [data.tensors(next(parts), device) for _ in range(data.PARTS)]
        whole, loss = sum(weights.sum() for _, weights in batch), 0.0
        for ids, weights in batch:
            part = distilled(model, teacher, ids, weights) if teacher else learned(model, ids, weights)
            part = part / whole
            part.backward()
            loss += part.item()
            seen += ids.numel()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            optimizer.step()
        mean = loss if mean is None else 0.98 * mean + 0.02 * loss
        if step % 50 == 49:
            took = time.monotonic() - began
            print(f"{step + 1} loss {mean:.4f} {seen / took:.0f} tok/s {took:.0f} s", flush=True)
        if step % EXAMINED_EVERY == EXAMINED_EVERY - 1:
            print("  right:", examined(model, make, device), flush=True)
        if step % SAVED_EVERY == SAVED_EVERY - 1:
            state = {"weights": model.state_dict(), "optimizers": [o.state_dict() for o in both], "step": step + 1}
            torch.save(state, half.with_suffix(".new"))
            half.with_suffix(".new").replace(half)
    torch.save(model.saved(), done)
    half.unlink(missing_ok=True)


def learned(model: Model, ids, weights):
    is_said = weights[:, 1:] > 0
    each = F.cross_entropy(model(ids[:, :-1], is_said), ids[:, 1:][is_said], reduction="none")
    return (each * weights[:, 1:][is_said]).sum()


if __name__ == "__main__":
    random.seed(0)
    main()
