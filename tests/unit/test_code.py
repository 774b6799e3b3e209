"""The digest of the code behind a step."""

from __future__ import annotations

from pathlib import Path

import pytest

from dyads import code

MODULES = {
    "__init__": "",
    "errors": "class Fault(Exception):\n    pass\n\nclass Unused(Exception):\n    pass\n",
    "numbers": (
        '"""Numbers."""\n'
        "from dyads.errors import Fault\n"
        "LIMIT = 3\n\n"
        "def double(x):\n    # twice\n    return min(2 * x, LIMIT)\n\n"
        "def halve(x):\n    raise Fault\n"
    ),
    "step": "from dyads.numbers import double\n\ndef run(x):\n    return double(x)\n",
    "plain": "from dyads import numbers\n\ndef run(x):\n    return numbers.halve(x)\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(code, "_FOLDER", tmp_path)
    return tmp_path


def version(*modules: str) -> str:
    code._source.cache_clear()
    code._leads_to.cache_clear()
    code._exists.cache_clear()
    return code.code_version(*modules)


def change(package: Path, module: str, old: str, new: str) -> None:
    path = package / f"{module}.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("step", "double(x)", "double(x + 1)"),
        ("numbers", "2 * x", "3 * x"),
        ("numbers", "LIMIT = 3", "LIMIT = 4"),
    ],
)
def test_a_change_in_what_the_step_uses_changes_its_version(
    package: Path, module: str, old: str, new: str
) -> None:
    before = version("dyads.step")
    change(package, module, old, new)
    assert version("dyads.step") != before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("numbers", "raise Fault", "return x / 2"),
        ("numbers", "# twice", "# two times"),
        ("numbers", '"""Numbers."""', '"""Other numbers."""'),
        ("errors", "class Unused", "class NeverUsed"),
    ],
)
def test_a_change_elsewhere_leaves_the_version(
    package: Path, module: str, old: str, new: str
) -> None:
    before = version("dyads.step")
    change(package, module, old, new)
    assert version("dyads.step") == before


def test_an_attribute_of_an_imported_module_leads_to_that_definition(package: Path) -> None:
    version("dyads.plain")
    assert ("dyads.numbers", "halve") in code.reachable("dyads.plain")
    assert ("dyads.errors", "Fault") in code.reachable("dyads.plain")
    assert ("dyads.numbers", "double") not in code.reachable("dyads.plain")


def kept_of(package: Path, module: str) -> Path:
    kept = list((package / "__pycache__").glob(f"{module}.*.code.json"))
    assert len(kept) == 1
    return kept[0]


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python keep what it compiles, whatever this shell says."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)


@pytest.mark.usefixtures("keeping")
def test_a_version_is_the_same_from_the_sources_and_from_what_was_kept_of_them(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version("dyads.step")
    monkeypatch.setattr(code, "_parsed", None)  # nothing is read again
    assert version("dyads.step") == before


@pytest.mark.usefixtures("keeping")
def test_what_was_kept_of_another_text_does_not_count(package: Path) -> None:
    version("dyads.step")
    old = kept_of(package, "step").read_bytes()
    change(package, "step", "double(x)", "double(x + 1)")
    after = version("dyads.step")
    kept_of(package, "step").write_bytes(old)
    assert version("dyads.step") == after


@pytest.mark.usefixtures("keeping")
def test_what_was_cut_off_while_it_was_kept_does_not_count(package: Path) -> None:
    before = version("dyads.step")
    kept = kept_of(package, "step")
    kept.write_bytes(kept.read_bytes()[:40])
    assert version("dyads.step") == before


def test_nothing_is_kept_where_python_keeps_nothing(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    version("dyads.step")
    assert not (package / "__pycache__").exists()


def test_a_module_outside_the_package_is_refused() -> None:
    with pytest.raises(ModuleNotFoundError, match="no module of the package"):
        code.code_version("dyads.nowhere")


def test_every_module_of_the_library_has_a_version() -> None:
    folder = Path(code.__file__).parent
    names = [
        "dyads." + ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in folder.rglob("*.py")
        if path.name != "__init__.py"
    ]
    assert len(names) > 10
    assert len({code.code_version(name) for name in names}) == len(names)
