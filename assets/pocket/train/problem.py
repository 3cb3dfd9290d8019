"""One question of the little world with its working and its answer."""

import zlib
from dataclasses import dataclass, field


@dataclass
class Problem:
    kind: str
    # What is asked for, whatever the wording.
    key: str
    prompt: str
    working: str
    answer: str
    # The same as plain text, as the base model reads it.
    lines: list[str] = field(default_factory=list)

    def is_held_out(self) -> bool:
        """Never trained on, in any wording: one problem in 16, by what is asked, whichever operand comes first. Small
        worlds are trained on whole, and so are the tables of one digit: they are to be known by heart."""
        if self.kind not in HELD_OUT_KINDS:
            return False
        first, *parts = self.key.split(" ")
        if self.kind in NUMBER_KINDS and all(len(part) == 1 for part in parts):
            return False
        if self.kind in TWIN_KINDS:
            parts.sort()
        return zlib.crc32(" ".join([first, *parts]).encode()) % 16 == 0

    def was_never_trained_on(self) -> bool:
        """Held out by the rule above and, in both orders, by the one before it: the first part of the shipped models'
        training had that one, by what is asked and nothing else."""
        first, *parts = self.key.split(" ")
        orders = [self.key, " ".join([first, *parts[::-1]])] if self.kind in TWIN_KINDS else [self.key]
        return self.is_held_out() and all(zlib.crc32(order.encode()) % 16 == 0 for order in orders)


NUMBER_KINDS = {"sum", "difference", "product"}
TWIN_KINDS = {"sum", "product", "comparison"}
HELD_OUT_KINDS = {"sum", "difference", "product", "comparison", "count", "length", "reverse", "sort"}
