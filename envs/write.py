"""Write the conda environment of each stage, with the versions of the lock.

Run by `make lock`; a test holds the files against the lock.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
CORE = ("pandas", "pandera", "pyarrow", "pydantic", "pyyaml")
STAGES = {
    "tables": (*CORE, "jinja2", "openpyxl", "patsy", "scipy"),
    "extraction": (*CORE, "av", "matplotlib", "pillow", "py-feat", "scikit-image", "torch"),
    "models": (*CORE, "pingouin", "scikit-learn", "scipy", "statsmodels"),
    "figures": (*CORE, "jinja2", "matplotlib", "openpyxl", "patsy", "scipy"),
}


def locked_versions() -> dict[str, str]:
    """Map each package of the lock to its version for Python 3.11."""
    found: dict[str, str] = {}
    pattern = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)(?:\s*;\s*(.*?))?\s*\\?$")
    for line in (HERE / "lock.txt").read_text(encoding="utf-8").splitlines():
        match = pattern.match(line)
        if match and "python_full_version >= '3.12'" not in (match[3] or ""):
            found.setdefault(match[1], match[2])
    return found


def environment(packages: tuple[str, ...]) -> str:
    """Write the text of one environment file."""
    versions = locked_versions()
    pins = "\n".join(f"      - {package}=={versions[package]}" for package in sorted(packages))
    return (
        "channels:\n  - conda-forge\n  - nodefaults\n"
        "dependencies:\n  - python =3.11\n  - pip\n  - pip:\n" + pins + "\n"
    )


if __name__ == "__main__":
    for stage, packages in STAGES.items():
        (HERE / f"{stage}.yaml").write_text(environment(packages), encoding="utf-8")
