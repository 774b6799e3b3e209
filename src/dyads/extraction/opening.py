"""Look into files of weights that could do more than hold numbers, before they are opened.

Safetensors, JSON, arrays without pickles and torch's `weights_only` hold numbers and text.
A skops file names the types of the objects in it, and a TorchScript file brings code; both are
let through only if everything in them is on a list here.
"""

from __future__ import annotations

import ast
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from dyads.errors import StudyError
from dyads.extraction.published import PublishedFile

TREE_TYPES: Final = frozenset(
    {
        "feat.au_detectors.StatLearning.SL_test.XGBClassifier",
        "xgboost.core.Booster",
        "xgboost.sklearn.XGBClassifier",
    }
)
"""Types beside those that skops trusts itself (numbers, arrays, scikit-learn's models)."""

OPERATORS: Final = frozenset(
    {
        "_convolution", "abs", "adaptive_avg_pool2d", "add", "add_", "addmm", "avg_pool2d",
        "batch_norm", "bmm", "broadcast_to", "cat", "ceil", "chunk", "clamp", "clamp_max",
        "clamp_min", "clone", "concat", "constant_pad_nd", "contiguous", "conv1d", "conv2d",
        "conv_transpose2d", "detach", "div", "dropout", "eq", "exp", "expand", "expand_as",
        "flatten", "floor", "floor_divide", "full", "gather", "ge", "gt", "hardtanh", "index",
        "index_select", "layer_norm", "le", "leaky_relu", "len", "linear", "lt", "matmul", "max",
        "max_pool2d", "maximum", "mean", "min", "minimum", "mm", "mul", "narrow", "ne", "neg",
        "ones", "pad", "permute", "pow", "prelu", "reciprocal", "relu", "relu6", "relu_", "repeat",
        "reshape", "rsqrt", "rsub", "select", "sigmoid", "silu", "size", "slice", "softmax",
        "split", "split_with_sizes", "sqrt", "squeeze", "stack", "sub", "sum", "swapaxes", "t",
        "tanh", "tensor", "to", "transpose", "type_as", "unbind", "unflatten", "unsqueeze",
        "upsample_bilinear2d", "upsample_nearest2d", "view", "where", "zeros",
    }
)  # fmt: skip
"""Operators on tensors and numbers: none reaches a file, a process or a device."""

_PRIMITIVES: Final = frozenset({"ops.prim.NumToTensor", "ops.prim.unchecked_unwrap_optional"})
_CONVERSIONS: Final = frozenset({"annotate", "bool", "float", "getattr", "int", "unchecked_cast"})
_ZIP: Final = b"PK\x03\x04"
_FOREIGN_CLASSES: Final = b"torch.classes"


def refuse_what_runs(files: Mapping[PublishedFile, Path]) -> None:
    """Stop before files are opened of which one holds a type or an operator that is not listed.

    Raises
    ------
    StudyError
        Naming each such file and what was found in it.
    """
    faults = [
        f"{path}: holds {', '.join(foreign)}, which is not on the list of what such a file may "
        f"hold, so it is not opened. Use extraction.detector: Detectorv2, and tell the authors "
        "of dyads."
        for published, path in files.items()
        if (foreign := _foreign(published, path))
    ]
    if faults:
        raise StudyError("\n".join(faults))


def foreign_types(path: Path) -> list[str]:
    """Name the types in a skops file that are not listed."""
    from skops.io import get_untrusted_types  # type: ignore[import-untyped]  # skops has no types

    try:
        return sorted(set(get_untrusted_types(file=path)) - TREE_TYPES)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as fault:
        return [f"no objects that skops knows ({fault})"]


def foreign_operators(path: Path) -> list[str]:
    """Name what the code of a TorchScript file calls that is not listed.

    Notes
    -----
    The code lies in the file as text in the grammar of Python. Calls of its own modules are fine,
    as their code lies in the same file. Classes that are not written in TorchScript are foreign,
    wherever they are named.
    """
    if path.read_bytes()[: len(_ZIP)] != _ZIP:
        # Torch would take it for another of its formats, whose code is not looked at here.
        return ["no archive of TorchScript"]
    found: set[str] = set()
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        return ["a broken archive"]
    with archive:
        names = archive.namelist()
        if len(set(names)) < len(names):
            found.add("two members of one name")
        codes = [name for name in names if name.endswith(".py")]
        if not codes:
            found.add("no code")
        for name in codes:
            found.update(_calls(archive.read(name)))
        if any(_FOREIGN_CLASSES in archive.read(name) for name in names):
            found.add("torch.classes")
    return sorted(found)


def _foreign(published: PublishedFile, path: Path) -> list[str]:
    if published.format == "skops":
        return foreign_types(path)
    if published.format == "TorchScript":
        return foreign_operators(path)
    return []


def _calls(code: bytes) -> Iterator[str]:
    """Give the calls in a text of TorchScript that are not listed."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        yield "code that cannot be read"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not _is_listed(node.func):
            yield ast.unparse(node.func)


def _is_listed(called: ast.expr) -> bool:
    name = ast.unparse(called)
    root = name.split(".")[0]
    if root == "torch":
        return name.removeprefix("torch.") in OPERATORS
    if root == "ops":
        return name in _PRIMITIVES
    is_own = isinstance(called, ast.Attribute) and (called.attr == "forward" or root == "__torch__")
    return is_own or name in _CONVERSIONS
