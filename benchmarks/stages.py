"""Print where the time of a run went, rule by rule, from Snakemake's own benchmarks.

    python benchmarks/stages.py [results]

Seconds are summed over jobs, so that with two cores they come to about twice the time that
passed. Ends with one `name value` line a figure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def read(results: Path) -> pd.DataFrame:
    """Read every benchmark of a run: rule, seconds, and peak memory in MB."""
    folder = results / "private/benchmarks"
    rows = []
    for path in sorted(folder.rglob("benchmark.tsv")):
        measured = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        rule = path.relative_to(folder).parts[0]
        rows.append({"rule": rule, "seconds": measured["s"], "peak_mb": measured["max_rss"]})
    if not rows:
        sys.exit(f"{folder}: no benchmarks. Run the workflow first.")
    return pd.DataFrame(rows)


def main() -> None:
    """Print the table and the figures."""
    jobs = read(Path(sys.argv[1] if len(sys.argv) > 1 else "results"))
    table = jobs.groupby("rule").agg(
        jobs=("rule", "size"), seconds=("seconds", "sum"), peak_mb=("peak_mb", "max")
    )
    table["share"] = table["seconds"] / table["seconds"].sum()
    print(f"{'rule':28}{'jobs':>6}{'seconds':>10}{'share':>8}{'peak MB':>10}")
    for rule, row in table.sort_values("seconds", ascending=False).iterrows():
        print(
            f"{rule:28}{row['jobs']:6.0f}{row['seconds']:10.1f}"
            f"{row['share']:8.1%}{row['peak_mb']:10.0f}"
        )
    print(f"job_seconds {table['seconds'].sum():.1f}")
    print(f"peak_mb {table['peak_mb'].max():.0f}")


if __name__ == "__main__":
    main()
