# Ratings of moments, of the other person, and in time.


def keys_of_instruments():
    """Give the instruments with the library's keys, so that a changed key reruns what it scores."""
    return STUDY.instruments.model_dump(mode="json")


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


def moments_of(wildcards):
    """List the moments of a session that somebody rated (s)."""
    return [row["time_s"] for row in of_session(MOMENT_ROWS, wildcards)]


def streams_of(wildcards):
    """Describe the continuous ratings of a session."""
    return of_session(STREAM_ROWS, wildcards)


def stream_files_of(wildcards):
    """Name the files of the continuous ratings of a session."""
    return [f"{STUDY_FOLDER}/{row['path']}" for row in streams_of(wildcards)]


def meeting_of(wildcards):
    """Say who met in a session."""
    return of_session(MEETING_ROWS, wildcards)[0]


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


def made_of_ratings():
    """Name every table of sessions and groups that is made of such ratings."""
    return [
        *agreement_tables(),
        *sessions_in(MOMENTS, "private/moments/{dyad}/{session}.parquet"),
        *sessions_in(STREAMS, "private/continuous/{dyad}/{session}.parquet"),
        *sessions_in(STREAMS, "private/agreement/{dyad}/{session}.parquet"),
    ]


MOMENTS = rated_moments()
STREAMS = rated_streams()
MOMENT_ROWS = by_session(MOMENTS)
STREAM_ROWS = by_session(STREAMS)
