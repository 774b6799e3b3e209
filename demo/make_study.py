"""Write the demo study's tables and its known truth; what it writes is committed.

python demo/make_study.py
"""

from __future__ import annotations

from pathlib import Path

from dyads.demo.study import write_study
from dyads.demo.truth import Truth


def main() -> None:
    """Write `demo/study/` and `demo/truth.json`."""
    folder = Path(__file__).parent / "study"
    write_study(folder, Truth())
    print(f"wrote {folder} and truth.json beside it")


if __name__ == "__main__":
    main()
