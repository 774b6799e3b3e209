"""The conda environments and the lock agree, and name no registry."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from imported import foreign_imports, with_dependencies
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("write_envs", ROOT / "envs/write.py")
assert _spec is not None
assert _spec.loader is not None
write_envs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(write_envs)


@pytest.mark.parametrize("stage", sorted(write_envs.STAGES))
def test_an_environment_has_the_versions_of_the_lock(stage: str) -> None:
    text = (ROOT / f"envs/{stage}.yaml").read_text(encoding="utf-8")
    assert text == write_envs.environment(write_envs.STAGES[stage]), "run `make lock`"


def test_every_environment_of_a_rule_exists_and_every_one_is_used() -> None:
    used = {
        name
        for rules in (ROOT / "rules").glob("*.smk")
        for name in re.findall(r"envs/(\w+)\.yaml", rules.read_text(encoding="utf-8"))
    }
    assert used == set(write_envs.STAGES)


def test_an_environment_has_whatever_the_recipes_of_its_rules_import() -> None:
    known = packages_distributions()
    missing, recipes = [], 0
    for stage, packages in write_envs.STAGES.items():
        installed = with_dependencies(list(packages))
        for recipe in recipes_of(stage):
            recipes += 1
            for package, module in foreign_imports(recipe).items():
                names = {canonicalize_name(name) for name in known.get(package, [package])}
                if not names & installed:
                    missing.append(f"{stage}: {recipe.stem} needs {package} through {module}")
    assert recipes > 0
    assert not missing, "\n".join(missing)


def recipes_of(stage: str) -> list[Path]:
    """Recipes of the rules that run in an environment."""
    rules = [
        rule
        for file in sorted((ROOT / "rules").glob("*.smk"))
        for rule in re.split(r"^rule ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        if f"envs/{stage}.yaml" in rule
    ]
    return [ROOT / "workflow" / path for rule in rules
            for path in re.findall(r"\.\./workflow/(scripts/\w+\.py)", rule)]  # fmt: skip


def test_what_a_module_imports_in_a_function_is_not_needed_to_start(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.py"
    recipe.write_text(
        "import numpy\nfrom dyads import wording\ntry:\n    import scipy.stats\nexcept ImportError:"
        "\n    pass\n\ndef draw():\n    import matplotlib\n",
        encoding="utf-8",
    )
    assert foreign_imports(recipe) == {"numpy": "recipe", "scipy": "recipe"}


@pytest.mark.parametrize("name", ["lock.txt", "bootstrap.txt"])
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "envs" / name).read_text(encoding="utf-8")
    assert "://" not in text
    packages = re.findall(r"^\S+==\S+.*$", text, flags=re.MULTILINE)
    assert packages
    assert all(line.rstrip().endswith("\\") for line in packages)
