"""Rules, recipes and library keep to their places."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = {
    name: body
    for file in sorted((ROOT / "rules").glob("*.smk"))
    for name, body in re.findall(
        r"^ *rule (\w+):\n(.*?)(?=^ *rule |\Z)", file.read_text(encoding="utf-8"), re.M | re.S
    )
}
RECIPES = sorted((ROOT / "workflow/scripts").glob("*.py"))


def test_every_rule_has_its_recipe_and_every_recipe_its_rule() -> None:
    assert {path.stem for path in RECIPES} == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_says_everything_a_rule_must_say(rule: str) -> None:
    parts = ("input", "output", "log", "benchmark", "params", "threads", "resources", "conda")
    missing = [part for part in parts if not re.search(rf"^ +{part}:", RULES[rule], re.M)]
    assert missing == []
    assert "code=code_version(" in RULES[rule]
    assert f"workflow/scripts/{rule}.py" in RULES[rule]


def test_a_changed_key_of_the_librarys_instruments_reruns_what_it_scores() -> None:
    readers = {name for name, body in RULES.items() if "/instruments.yaml" in body}
    assert {"score_ratings", "trace_ratings", "measure_reliability"} <= readers
    assert [name for name in readers if "scoring=keys_of_instruments()" not in RULES[name]] == []


def test_files_of_rules_hold_rules_and_no_helpers() -> None:
    for file in (ROOT / "rules").glob("*.smk"):
        helpers = re.findall(r"^ *def (\w+)|\blambda\b", file.read_text(encoding="utf-8"), re.M)
        assert file.name == "common.smk" or helpers == [], file


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_short_and_holds_no_logic_of_its_own(recipe: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 50
    assert "with step(snakemake) as job:" in text
    kinds = {type(node) for node in ast.walk(ast.parse(text))}
    assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.Try, ast.While}


def test_the_library_imports_no_snakemake() -> None:
    for path in (ROOT / "src/dyads").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if name.split(".")[0] == "snakemake"], path


@pytest.mark.parametrize(
    "steps",
    [
        {
            "study.study": ("torch", "feat", "scipy", "statsmodels", "matplotlib"),
            "recordings.synchronise": ("torch", "feat", "scipy", "statsmodels", "matplotlib"),
            "demo.study": ("torch", "feat", "scipy", "matplotlib"),
            "people.session": ("torch", "feat", "statsmodels", "matplotlib", "skimage"),
            "traces.cleaning": ("torch", "feat", "statsmodels", "matplotlib"),
            "measures.expressions": ("torch", "feat", "statsmodels", "matplotlib"),
            "analysis.sample": ("torch", "feat", "statsmodels", "matplotlib"),
            "analysis.matching": ("torch", "feat", "statsmodels", "matplotlib"),
            "analysis.answers": ("torch", "feat", "matplotlib"),
        },
        {
            "extraction.sessions": ("torch", "feat", "statsmodels"),
            "report.cohort_page": ("torch", "feat", "statsmodels"),
        },
    ],
    ids=["without figures", "with figures"],
)
def test_a_step_imports_nothing_heavy_that_it_does_not_need(
    steps: dict[str, tuple[str, ...]],
) -> None:
    # One process imports them one after the other: what is not there after several was not
    # imported by any of them. Those that may import more come later.
    program = (
        "import importlib, sys\n"
        f"for step, heavy in {steps!r}.items():\n"
        "    importlib.import_module(f'dyads.{step}')\n"
        "    print(*[f'{step}: {name}' for name in heavy if name in sys.modules], sep='\\n')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == []
