"""Find keys that a text in YAML has twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from dyads.study.faults import Fault


def repeated_keys_of(path: Path) -> list[Fault]:
    """Find keys that a file has twice; a file that is no YAML is told where it is read."""
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeError, yaml.YAMLError):
        return []
    return list(repeated_keys(path.name, tree)) if tree is not None else []


def repeated_keys(file: str, tree: yaml.Node) -> Iterator[Fault]:
    """Find keys that a mapping has twice: YAML would silently keep the last one.

    Parameters
    ----------
    file
        Name of the file for the faults.
    tree
        What was composed from its text. What an alias repeats is looked at once.
    """
    waiting: list[tuple[yaml.Node, tuple[str, ...]]] = [(tree, ())]
    seen: set[int] = set()
    while waiting:
        node, above = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += [(item, above) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            waiting += [(value, (*above, str(key.value))) for key, value in node.value]
            yield from _repeated(file, node, above)


def _repeated(file: str, node: yaml.MappingNode, above: tuple[str, ...]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        name, row = str(key.value), key.start_mark.line + 1
        if name in first:
            expected = f"each key once; line {first[name]} has the same"
            where = ".".join((*above, name))
            yield Fault(file, row, where, name, expected, "Remove or rename one of the two.")
        first.setdefault(name, row)
