"""Find who speaks when in a session, from its sound or from the mouths."""

from pathlib import Path

from dyads import tables
from dyads.config import SpeechSettings
from dyads.contracts import Speech, Trace
from dyads.recordings import clock, probing
from dyads.recordings.speech import find_speech
from dyads.steps import step
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    speech = find_speech(
        job.rows("recordings", STUDY_TABLES["recordings"]),
        probing.load(job.input.probe),
        Path(job.params.folder),
        clock.load(job.input.clock),
        tables.read(job.input.trace, Trace),
        job.settings(SpeechSettings),
        is_heard=job.params.is_heard,
    )
    tables.write(speech, job.output.speech, Speech)
