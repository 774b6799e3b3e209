"""Analysis rows of how two people went together: one for each dyad and session.

Each is the participant's, so that models of it compare the groups as all others do.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from dyads.errors import StudyError

NOT_MEASURED: Final = "synchrony not measured"
_MEETING: Final = ["dyad_id", "session_id"]
_OF_A_ROW: Final = (
    "segment_id", "segment", "emotion", "x_score", "x", "e", "e_odd", "e_even", "seen_share",
    "exclusion", "x_w", "x_pm", "e_w", "x_other",
)  # fmt: skip


def rows_of_sessions(cohort: pd.DataFrame, synchrony: pd.DataFrame, channel: str) -> pd.DataFrame:
    """Give each session its synchrony beyond strangers.

    Parameters
    ----------
    cohort
        `Cohort` rows.
    synchrony
        `Synchrony` of all sessions.
    channel
        Channel or composite.

    Returns
    -------
    DataFrame
        The participant's identifiers, group and covariates; `exclusion`; and a column for each
        measure, the mean over segments of what was seen minus what pseudo-dyads show, in units of
        the measure. Segments in which it is not known do not count.

    Raises
    ------
    StudyError
        If the synchrony of the channel was not measured.
    """
    own = synchrony[synchrony["channel"].eq(channel)]
    if own.empty:
        raise StudyError(
            f"The synchrony of {channel} was not measured. Measured were: "
            f"{', '.join(sorted(synchrony['channel'].unique())) or 'none'}. Add it to "
            "synchrony.channels."
        )
    excess = own.assign(excess=own["value"] - own["null_value"])
    measured = excess.pivot_table(
        index=_MEETING, columns="measure", values="excess", aggfunc="mean", dropna=False
    )
    people = cohort[cohort["role"].eq("participant")].drop_duplicates(_MEETING)
    rows = people.drop(columns=[name for name in _OF_A_ROW if name in people])
    rows = rows.join(measured, on=_MEETING).reset_index(drop=True)
    is_known = rows[list(measured.columns)].notna().any(axis=1)
    return rows.assign(exclusion=is_known.map({True: "", False: NOT_MEASURED}))
