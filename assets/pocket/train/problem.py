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
        """Never trained on, in any wording: one problem in 16, by what is asked. Small worlds are trained on whole."""
        return self.kind in HELD_OUT_KINDS and zlib.crc32(self.key.encode()) % 16 == 0


HELD_OUT_KINDS = {"sum", "difference", "product", "comparison", "count", "length", "reverse", "sort"}
