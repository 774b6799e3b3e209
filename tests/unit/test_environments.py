"""The conda environments and the lock agree, and name no registry."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("name", ["lock.txt", "bootstrap.txt"])
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "envs" / name).read_text(encoding="utf-8")
    assert "://" not in text
    packages = re.findall(r"^\S+==\S+.*$", text, flags=re.MULTILINE)
    assert packages
    assert all(line.rstrip().endswith("\\") for line in packages)
