"""Run the workflow as a lab would, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from dyads.plan.lock import LOCK_NAME

ROOT = Path(__file__).parents[2]


def snakemake(folder: Path, *arguments: str, cores: int = 2) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in a folder and give back what it said, output and errors together."""
    return subprocess.run(
        [
            sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"),
            "--directory", str(folder), "--cores", str(cores), *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )  # fmt: skip


def demo_folder(folder: Path) -> Path:
    """Lay out a folder in which the demo runs as it does in the project's own."""
    (folder / "config.yaml").write_text((ROOT / "config.yaml").read_text(encoding="utf-8"))
    (folder / LOCK_NAME).write_bytes((ROOT / LOCK_NAME).read_bytes())
    (folder / "demo").mkdir()
    (folder / "demo/study").mkdir()
    for table in (ROOT / "demo/study").iterdir():
        (folder / "demo/study" / table.name).write_bytes(table.read_bytes())
    (folder / "demo/truth.json").write_bytes((ROOT / "demo/truth.json").read_bytes())
    return folder


def write_config(folder: Path, **changes: object) -> Path:
    """Write a small configuration for the tables in `folder/study`, with groups changed."""
    settings: dict[str, object] = {
        "study": {
            "name": "A small study",
            "folder": "study",
            "recordings_folder": "recordings",
            "groups": ["control", "ASD"],
        },
        "congruence": {
            "pairs": [
                {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "AU12"}
            ],
            "bootstrap_samples": 100,
        },
        "models": {
            "slopes": {
                "title": "Does expression follow experience differently?",
                "formula": "e ~ group * x_w + (1 | person)",
                "compare": "slopes",
                "variable": "x_w",
            }
        },
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**settings, **changes}), encoding="utf-8")
    return path
