import os
import sys
from collections import defaultdict
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

SOURCE = Path(workflow.basedir) / "src"
sys.path.insert(0, str(SOURCE))
os.environ.update(
    PYTHONPATH=str(SOURCE)
)  # for the recipes, also in a conda environment

from dyads.code import code_version
from dyads.errors import StudyError
from dyads.extraction.weights import lock_beside
from dyads.measures.pseudo_dyads import pseudo_dyads
from dyads.multiverse.leftovers import left_over
from dyads.multiverse.specifications import OWN, multiverse_of
from dyads.plan.lock import plan_lock_beside
from dyads.study.consent import (
    IDENTIFY,
    SHARE_FEATURES,
    dyads_with_consent,
    sessions_with_consent,
)
from dyads.study.readiness import check_readiness
from dyads.study.tables import STUDY_TABLES
from dyads.study.withdrawal import (
    embeddings_without_leave,
    left_behind,
    remove,
    unasked_ratings,
)

LOCK = lock_beside(Path(workflow.configfiles[0]))
PLAN_LOCK = plan_lock_beside(Path(workflow.configfiles[0]))


def ready_study(config):
    """Read the settings and the tables, or stop before any work with all their faults.

    A job of the run looks neither at the weights nor into films: the run did, and loading weights
    looks again.
    """
    lock = LOCK if workflow.is_main_process else None
    try:
        ready = check_readiness(
            config,
            " + ".join(Path(file).name for file in workflow.configfiles),
            lock=lock,
            written=[Path(file) for file in workflow.configfiles],
            plan_lock=PLAN_LOCK,
            films=workflow.is_main_process,
        )
    except StudyError as faults:
        raise WorkflowError(f"The study is not ready to run.\n{faults}") from None
    if workflow.is_main_process:
        for remark in [*ready.licences, *ready.remarks]:
            logger.info(remark)
    return ready


SETTINGS, STUDY, LICENCES, PLAN, _ = ready_study(config)
PLAN_FILE = [PLAN_LOCK.as_posix()] if PLAN.locked_on else []
SESSIONS = STUDY.recorded_sessions()
RECORDINGS = STUDY.usable_recordings()
OPEN_TO_BOTH = sessions_with_consent(STUDY.sessions, STUDY.consent)
SHARING_PEOPLE = sorted(STUDY.consented(SHARE_FEATURES))
SHARING_DYADS = sorted(
    dyads_with_consent(STUDY.sessions, STUDY.consent, SHARE_FEATURES)
)
PSEUDO_DYADS = pseudo_dyads(
    SESSIONS[["dyad_id", "session_id"]].merge(STUDY.sessions),
    STUDY.participants,
    SETTINGS.synchrony.pseudo_dyads_max,
    SETTINGS.study.seed,
)
STUDY_FOLDER = SETTINGS.study.folder.as_posix()
STUDY_FILES = [
    f"{STUDY_FOLDER}/{file.name}"
    for name, file in STUDY.files.items()
    if name in STUDY_TABLES
]
FACES_FILE = [
    f"{STUDY_FOLDER}/{file.name}"
    for name, file in STUDY.files.items()
    if name == "faces"
]
RECORDINGS_FOLDER = SETTINGS.study.recordings_folder.as_posix()
GROUPS = list(SETTINGS.study.groups)
STRATA = list(SETTINGS.strata)
TEMPLATES = f"{workflow.basedir}/workflow/report"
DEMO_WEIGHTS = f"{workflow.basedir}/demo/face_model/demo_face.safetensors"


wildcard_constraints:
    dyad="[A-Za-z0-9]+",
    session="[A-Za-z0-9]+",
    batch="[A-Za-z0-9]+_[A-Za-z0-9]+",
    model="[A-Za-z][A-Za-z0-9_]*",
    branch="[0-9a-f]{12}",
    cohort=f"{OWN}|[0-9a-f]{{12}}",
    chunk="[0-9]+",
    dyads="[0-9]+",
    segments="[0-9]+",
    reliability="[0-9.]+",


def results(path):
    """Name a file of the results folder."""
    return f"{SETTINGS.results.as_posix()}/{path}"


def log_of(rule, *wildcards):
    """Name the log of a rule, kept with the private results."""
    return results(Path("private/logs", rule, *wildcards, "log.txt").as_posix())


def benchmark_of(rule, *wildcards):
    """Name the file in which Snakemake notes time and memory of a rule."""
    return results(
        Path("private/benchmarks", rule, *wildcards, "benchmark.tsv").as_posix()
    )


def settings_of(name):
    """Give a group of settings as plain data, for the parameters of a rule."""
    return getattr(SETTINGS, name).model_dump(mode="json")


def stamp_of(product):
    """Say what a product must carry: that groups are hidden, or why it is exploratory."""
    return PLAN.stamp(product)


def every_session(pattern):
    """Expand a pattern over all sessions that were recorded."""
    return [
        results(pattern.format(dyad=row.dyad_id, session=row.session_id))
        for row in SESSIONS.itertuples()
    ]


def plain_rows(table):
    """Give the rows of a table as plain data, missing cells as None."""
    return [
        {
            name: None if missing else cell
            for name, cell, missing in zip(table, cells, gaps)
        }
        for cells, gaps in zip(table.to_numpy(object).tolist(), table.isna().to_numpy())
    ]


def by_session(table):
    """Give the rows of each session of a table as plain data, by dyad and session."""
    rows = defaultdict(list)
    for row in plain_rows(table):
        rows[row["dyad_id"], row["session_id"]].append(row)
    return dict(rows)


def of_session(rows, wildcards):
    """Choose the rows of a session among those by session."""
    return rows.get((wildcards.dyad, wildcards.session), [])


def sessions_in(table, pattern):
    """Expand a pattern over the sessions that a table names."""
    keys = table[["dyad_id", "session_id"]].drop_duplicates()
    return [
        results(pattern.format(dyad=dyad, session=session))
        for dyad, session in keys.itertuples(index=False, name=None)
    ]


include: "common/sessions.smk"
include: "common/people.smk"
include: "common/models.smk"
include: "common/ratings.smk"
include: "common/multiverse.smk"
include: "common/figures.smk"


def remove_withdrawn():
    """Delete what was made from people whose consent no longer stands, and say so."""
    paths = left_behind(
        SETTINGS.results,
        STUDY.withheld_recordings(),
        SESSIONS,
        BATCHES,
        shows_a_dyad=EXAMPLE is not None,
    )
    paths += embeddings_without_leave(
        SETTINGS.results, STUDY.recordings, STUDY.usable_recordings(IDENTIFY)
    )
    remove([*paths, *left_over(SETTINGS.results, MULTIVERSE, MULTIVERSE_CHUNKS)])
    remove(unasked_ratings(SETTINGS.results, made_of_ratings()))
    if paths:
        logger.info(
            f"{len(paths)} files or folders were deleted: the consent they were made with no "
            "longer stands."
        )
