"""The tables of a dyad's page, and the list of dyads. They stay private."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dyads import wording
from dyads.config import EmotionPair
from dyads.report.page_tables import PageTable

_WHERE: Final = ("Session", "Segment", "Person", "Role")


def people_of_dyad(own: pd.DataFrame) -> PageTable:
    """Say who was there in which session, and how much of them was seen."""
    once = own.drop_duplicates(["session_id", "person", "segment_id"])
    keys = ["session_id", "person", "role"]
    shares = once.groupby(keys, sort=False)["seen_share"].agg(["mean", "min", "size"])
    rows = own.assign(kept=own["exclusion"] == "").groupby(keys, sort=False)["kept"]
    kept = rows.agg(["sum", "size"])
    return PageTable(
        title="Who was seen, and how much",
        head=("Session", "Person", "Role", "Segments", "Seen, mean", "Seen, least", "Analysed"),
        words=_WHERE,
        rows=tuple(
            (session, person, role, str(segments), wording.percent(mean), wording.percent(least),
             f"{kept.loc[(session, person, role), 'sum']} of "
             f"{kept.loc[(session, person, role), 'size']} rows")
            for (session, person, role), mean, least, segments in shares.itertuples(name=None)
        ),
    )  # fmt: skip


def segments_of_dyad(own: pd.DataFrame, pairs: Sequence[EmotionPair]) -> PageTable:
    """Put beside each other what was felt and shown in each segment."""
    emotions = [pair.emotion for pair in pairs]
    keys = ["session_id", "segment_id", "segment", "person", "role"]
    cells = [
        f"{wording.fixed(x, 0)} / {wording.fixed(e, 2)}"
        for x, e in zip(own["x"], own["e"], strict=True)
    ]
    order = own.drop_duplicates(keys)
    wide = (
        own.assign(cell=cells)
        .pivot_table(index=keys, columns="emotion", values="cell", aggfunc="first")
        .reindex(index=pd.MultiIndex.from_frame(order[keys]), columns=emotions)
        .fillna(wording.EN_DASH)
        .reset_index()
        .assign(seen=order["seen_share"].map(wording.percent).to_numpy())
        .drop(columns="segment_id")
    )
    legend = "; ".join(
        f"{pair.emotion}: {pair.scale} ({pair.instrument}) / {wording.measure(pair.measure)} of "
        f"{pair.channel}{wording.stratum(pair.stratum)}"
        for pair in pairs
    )
    return PageTable(
        title="Felt and shown, segment by segment",
        head=(*_WHERE, *emotions, "Seen"),
        words=_WHERE,
        rows=tuple(wide.astype(str).itertuples(index=False, name=None)),
        note=f"Felt / shown. {legend}. A dash: not known.",
    )


def exclusions_of_dyad(own: pd.DataFrame) -> PageTable:
    """List the rows of a dyad that are not analysed."""
    keys = ["session_id", "segment", "person", "role", "exclusion"]
    left = own[own["exclusion"] != ""].groupby(keys, sort=False)["emotion"]
    rows = left.agg(lambda names: wording.listed([*names])).reset_index()
    return PageTable(
        title="What was left out, and why",
        head=(*_WHERE, "Reason", "Emotions"),
        words=(*_WHERE, "Reason", "Emotions"),
        rows=tuple(rows.astype(str).itertuples(index=False, name=None)),
    )


def left_out_of_dyad(own: pd.DataFrame) -> PageTable:
    """List the recordings of a dyad that could not be used, each with what to do."""
    columns = ["session_id", "person_id", "reason", "sentence"]
    return PageTable(
        title="Recordings that could not be used",
        head=("Session", "Person", "Reason", "What was found, and what to do"),
        words=("Session", "Person", "Reason", "What was found, and what to do"),
        rows=tuple(own[columns].astype(str).itertuples(index=False, name=None)),
    )


def dyads(cohort: pd.DataFrame) -> PageTable:
    """List the dyads with what was seen and left out; without groups, quality being blind."""
    sums = cohort.groupby("dyad_id", sort=True).agg(
        sessions=("session_id", "nunique"),
        rows=("exclusion", "size"),
        left_out=("exclusion", lambda reasons: int((reasons != "").sum())),
        least=("seen_share", "min"),
    )
    return PageTable(
        title="Dyads",
        head=("Dyad", "Sessions", "Rows", "Left out", "Least seen segment"),
        rows=tuple(
            (str(dyad), str(sessions), str(rows), str(left_out), wording.percent(least))
            for dyad, sessions, rows, left_out, least in sums.itertuples(name=None)
        ),
        note="Groups are not shown here, so that quality is judged without them.",
    )
