"""What a small model learns from a larger one: the larger one's own answers, with all it holds likely at each step."""

import torch
from torch.nn import functional as F

import tokens

# Longest answer that the teacher writes where it answers otherwise than the data; what is longer is cut.
OWN_TOKENS = 32


@torch.no_grad()
def answered(teacher, ids, weights):
    """The same questions with the teacher's own greedy answers, and its logits there."""
    logits = teacher(ids[:, :-1])
    is_said = weights[:, 1:] > 0
    strays = ((logits.argmax(-1) != ids[:, 1:]) & is_said).any(1).nonzero().flatten()
    if not len(strays):
        return ids, weights, logits
    ids, weights = F.pad(ids, (0, OWN_TOKENS)), F.pad(weights, (0, OWN_TOKENS))
    ids[strays], weights[strays] = _rewritten(teacher, ids[strays], weights[strays], logits[strays])
    used = int((weights > 0).any(0).nonzero().max()) + 1
    ids, weights = ids[:, :used], weights[:, :used]
    logits = F.pad(logits, (0, 0, 0, OWN_TOKENS))[:, : used - 1]
    logits[strays] = teacher(ids[strays, :-1])
    return ids, weights, logits


def _rewritten(teacher, ids, weights, logits):
    """From the first token that the teacher would not have said, it goes on by itself."""
    long = logits.shape[1] + 1
    is_wrong = (logits.argmax(-1) != ids[:, 1:long]) & (weights[:, 1:long] > 0)
    place = is_wrong.float().argmax(1) + 1
    begin = (weights > 0).float().argmax(1)
    # What was read is kept; each step reads one token more of each row.
    cache = teacher.cache(len(ids), ids.shape[1])
    teacher.read(ids[:, : int(place.max())], torch.zeros_like(place), cache)
    rows, at = torch.arange(len(ids), device=ids.device), place.clone()
    said = logits[rows, place - 1].argmax(-1)
    is_open = torch.ones_like(place, dtype=torch.bool)
    for _ in range(OWN_TOKENS):
        ids[rows[is_open], at[is_open]] = said[is_open]
        is_open &= said != tokens.STOP
        at = torch.where(is_open, at + 1, at)
        if not is_open.any():
            break
        last = (at - 1).clamp(max=ids.shape[1] - 1)
        said = teacher.read(ids[rows, last][:, None], last, cache)[:, -1].argmax(-1)
        is_open &= at < ids.shape[1]
    end = torch.where(is_open, at, at + 1)
    column = torch.arange(ids.shape[1], device=ids.device)[None]
    is_answer = (column >= begin[:, None]) & (column < end[:, None])
    kept = torch.where(weights > 0, weights, torch.ones_like(weights))
    return torch.where(column < end[:, None], ids, 0), torch.where(is_answer, kept, 0.0)


def distilled(model, teacher, ids, weights):
    """Both halves alike: the teacher's answer, and its whole distribution."""
    ids, weights, wanted = answered(teacher, ids, weights)
    is_said = weights[:, 1:] > 0
    logits, target, weight, wanted = model(ids[:, :-1], is_said), ids[:, 1:][is_said], weights[:, 1:][is_said], wanted[is_said]
    hard = F.cross_entropy(logits, target, reduction="none")
    soft = F.kl_div(F.log_softmax(logits, -1), F.log_softmax(wanted, -1), reduction="none", log_target=True).sum(-1)
    return ((0.5 * hard + 0.5 * soft) * weight).sum()
