"""Join what was felt and what was shown into analysis rows, and count who is left."""

from dyads import tables
from dyads.analysis.cohort import assemble, flow
from dyads.config import EmotionPair
from dyads.contracts import Cohort, Expressions, Flow, LeftOutPeople, Scores, Synchrony
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
    synchrony, _ = tables.read_all(job.input.synchrony, Synchrony)
    left_out = clock.left_out_people(clock.load(path) for path in job.input.clocks)
    cohort = assemble(
        study["participants"],
        study["sessions"],
        study["segments"],
        study["recordings"],
        expressions,
        tables.read(job.input.scores, Scores),
        [EmotionPair.model_validate(pair) for pair in job.params.pairs],
        people_with_consent(study["consent"]),
        left_out,
        withheld_recordings(study["recordings"], study["sessions"], study["consent"]),
    )
    tables.write(left_out, job.output.left_out, LeftOutPeople)
    abouts = {name: about.stamped(stamp) for name, stamp in job.params.stamps.items()}
    tables.write(cohort, job.output.cohort, Cohort, abouts["cohort"])
    tables.write(flow(cohort, job.params.groups), job.output.flow, Flow, abouts["cohort"])
    tables.write(expressions, job.output.expressions, Expressions, abouts["expressions"])
    tables.write(synchrony, job.output.synchrony, Synchrony, abouts["synchrony"])
