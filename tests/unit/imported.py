"""What a recipe imports from other projects when it starts, near or far."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def foreign_imports(recipe: Path) -> dict[str, str]:
    """Map each foreign package to the module by which the recipe first comes to it."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [(recipe, recipe.stem)]
    while waiting:
        path, name = waiting.pop(0)
        for imported in _imports(path):
            top = imported.partition(".")[0]
            if top == "dyads":
                parts = imported.split(".")
                modules = {".".join(parts[:end]) for end in range(1, len(parts) + 1)} - seen
                seen |= modules
                waiting += [(own, module) for module in sorted(modules) if (own := _path(module))]
            elif top not in sys.stdlib_module_names:
                found.setdefault(top, name)
    return found


def with_dependencies(packages: list[str]) -> set[str]:
    """Name the packages and all that are installed with them, as the index spells them."""
    found: set[str] = set()
    waiting = [canonicalize_name(package) for package in packages]
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting += _dependencies(package)
    return found


@cache
def _dependencies(package: str) -> list[str]:
    try:
        wanted = [Requirement(text) for text in requires(package) or ()]
    except PackageNotFoundError:
        return []
    return [
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": ""})
    ]


@cache
def _imports(path: Path) -> tuple[str, ...]:
    return tuple(_imports_of(ast.parse(path.read_text(encoding="utf-8")).body))


def _imports_of(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield what runs when a module is imported: not what functions import later."""
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in names if _path(name))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not (
            isinstance(node, ast.If) and re.search(r"\bTYPE_CHECKING\b", ast.unparse(node.test))
        ):
            inner = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)]
            yield from _imports_of(inner)


@cache
def _path(module: str) -> Path | None:
    stem = ROOT / "src" / Path(*module.split("."))
    options = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in options if path.is_file()), None)
