"""The published instruments that come with the package: their keys, not their items."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml


@cache
def shelved() -> dict[str, dict[str, object]]:
    """Give every instrument of the library by name, as plain data of `Instrument`.

    Items are named by their number or code in the source. A study takes one by its name in its
    own instruments.yaml, `mood: {library: panas}`, and may set anything anew beside that key.
    """
    shelf = files("dyads.ratings") / "library"
    return {
        file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in sorted(shelf.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    }
