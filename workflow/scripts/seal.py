"""Seal the run: one trail of all steps, held against the files as they are."""

from pathlib import Path

from dyads.audit import seal
from dyads.steps import step

with step(snakemake) as job:
    trail = Path(job.output.seal).parent
    sealed = seal(trail.parents[1], trail)
    print(f"{sealed.steps} steps, {sealed.files} files, {sealed.ledger_sha256}")
