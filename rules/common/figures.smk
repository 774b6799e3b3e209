# Which figures there are, and what they show.


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
    *(kind for kind in further_kinds() if kind != "moments"),
    "sample_balance",
    "model_checks",
    "influence",
    *(["specification_curve"] if MULTIVERSE else []),
    "profiles",
    *(["power"] if SETTINGS.power.in_report else []),
]
