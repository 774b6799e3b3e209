"""Join what was felt and what was shown under other choices into analysis rows."""

from dyads import tables
from dyads.analysis.cohort import assemble
from dyads.config import EmotionPair
from dyads.contracts import Cohort, Expressions, Scores
from dyads.recordings import clock
from dyads.steps import step
from dyads.study.consent import people_with_consent, withheld_recordings
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    study = {
        name: tables.read(job.input[name], STUDY_TABLES[name])
        for name in ("participants", "sessions", "segments", "recordings", "consent")
    }
    expressions, about = tables.read_all(job.input.expressions, Expressions)
    cohort = assemble(
        study["participants"],
        study["sessions"],
        study["segments"],
        study["recordings"],
        expressions,
        tables.read(job.input.scores, Scores),
        [EmotionPair.model_validate(pair) for pair in job.params.pairs],
        people_with_consent(study["consent"]),
        clock.left_out_people(clock.load(path) for path in job.input.clocks),
        withheld_recordings(study["recordings"], study["sessions"], study["consent"]),
    )
    tables.write(cohort, job.output.cohort, Cohort, about.stamped(job.params.stamp))
