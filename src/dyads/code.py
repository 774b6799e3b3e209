"""A digest of the code behind a step, so that a change reruns what it touches and no more.

Python does not tell what a function depends on, so this reads the sources: from the named
modules it follows names to definitions, through this package only, and digests the
definitions it reaches. Comments, docstrings and layout do not count, and neither does the
rest of a module of which one definition is used.

What a module says is kept beside its bytecode, so that a run starts without reading every source
again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

from dyads.files import whole_file

_PACKAGE = "dyads"
_FOLDER = Path(__file__).parent
_HOLDERS = (ast.stmt, ast.excepthandler, ast.match_case)
"""Parts of a statement that may hold further statements."""


def code_version(*modules: str) -> str:
    """Digest the named modules and every definition of this package that they lead to.

    Parameters
    ----------
    modules
        Names such as `dyads.traces.cleaning`.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Raises
    ------
    ModuleNotFoundError
        If a module is not part of the package.
    """
    digest = hashlib.sha256()
    for definition in sorted(reachable(*modules)):
        module, name = definition
        digest.update(f"{module}.{name}\n{_source(module).code[name]}\n".encode())
    return digest.hexdigest()[:16]


def reachable(*modules: str) -> frozenset[tuple[str, str]]:
    """Name the definitions, as (module, name), that the modules lead to, near or far."""
    waiting = [(module, name) for module in modules for name in _source(module).code]
    known: set[tuple[str, str]] = set()
    while waiting:
        definition = waiting.pop()
        if definition not in known:
            known.add(definition)
            waiting.extend(_leads_to(*definition))
    return frozenset(known)


class _Source(NamedTuple):
    """A module as digests of its top-level definitions, what each mentions, and its imports.

    Statements that define nothing are kept under the name `""`. An import is (module, name).
    """

    code: dict[str, str]
    mentions: dict[str, list[str]]
    imports: dict[str, list[str]]


@cache
def _leads_to(module: str, name: str) -> frozenset[tuple[str, str]]:
    source = _source(module)
    found: set[tuple[str, str]] = {(module, "")} if "" in source.code else set()
    for mentioned in source.mentions[name]:
        base, _, attribute = mentioned.partition(".")
        if base in source.code:
            found.add((module, base))
        elif base in source.imports:
            found.update(_definitions(*_resolved(*source.imports[base]), attribute))
    return frozenset(found)


def _definitions(module: str, name: str, attribute: str) -> Iterator[tuple[str, str]]:
    """Yield the definitions behind an imported name, and behind an attribute of a module."""
    if not name:
        names = [attribute] if attribute in _source(module).code else list(_source(module).code)
        yield from ((module, each) for each in names)
    elif name in _source(module).code:
        yield module, name
    elif name in _source(module).imports:
        yield from _definitions(*_resolved(*_source(module).imports[name]), attribute)


def _resolved(module: str, name: str) -> tuple[str, str]:
    """Tell a module that is imported from a package apart from a definition in it."""
    whole = f"{module}.{name}"
    return (whole, "") if _exists(whole) else (module, name)


@cache
def _source(module: str) -> _Source:
    path = _path(module)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    kept = Path(cache_from_source(str(path))).with_suffix(".code.json")
    try:
        known, *parts = json.loads(kept.read_text(encoding="utf-8"))
        if known == digest:
            return _Source(*parts)
    except (OSError, ValueError):
        pass  # not kept yet, or cut off
    source = _parsed(content)
    if not sys.dont_write_bytecode:
        with suppress(OSError), whole_file(kept) as unfinished:
            unfinished.write_text(json.dumps([digest, *source]), encoding="utf-8")
    return source


def _parsed(content: bytes) -> _Source:
    tree = ast.parse(content)
    code: dict[str, list[str]] = {}
    mentions: dict[str, set[str]] = {}
    imports: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        text = ast.unparse(_without_docstrings(node))
        for name in _defines(node):
            code.setdefault(name, []).append(text)
            mentions.setdefault(name, set()).update(_mentions(node))
    for part in _statements(tree):
        imports.update(_imports(part))
    return _Source(
        {name: hashlib.sha256("\n".join(texts).encode()).hexdigest()
         for name, texts in code.items()},
        {name: sorted(names) for name, names in mentions.items()},
        imports,
    )  # fmt: skip


def _imports(node: ast.AST) -> dict[str, list[str]]:
    """Map each local name that the statement imports from this package to module and name."""
    if isinstance(node, ast.ImportFrom) and node.level == 0 and _is_ours(node.module or ""):
        assert node.module is not None
        return {alias.asname or alias.name: [node.module, alias.name] for alias in node.names}
    return {}


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [part.id for target in targets for part in ast.walk(target)
                if isinstance(part, ast.Name)]  # fmt: skip
    if _is_docstring(node):
        return []
    return [""]


def _mentions(node: ast.AST) -> Iterator[str]:
    """Yield every name in the node, and `name.attribute` where an attribute is taken of one."""
    bases: set[int] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            bases.add(id(part.value))
            yield f"{part.value.id}.{part.attr}"
        elif isinstance(part, ast.Name) and id(part) not in bases:
            yield part.id


def _without_docstrings(node: ast.stmt) -> ast.stmt:
    """Take the docstrings out of a statement, for good: nothing else looks at them."""
    for part in _statements(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            kept = [item for item in part.body if not _is_docstring(item)]
            part.body = kept or [ast.Pass()]
    return node


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and those within it, without looking into expressions."""
    yield node
    for part in ast.iter_child_nodes(node):
        if isinstance(part, _HOLDERS):
            yield from _statements(part)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_ours(module: str) -> bool:
    return module == _PACKAGE or module.startswith(f"{_PACKAGE}.")


@cache
def _exists(module: str) -> bool:
    try:
        _path(module)
    except ModuleNotFoundError:
        return False
    return True


def _path(module: str) -> Path:
    stem = _FOLDER.joinpath(*module.split(".")[1:])
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if _is_ours(module) and path.is_file():
            return path
    raise ModuleNotFoundError(f"{module} is no module of the package", name=module)
