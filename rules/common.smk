import os
import sys
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
from dyads.study.consent import (
    SHARE_FEATURES,
    dyads_with_consent,
    sessions_with_consent,
)
from dyads.study.readiness import check_readiness
from dyads.study.tables import OPTIONAL_TABLES, STUDY_TABLES
from dyads.study.withdrawal import left_behind, remove

LOCK = lock_beside(Path(workflow.configfiles[0]))


def ready_study(config):
    """Read the settings and the tables, or stop before any work with all their faults.

    A job of the run does not look at the weights: the run did, and loading them looks again.
    """
    lock = LOCK if workflow.is_main_process else None
    try:
        ready = check_readiness(
            config, lock=lock, written=[Path(file) for file in workflow.configfiles]
        )
    except StudyError as faults:
        raise WorkflowError(f"The study is not ready to run.\n{faults}") from None
    if workflow.is_main_process:
        for remark in ready.licences:
            logger.info(remark)
    return ready


SETTINGS, STUDY, LICENCES = ready_study(config)
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
    if name in OPTIONAL_TABLES
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


def model_settings(wildcards):
    """Give the settings of one model as plain data."""
    return SETTINGS.models[wildcards.model].model_dump(mode="json")


def slopes_model():
    """Name the first model that compares slopes: the one that congruence figures show."""
    names = [
        name for name, model in SETTINGS.models.items() if model.compare == "slopes"
    ]
    if not names:
        raise WorkflowError("config.yaml: models: none compares slopes. Add one.")
    return names[0]


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


def of_session(table, dyad, session):
    """Choose the rows of a study table that belong to a session."""
    return table[table["dyad_id"].eq(dyad) & table["session_id"].eq(session)]


def recordings_of(wildcards):
    """Describe the recordings of a session."""
    return plain_rows(of_session(RECORDINGS, wildcards.dyad, wildcards.session))


def segments_of(wildcards):
    """Describe the segments of a session."""
    return plain_rows(of_session(STUDY.segments, wildcards.dyad, wildcards.session))


def files_of(wildcards):
    """Name the media files and frame tables of a session."""
    names = (row["path"] or row["frames_path"] for row in recordings_of(wildcards))
    return [f"{RECORDINGS_FOLDER}/{name}" for name in dict.fromkeys(names)]


def speech_of(wildcards):
    """Name the table of who speaks when, where parts of segments are asked for."""
    name = f"private/speech/{wildcards.dyad}/{wildcards.session}.parquet"
    return results(name) if STRATA != ["all"] else []


def is_heard(wildcards):
    """Tell whether both people of a session let its sound be used: it holds both voices."""
    return not of_session(OPEN_TO_BOTH, wildcards.dyad, wildcards.session).empty


def batches():
    """Share the sessions out among the jobs that load a detector, in the order of the table."""
    size = SETTINGS.extraction.sessions_per_job
    keys = list(zip(SESSIONS["dyad_id"], SESSIONS["session_id"]))
    return {
        "_".join(keys[first]): keys[first : first + size]
        for first in range(0, len(keys), size)
    }


def sessions_of_batch(wildcards):
    """Describe the recordings of each session of a batch."""
    return [
        plain_rows(of_session(RECORDINGS, *key)) for key in BATCHES[wildcards.batch]
    ]


def files_of_batch(wildcards):
    """Name the media files and frame tables of a batch."""
    rows = (row for session in sessions_of_batch(wildcards) for row in session)
    names = dict.fromkeys(row["path"] or row["frames_path"] for row in rows)
    return [f"{RECORDINGS_FOLDER}/{name}" for name in names]


def probes_of_batch(wildcards):
    """Name what is known of the recordings of a batch."""
    return [
        results(f"private/recordings/{dyad}/{session}.json")
        for dyad, session in BATCHES[wildcards.batch]
    ]


def reads_films(wildcards):
    """Tell whether a film of a batch is read, so that weights are needed."""
    rows = (row for session in sessions_of_batch(wildcards) for row in session)
    return any(row["path"] and not row["frames_path"] for row in rows)


def weights_of_batch(wildcards):
    """Name the demo checkpoint where the settings ask for it."""
    is_demo = SETTINGS.extraction.weights == "demo"
    return DEMO_WEIGHTS if is_demo and reads_films(wildcards) else []


def lock_of_batch(wildcards):
    """Name the lock of the published weights where the settings ask for them."""
    is_hub = SETTINGS.extraction.weights == "hub"
    return LOCK.as_posix() if is_hub and reads_films(wildcards) else []


def frames_of(wildcards):
    """Name the folder that holds the frames of each person of a session."""
    if shared_films_of(wildcards):
        return results(f"private/people/{wildcards.dyad}/{wildcards.session}")
    return extracted_frames_of(wildcards)


def shared_films_of(wildcards):
    """Describe the rows of a session's films in which people are to be told apart."""
    rows = recordings_of(wildcards)
    is_given = any(row["frames_path"] for row in rows)
    return [row for row in rows if row["view"] == "auto" and not is_given]


def may_be_used(wildcards, use):
    """Tell whether everybody in a session's shared films granted a use."""
    granted = of_session(
        STUDY.usable_recordings(use), wildcards.dyad, wildcards.session
    )
    people = {row["person_id"] for row in shared_films_of(wildcards)}
    return people <= set(granted["person_id"])


def may_show_pictures(wildcards):
    """Tell whether pictures of a session's shared films may be shown for review."""
    return may_be_used(wildcards, "review_images")


def identity_lock(wildcards):
    """Name the lock of the published weights where faces are compared with pictures."""
    has_pictures = any(row["reference"] for row in shared_films_of(wildcards))
    is_wanted = SETTINGS.people.identity and has_pictures
    return LOCK.as_posix() if is_wanted and may_be_used(wildcards, "identify") else []


def films_to_look_at(wildcards):
    """Name the shared films of a session, and its pictures where faces are compared."""
    rows = shared_films_of(wildcards)
    names = [row["path"] for row in rows]
    if identity_lock(wildcards):
        names += [row["reference"] for row in rows if row["reference"]]
    return [f"{RECORDINGS_FOLDER}/{name}" for name in dict.fromkeys(names)]


def answers_of(wildcards):
    """Describe what was answered about faces of a session."""
    return plain_rows(of_session(STUDY.faces, wildcards.dyad, wildcards.session))


def extracted_frames_of(wildcards):
    """Name the batch folder that holds what was read of a session."""
    key = (wildcards.dyad, wildcards.session)
    batch = next(name for name, keys in BATCHES.items() if key in keys)
    return results(f"private/frames/{batch}")


def cast_of(wildcards):
    """Describe who is seen in a film of the demo."""
    rows = RECORDINGS[RECORDINGS["path"].eq(f"{wildcards.film}.mp4")]
    return plain_rows(rows)


def together(wildcards):
    """List a session and the sessions whose partners it is paired with by chance."""
    pairs = of_session(PSEUDO_DYADS, wildcards.dyad, wildcards.session)
    others = zip(pairs["other_dyad_id"], pairs["other_session_id"])
    return [(wildcards.dyad, wildcards.session), *others]


def meetings_of(wildcards):
    """Describe a session and those it is compared with, each with its two people."""
    people = ["dyad_id", "session_id", "participant_id", "partner_id"]
    return [
        row
        for dyad, session in together(wildcards)
        for row in plain_rows(of_session(STUDY.sessions[people], dyad, session))
    ]


def segments_together(wildcards):
    """Describe the segments of a session and of those it is compared with."""
    return [
        row
        for dyad, session in together(wildcards)
        for row in plain_rows(of_session(STUDY.segments, dyad, session))
    ]


def pseudo_traces(wildcards):
    """Name the traces of the sessions that a session is compared with."""
    return [
        results(f"private/traces/{dyad}/{session}.parquet")
        for dyad, session in together(wildcards)[1:]
    ]


def recorded_meetings():
    """Describe every recorded session with its two people and their group."""
    people = ["participant_id", "partner_id"]
    met = SESSIONS[["dyad_id", "session_id", "group"]].merge(
        STUDY.sessions[["dyad_id", "session_id", *people]], sort=False
    )
    return plain_rows(met)


def example_meeting():
    """Choose the session of the paired-traces figure: whoever is in it shares their features."""
    wanted = SETTINGS.report.example_dyad
    for meeting in MEETINGS:
        dyad = meeting["dyad_id"]
        if wanted in (None, dyad) and dyad in SHARING_DYADS:
            return meeting
    if wanted is None:
        return None
    raise WorkflowError(
        f"report.example_dyad: {wanted} cannot be shown: its people must have a recording and "
        "grant `share_features` in consent.tsv. Name another dyad, or none."
    )


def example_trace(wildcards):
    """Name the trace of the session that the paired-traces figure shows."""
    return results(
        f"private/traces/{EXAMPLE['dyad_id']}/{EXAMPLE['session_id']}.parquet"
    )


def remove_withdrawn():
    """Delete what was made from people whose consent no longer stands, and say so."""
    paths = left_behind(
        SETTINGS.results,
        STUDY.withheld_recordings(),
        SESSIONS,
        BATCHES,
        shows_a_dyad=EXAMPLE is not None,
    )
    remove(paths)
    if paths:
        logger.info(
            f"{len(paths)} files or folders were deleted: the consent they were made with no "
            "longer stands."
        )


def smile_channel():
    """Name the channel that figures of expression show."""
    return SETTINGS.congruence.smile_channel


def figure_files(name, category):
    """Name the four files of a figure; the picture goes into Snakemake's own report too."""
    stem = results(f"shareable/figures/{name}")
    caption = f"{workflow.basedir}/workflow/report/{name}.rst"
    return {
        "pdf": f"{stem}.pdf",
        "svg": report(f"{stem}.svg", caption=caption, category=category),
        "png": f"{stem}.png",
        "csv": f"{stem}.csv",
    }


BATCHES = batches()
MEETINGS = recorded_meetings()
EXAMPLE = example_meeting()
FIGURES = [
    "congruence_slopes",
    "model_contrasts",
    "data_flow",
    "seen_time",
    "quality",
    *(["paired_traces"] if EXAMPLE else []),
    "expressivity",
    "congruence_by_group",
    "synchrony",
]
