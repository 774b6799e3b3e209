# What belongs to a session, to a batch of sessions, and to sessions paired by chance.


def recordings_of(wildcards):
    """Describe the recordings of a session."""
    return of_session(RECORDING_ROWS, wildcards)


def segments_of(wildcards):
    """Describe the segments of a session."""
    return of_session(SEGMENT_ROWS, wildcards)


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
    return bool(of_session(OPEN_ROWS, wildcards))


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
    return [RECORDING_ROWS.get(key, []) for key in BATCHES[wildcards.batch]]


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
    pairs = of_session(PSEUDO_ROWS, wildcards)
    others = [(row["other_dyad_id"], row["other_session_id"]) for row in pairs]
    return [(wildcards.dyad, wildcards.session), *others]


def meetings_of(wildcards):
    """Describe a session and those it is compared with, each with its two people."""
    return [row for key in together(wildcards) for row in MEETING_ROWS.get(key, [])]


def segments_together(wildcards):
    """Describe the segments of a session and of those it is compared with."""
    return [row for key in together(wildcards) for row in SEGMENT_ROWS.get(key, [])]


def pseudo_traces(wildcards):
    """Name the traces of the sessions that a session is compared with."""
    return [
        results(f"private/traces/{dyad}/{session}.parquet")
        for dyad, session in together(wildcards)[1:]
    ]


RECORDING_ROWS = by_session(RECORDINGS)
SEGMENT_ROWS = by_session(STUDY.segments)
MEETING_ROWS = by_session(
    STUDY.sessions[["dyad_id", "session_id", "participant_id", "partner_id"]]
)
OPEN_ROWS = by_session(OPEN_TO_BOTH)
PSEUDO_ROWS = by_session(PSEUDO_DYADS)
BATCHES = batches()
