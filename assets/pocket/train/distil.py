"""What a small model learns from a larger one: the larger one's own answers, with all it holds likely at each step."""

import torch
from torch.nn import functional as F

import tokens

# How many tokens the teacher writes where it answers otherwise than the data.
OWN_TOKENS = 24


@torch.no_grad()
def answered(teacher, ids, weights):
    """The same questions with the teacher's own greedy answers, and its logits there."""
    logits = teacher(ids[:, :-1])
    is_said = weights[:, 1:] > 0
    strays = ((logits.argmax(-1) != ids[:, 1:]) & is_said).any(1).nonzero().flatten()
    if len(strays):
        ids, weights = ids.clone(), weights.clone()
        _rewrite(teacher, ids, weights, logits, strays)
        logits = teacher(ids[:, :-1])
    return ids, weights, logits


def _rewrite(teacher, ids, weights, logits, strays) -> None:
    """From the first token that the teacher would not have said, it goes on by itself."""
    wrong = (logits[strays].argmax(-1) != ids[strays, 1:]) & (weights[strays, 1:] > 0)
    first = wrong.float().argmax(1) + 1
    rows, place, long = ids[strays], first.clone(), ids.shape[1]
    end = torch.full_like(first, long)
    at = torch.arange(len(strays), device=ids.device)
    for _ in range(OWN_TOKENS):
        is_open = (place < end) & (place < long)
        if not is_open.any():
            break
        said = teacher(rows[:, : int(place.max())])[at, (place - 1).clamp(max=long - 2)].argmax(-1)
        rows[at[is_open], place[is_open]] = said[is_open]
        end = torch.where(is_open & (said == tokens.STOP), place + 1, end)
        place = place + is_open.long()
    column = torch.arange(long, device=ids.device)[None]
    is_answer = (column >= (weights[strays] > 0).float().argmax(1)[:, None]) & (column < place[:, None])
    ids[strays] = torch.where(column < place[:, None], rows, 0)
    weights[strays] = torch.where(is_answer, torch.where(weights[strays] > 0, weights[strays], 1.0), 0.0)


def distilled(model, teacher, ids, weights):
    """Both halves alike: the teacher's answer, and its whole distribution."""
    ids, weights, wanted = answered(teacher, ids, weights)
    logits, target, weight = model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten(), weights[:, 1:].flatten()
    is_said = weight > 0
    logits, target, weight, wanted = logits[is_said], target[is_said], weight[is_said], wanted.flatten(0, 1)[is_said]
    hard = F.cross_entropy(logits, target, reduction="none")
    soft = F.kl_div(F.log_softmax(logits, -1), F.log_softmax(wanted, -1), reduction="none", log_target=True).sum(-1)
    return ((0.5 * hard + 0.5 * soft) * weight).sum()
