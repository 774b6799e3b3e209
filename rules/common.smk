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

    A job of the run does not look at the weights: the run did, and loading them looks again.
    """
    lock = LOCK if workflow.is_main_process else None
    try:
        ready = check_readiness(
            config,
            lock=lock,
            written=[Path(file) for file in workflow.configfiles],
            plan_lock=PLAN_LOCK,
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


def model_settings(wildcards):
    """Give the settings of one model as plain data."""
    return SETTINGS.models[wildcards.model].model_dump(mode="json")


def stamp_of(product):
    """Say what a product must carry: that groups are hidden, or why it is exploratory."""
    return PLAN.stamp(product)


def stamp_of_model(wildcards):
    """Say what the results of a model must carry."""
    return PLAN.stamp(f"models.{wildcards.model}")


def every_model(pattern):
    """Expand a pattern over all models."""
    return [results(pattern.format(model=model)) for model in SETTINGS.models]


def cohort_of_model(wildcards):
    """Name the analysis rows of a model: all, or those of matched participants."""
    is_matched = SETTINGS.models[wildcards.model].sample == "matched"
    return results(f"private/cohort/{'matched' if is_matched else 'cohort'}.parquet")


def matched_sets():
    """Name the table of matched participants, where the settings ask for one."""
    return results("private/cohort/sets.parquet") if SETTINGS.sample.matching else []


def slopes_model():
    """Name the first model that compares slopes: the one that congruence figures show."""
    names = [
        name for name, model in SETTINGS.models.items() if model.compare == "slopes"
    ]
    if not names:
        raise WorkflowError("config.yaml: models: none compares slopes. Add one.")
    return names[0]


def power_sources():
    """Name what power takes slopes and spreads from; nothing where the settings assume them."""
    if SETTINGS.power.source == "assumed":
        return {}
    return {
        "model": results(f"shareable/models/{slopes_model()}"),
        "cohort": results("private/cohort/cohort.parquet"),
    }


def power_world():
    """Give what a simulated study depends on beside its size, as plain data."""
    settings = settings_of("power")
    return {name: settings[name] for name in ("source", "assumed", "studies")}


def power_files(ending):
    """Name the results of every size of study that the settings ask for."""
    power = SETTINGS.power
    return [
        results(f"shareable/power/{dyads}_{segments}_{reliability:g}.{ending}")
        for reliability in power.reliability
        for segments in power.segments
        for dyads in power.dyads_per_group
    ]


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


def identified_of_batch(wildcards):
    """List dyad, session and person of those whose embeddings may be kept, where asked for."""
    if "embeddings" not in SETTINGS.extraction.tiers:
        return []
    keys = BATCHES[wildcards.batch]
    rows = STUDY.usable_recordings(IDENTIFY)[["dyad_id", "session_id", "person_id"]]
    return [list(row) for row in rows.itertuples(index=False) if tuple(row[:2]) in keys]


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
    return LOCK.as_posix() if is_wanted and may_be_used(wildcards, IDENTIFY) else []


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


def rates_the_other():
    """Tell whether somebody said what the other one felt in a segment."""
    ratings = STUDY.ratings
    return bool((ratings["target"].eq("other") & ratings["time_s"].isna()).any())


def rated_moments():
    """List the moments that people who may be analysed rated."""
    ratings = STUDY.ratings[STUDY.ratings["person_id"].isin(STUDY.consented())]
    moments = ratings[["dyad_id", "session_id", "time_s"]].dropna().drop_duplicates()
    return moments.merge(SESSIONS[["dyad_id", "session_id"]])


def rated_streams():
    """List the continuous ratings that a pair names, of people who may be analysed."""
    pairs = [(pair.instrument, pair.scale) for pair in SETTINGS.continuous.pairs]
    streams = STUDY.continuous[STUDY.continuous["person_id"].isin(STUDY.consented())]
    scales = list(zip(streams["instrument"], streams["scale"]))
    streams = streams.loc[[scale in pairs for scale in scales]]
    return streams.merge(SESSIONS[["dyad_id", "session_id"]])


def sessions_in(table, pattern):
    """Expand a pattern over the sessions that a table names."""
    keys = table[["dyad_id", "session_id"]].drop_duplicates()
    return [
        results(pattern.format(dyad=dyad, session=session))
        for dyad, session in keys.itertuples(index=False, name=None)
    ]


def moments_of(wildcards):
    """List the moments of a session that somebody rated (s)."""
    return of_session(MOMENTS, wildcards.dyad, wildcards.session)["time_s"].tolist()


def streams_of(wildcards):
    """Describe the continuous ratings of a session."""
    return plain_rows(of_session(STREAMS, wildcards.dyad, wildcards.session))


def stream_files_of(wildcards):
    """Name the files of the continuous ratings of a session."""
    return [f"{STUDY_FOLDER}/{row['path']}" for row in streams_of(wildcards)]


def meeting_of(wildcards):
    """Say who met in a session."""
    people = ["dyad_id", "session_id", "participant_id", "partner_id"]
    own = of_session(STUDY.sessions[people], wildcards.dyad, wildcards.session)
    return plain_rows(own)[0]


def further_kinds():
    """List which ratings in time and of the other person the study has."""
    wanted = {
        "judgements": rates_the_other(),
        "moments": not MOMENTS.empty,
        "continuous": not STREAMS.empty,
    }
    return [name for name in wanted if wanted[name]]


def agreement_tables():
    """Name what is made of ratings in time and of the other person, where there are any."""
    return [results(f"shareable/ratings/{kind}.csv") for kind in further_kinds()]


def told_of(kind):
    """Name the table of groups of such ratings, and behind it the rows it was made of."""
    if kind not in further_kinds():
        return []
    rows = (
        sessions_in(STREAMS, "private/agreement/{dyad}/{session}.parquet")
        if kind == "continuous"
        else [results(f"private/cohort/{kind}.parquet")]
    )
    return [results(f"shareable/ratings/{kind}.csv"), *rows]


def unasked_figures():
    """List figures that an earlier run drew of such ratings, where there are none any more."""
    folder = SETTINGS.results / "shareable/figures"
    gone = [kind for kind in DRAWN_RATINGS if kind not in FIGURES]
    return [path for kind in gone for path in folder.glob(f"{kind}.*")]


def made_of_ratings():
    """Name every table of sessions and groups that is made of such ratings."""
    return [
        *agreement_tables(),
        *sessions_in(MOMENTS, "private/moments/{dyad}/{session}.parquet"),
        *sessions_in(STREAMS, "private/continuous/{dyad}/{session}.parquet"),
        *sessions_in(STREAMS, "private/agreement/{dyad}/{session}.parquet"),
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
    paths += embeddings_without_leave(
        SETTINGS.results, STUDY.recordings, STUDY.usable_recordings(IDENTIFY)
    )
    remove([*paths, *left_over(SETTINGS.results, MULTIVERSE, MULTIVERSE_CHUNKS)])
    remove(unasked_ratings(SETTINGS.results, made_of_ratings()))
    remove(unasked_figures())
    if paths:
        logger.info(
            f"{len(paths)} files or folders were deleted: the consent they were made with no "
            "longer stands."
        )


def ready_multiverse():
    """List the specifications that the settings ask for; None where they ask for none."""
    try:
        return multiverse_of(SETTINGS) if SETTINGS.multiverse else None
    except StudyError as fault:
        raise WorkflowError(f"The study is not ready to run.\n{fault}") from None


def multiverse_chunks():
    """Share the permutations of the multiverse out among jobs, by their numbers."""
    if MULTIVERSE is None:
        return {}
    count = SETTINGS.multiverse.permutations
    size = SETTINGS.multiverse.permutations_per_job
    return {
        str(first // size): list(range(first, min(first + size, count)))
        for first in range(0, count, size)
    }


def numbers_of_chunk(wildcards):
    """List the permutations of a job."""
    return MULTIVERSE_CHUNKS[wildcards.chunk]


def multiverse_products():
    """Name what the multiverse comes to, where there is one."""
    return results("shareable/multiverse") if MULTIVERSE else []


def branch_of(kind, name, dyad, session):
    """Name a product of a session, the study's own or that of a branch."""
    folder = kind if name == OWN else f"multiverse/{kind}/{name}"
    return results(f"private/{folder}/{dyad}/{session}.parquet")


def branch_cleaning(wildcards):
    """Give the settings by which a branch cleans frames."""
    return MULTIVERSE.traces[wildcards.branch].cleaning.model_dump(mode="json")


def branch_quality(wildcards):
    """Give the limits beyond which a branch does not trust a frame."""
    return MULTIVERSE.traces[wildcards.branch].quality.model_dump(mode="json")


def branch_trace(wildcards):
    """Name the trace that a branch measures expressions of."""
    traces = MULTIVERSE.expressions[wildcards.branch].traces
    return branch_of("traces", traces, wildcards.dyad, wildcards.session)


def branch_speech(wildcards):
    """Name the table of who speaks when, where a branch looks at parts of segments."""
    name = f"private/speech/{wildcards.dyad}/{wildcards.session}.parquet"
    return results(name) if branch_strata(wildcards) != ["all"] else []


def branch_strata(wildcards):
    """List the parts of segments that a branch measures."""
    return list(MULTIVERSE.expressions[wildcards.branch].strata)


def branch_expression_settings(wildcards):
    """Give the settings by which a branch measures expressions."""
    return MULTIVERSE.expressions[wildcards.branch].expressions.model_dump(mode="json")


def branch_expressions(wildcards):
    """Name the expressions of all sessions that a branch of analysis rows is made of."""
    name = MULTIVERSE.cohorts[wildcards.branch].expressions
    return [
        branch_of("expressions", name, row.dyad_id, row.session_id)
        for row in SESSIONS.itertuples()
    ]


def branch_pairs(wildcards):
    """Give the pairs of experience and expression of a branch of analysis rows."""
    return MULTIVERSE.cohorts[wildcards.branch].model_dump(mode="json")["pairs"]


def cohort_of_branch(name):
    """Name the analysis rows of a branch."""
    own = "cohort/cohort" if name == OWN else f"multiverse/cohorts/{name}"
    return results(f"private/{own}.parquet")


def branch_cohort(wildcards):
    """Name the analysis rows that specifications share."""
    return cohort_of_branch(wildcards.cohort)


def branch_specifications(wildcards):
    """Describe the specifications that share analysis rows."""
    return [
        one.model_dump(mode="json") for one in MULTIVERSE.of_cohort(wildcards.cohort)
    ]


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
MOMENTS = rated_moments()
STREAMS = rated_streams()
MULTIVERSE = ready_multiverse()
MULTIVERSE_CHUNKS = multiverse_chunks()
MEETINGS = recorded_meetings()
EXAMPLE = example_meeting()
DRAWN_RATINGS = ["judgements", "continuous"]
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
    *(kind for kind in DRAWN_RATINGS if kind in further_kinds()),
    "sample_balance",
    "model_checks",
    "influence",
    *(["specification_curve"] if MULTIVERSE else []),
    "profiles",
    *(["power"] if SETTINGS.power.in_report else []),
]
