"""A file that could do more than hold numbers is looked into before it is opened."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from stand_in_weights import mesh_network, trace, trees

from dyads.errors import StudyError
from dyads.extraction.opening import (
    OPERATORS,
    foreign_operators,
    foreign_types,
    refuse_what_runs,
)
from dyads.extraction.published import MESH, TREES

pytestmark = pytest.mark.detector


def script(path: Path, code: str, member: str = "net/code/__torch__.py") -> Path:
    """Write what the check looks at in a TorchScript file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, code)
    return path


def test_a_traced_network_is_let_through(tmp_path: Path) -> None:
    assert foreign_operators(trace(mesh_network(), tmp_path / "mesh.pt")) == []


def test_trees_as_py_feat_stores_them_are_let_through(tmp_path: Path) -> None:
    from skops.io import dump

    dump(trees(features=20, parts=2, landmarks=2), tmp_path / "trees.skops")
    assert foreign_types(tmp_path / "trees.skops") == []


def test_a_network_that_reaches_for_a_file_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    class Curious(torch.nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return pixels + torch.from_file("/etc/hostname", size=1, dtype=torch.uint8)

    path = tmp_path / "curious.pt"
    torch.jit.save(torch.jit.script(Curious()), str(path))
    assert foreign_operators(path) == ["torch.from_file"]
    monkeypatch.setattr(torch.jit, "load", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(StudyError, match=r"curious\.pt: holds torch\.from_file, which is not"):
        refuse_what_runs({MESH: path})


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(x):\n  return torch.save(x, '/tmp/x')", ["torch.save"]),
        ("def f(x):\n  return ops.aten.from_file('x')", ["ops.aten.from_file"]),
        ("def f(x):\n  return ops.mine.shell('ls')", ["ops.mine.shell"]),
        ("def f(x):\n  return eval('x')", ["eval"]),
        ("def f(x):\n  return torch.relu(torch.load(x))", ["torch.load"]),
        ("def f(x: __torch__.torch.classes.a.B):\n  return (x).forward(1, )", ["torch.classes"]),
        ("def f(x)\n  return x", ["code that cannot be read"]),
        ("def f(x):\n  return torch.relu((self.a).forward(int(x), ))", []),
    ],
)
def test_what_is_not_listed_is_named(tmp_path: Path, code: str, found: list[str]) -> None:
    assert foreign_operators(script(tmp_path / "net.pt", code)) == found


def test_a_class_that_is_no_torchscript_is_found_wherever_it_is_named(tmp_path: Path) -> None:
    path = script(tmp_path / "net.pt", "def f(x):\n  return x")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("net/data.pkl", b"c__torch__.torch.classes.dist_c10d Store")
    assert foreign_operators(path) == ["torch.classes"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "no archive of TorchScript"),
        (b"\x80\x02cos\nsystem\n", "no archive of TorchScript"),
        (b"1234PTMF", "no archive of TorchScript"),
        (b"PK\x03\x04 and no more", "a broken archive"),
    ],
)
def test_another_format_is_not_taken_for_torchscript(
    tmp_path: Path, content: bytes, found: str
) -> None:
    (tmp_path / "net.pt").write_bytes(content)
    assert foreign_operators(tmp_path / "net.pt") == [found]


def test_an_archive_without_code_or_with_two_members_of_one_name_is_foreign(
    tmp_path: Path,
) -> None:
    assert foreign_operators(script(tmp_path / "a.pt", "", "net/data/0")) == ["no code"]
    path = script(tmp_path / "b.pt", "def f(x):\n  return x")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("net/code/__torch__.py", "def f(x):\n  return x")
    assert foreign_operators(path) == ["two members of one name"]


def test_every_listed_operator_exists_and_none_takes_the_name_of_a_file() -> None:
    import torch

    schemas = {name: torch._C._jit_get_schemas_for_operator(f"aten::{name}") for name in OPERATORS}
    assert [name for name, known in schemas.items() if not known] == []
    arguments = {
        argument.name
        for known in schemas.values()
        for schema in known
        for argument in schema.arguments
    }
    assert {"input", "weight"} < arguments
    assert not arguments & {"filename", "file", "path", "name", "url", "fd"}
    # Where a file is named, this is how.
    (opened, _) = torch._C._jit_get_schemas_for_operator("aten::from_file")
    assert "filename" in {argument.name for argument in opened.arguments}


class Stranger:
    """An object that no file of weights should hold."""

    def __init__(self) -> None:
        self.number = 1


def test_trees_with_a_stranger_among_them_are_not_opened(tmp_path: Path) -> None:
    from skops.io import dump

    path = tmp_path / "trees.skops"
    dump({"trees": np.arange(3), "stranger": Stranger()}, path)
    with pytest.raises(StudyError, match=r"trees\.skops: holds .*\.Stranger, which is not"):
        refuse_what_runs({TREES: path})


def test_a_pickle_under_the_name_of_skops_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "trees.skops"
    path.write_bytes(b"\x80\x02cos\nsystem\n")
    with pytest.raises(StudyError, match="no objects that skops knows"):
        refuse_what_runs({TREES: path})
