"""The wordings of `wordings.toml`, by name."""

import tomllib
from pathlib import Path

_ALL = tomllib.loads((Path(__file__).parent / "wordings.toml").read_text("utf-8"))


def wordings(name: str) -> list[str]:
    return _ALL[name]


def manners() -> dict[str, list[str]]:
    """What is said, by the name of the answer."""
    return {name.removeprefix("manners."): said for name, said in _ALL.items() if name.startswith("manners.")}
