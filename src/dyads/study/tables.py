"""The written contract of every table that a study must hand in.

A column's `expected` and `remedy` are the words in which a wrong cell is reported. Columns
that are not required may be left out of the file. Participants and sessions may carry further
columns: they are covariates.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts import IDENTIFIER, IDENTIFIER_OR_EMPTY, TARGETS, Cohort, Contract
from dyads.study.cell_words import (
    DAYS,
    FACES,
    ITEM,
    LABEL,
    NAME,
    ONE_LINE,
    PLACE,
    PLAIN,
    PLAIN_OR_EMPTY,
    SECONDS_ABOVE,
    TARGET,
    VIEW,
    words,
)

PARTNER: Final = "partner"
"""Group of the people who take part as partners of participants."""

CONSENT_USES: Final = (
    "process", "review_images", "publish_frames", "share_features", "identify",
)  # fmt: skip
DEFAULT_VIEW: Final = "full"


class Participants(Contract):
    """A person: participant or partner. Further columns are covariates."""

    class Config:
        """Covariates are welcome."""

        strict = False
        coerce = True
        unique: ClassVar = ["participant_id"]

    participant_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Pseudonym of the person.", metadata=PLAIN
    )
    group: Series[str] = pa.Field(
        str_matches=ONE_LINE,
        description=f"Group of the study's settings, or `{PARTNER}` for somebody who is never the "
        "participant of a session.",
        metadata=LABEL,
    )
    age: Series[float] = pa.Field(
        ge=0,
        le=120,
        nullable=True,
        description="Age in years; empty if unknown.",
        metadata=words("years from 0 to 120, or an empty cell"),
    )
    sex: Series[str] = pa.Field(
        nullable=True, description="Sex in the study's own words; empty if unknown."
    )


class Sessions(Contract):
    """A meeting of a dyad. Further columns are covariates."""

    class Config:
        """Covariates are welcome."""

        strict = False
        coerce = True
        unique: ClassVar = ["dyad_id", "session_id"]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="The two people.", metadata=PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="The meeting, unique within the dyad.", metadata=PLAIN
    )
    participant_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person whose group the dyad has.", metadata=PLAIN
    )
    partner_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY,
        description="The other person; empty if nothing is known of them.",
        metadata=PLAIN_OR_EMPTY,
    )
    session_number: Series[int] = pa.Field(
        ge=1,
        description="Order of the dyad's sessions, from 1.",
        metadata=words("a whole number from 1", "Number the dyad's sessions 1, 2, 3 …"),
    )
    date_offset_days: Series[float] | None = pa.Field(
        nullable=True, description="Days from the start of the study.", metadata=DAYS
    )


class Recordings(Contract):
    """A person in a recording: a film, or the output of a detector that ran earlier."""

    class Config:
        """One recording for each person of a session."""

        strict = True
        coerce = True
        unique: ClassVar = ["dyad_id", "session_id", "person_id"]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session that was filmed.", metadata=PLAIN
    )
    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person who is seen.", metadata=PLAIN
    )
    path: Series[str] = pa.Field(
        description="Film, from the recordings folder; empty if there is only `frames_path`."
    )
    view: Series[str] | None = pa.Field(
        str_matches=VIEW,
        description="Part of the picture that shows the person: `full` (also if empty), `left`, "
        "`right`, `top`, `bottom`, a box `x,y,width,height` in pixels, or `auto`.",
        metadata={
            **words("full, left, right, top, bottom, auto or a box such as 0,0,320,240"),
            "default": DEFAULT_VIEW,
        },
    )
    offset_s: Series[float] | None = pa.Field(
        nullable=True,
        description="Session clock minus time of the recording (s); empty: found from the sound.",
        metadata=words("a number of seconds, or an empty cell"),
    )
    frames_path: Series[str] | None = pa.Field(
        description="Output of a detector that ran earlier, from the recordings folder."
    )
    face_id: Series[str] | None = pa.Field(
        str_matches=FACES,
        description="Face of the person in a `frames_path` file that holds several, as the "
        "program named it (several, if it lost the face and found it again: `0,2`); empty: the "
        "face that is there longest.",
        metadata=words("names of faces parted by commas, or an empty cell"),
    )
    place: Series[str] | None = pa.Field(
        str_matches=PLACE,
        description="With the view `auto`: `left` or `right`, where the person sits as the camera "
        "sees it when both first sit there; empty: not known.",
        metadata=words("left, right, or an empty cell"),
    )
    reference: Series[str] | None = pa.Field(
        description="With the view `auto` and `people.identity`: picture of the person alone, from "
        "the front, from the recordings folder."
    )
    frame_rate_hz: Series[float] | None = pa.Field(
        gt=0,
        nullable=True,
        description="Frames per second of a `frames_path` file that carries no times, or "
        "impossible ones.",
        metadata=words("frames per second above 0, or an empty cell"),
    )


class Segments(Contract):
    """A stretch of a session that ratings speak of."""

    class Config:
        """Segments have an identifier within their session."""

        strict = True
        coerce = True
        unique: ClassVar = ["dyad_id", "session_id", "segment_id"]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session of the segment.", metadata=PLAIN
    )
    segment_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="The segment, unique in its session.", metadata=PLAIN
    )
    label: Series[str] = pa.Field(
        str_matches=ONE_LINE,
        description="What the segment is, the same word in every session.",
        metadata=LABEL,
    )
    onset_s: Series[float] = pa.Field(
        ge=0,
        description="Beginning on the session clock (s).",
        metadata=words("a number of seconds from 0", "Give the time on the session clock."),
    )
    duration_s: Series[float] = pa.Field(gt=0, description="Length (s).", metadata=SECONDS_ABOVE)


class Ratings(Contract):
    """An item that a person answered about a segment or a session."""

    class Config:
        """An item is answered once."""

        strict = True
        coerce = True
        unique: ClassVar = [
            "person_id",
            "dyad_id",
            "session_id",
            "segment_id",
            "target",
            "time_s",
            "instrument",
            "item",
        ]

    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person who answered.", metadata=PLAIN
    )
    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session that was rated.", metadata=PLAIN
    )
    segment_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY,
        description="Segment that was rated; empty: the whole session.",
        metadata=PLAIN_OR_EMPTY,
    )
    instrument: Series[str] = pa.Field(
        str_matches=NAME,
        description="Instrument in instruments.yaml.",
        metadata=words("the name of an instrument", "Write the name as in instruments.yaml."),
    )
    item: Series[str] = pa.Field(
        str_matches=ITEM,
        description="Item of the instrument.",
        metadata=words("the name of an item", "Write the name as in instruments.yaml."),
    )
    value: Series[float] = pa.Field(
        nullable=True,
        description="Answer, in points of the instrument; empty if there was none.",
        metadata=words("a number, or an empty cell", "Enter the code of the answer."),
    )
    target: Series[str] | None = pa.Field(
        isin=TARGETS,
        description="Of whom the rating speaks: `self`, the person who answered (also if empty), "
        "or `other`, the other person of the dyad.",
        metadata=TARGET,
    )
    time_s: Series[float] | None = pa.Field(
        ge=0,
        nullable=True,
        description="Moment on the session clock that was rated (s); `segment_id` is then empty. "
        "Empty: a segment or the whole session was rated.",
        metadata=words("a number of seconds from 0, or an empty cell"),
    )


class CheckedRatings(Ratings):
    """An answered item, and where it stands in the file that was handed in."""

    row: Series[int] = pa.Field(ge=2, description="Row of the file, the heading being row 1.")


class Consent(Contract):
    """What a person allows to be done with what was recorded of them."""

    class Config:
        """A use is granted or refused once."""

        strict = True
        coerce = True
        unique: ClassVar = ["participant_id", "use"]

    participant_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Participant or partner.", metadata=PLAIN
    )
    use: Series[str] = pa.Field(
        isin=CONSENT_USES,
        description="What is allowed: " + ", ".join(f"`{use}`" for use in CONSENT_USES) + ".",
        metadata=words("one of " + ", ".join(CONSENT_USES), "Correct the spelling."),
    )
    granted: Series[bool] = pa.Field(
        description="`yes` or `no`; a use without a row is not granted.",
        metadata=words("yes or no", "Write what the person decided."),
    )
    version: Series[str] | None = pa.Field(description="Version of the consent form.")
    withdrawn_on: Series[float] | None = pa.Field(
        nullable=True,
        description="Day of withdrawal, from the start of the study; empty if it stands.",
        metadata={
            **DAYS,
            "coded": "Empty the cell only if the consent stands. If it was withdrawn, enter any "
            "day that is no missing code.",
        },
    )


STUDY_TABLES: Final[Mapping[str, type[Contract]]] = MappingProxyType(
    {
        "participants": Participants,
        "sessions": Sessions,
        "recordings": Recordings,
        "segments": Segments,
        "ratings": Ratings,
        "consent": Consent,
    }
)
"""Contract of each table; the file is its name with `.tsv`."""

CHECKED_TABLES: Final[Mapping[str, type[Contract]]] = MappingProxyType(
    {**STUDY_TABLES, "ratings": CheckedRatings}
)
"""Contract of each table once it is checked."""

RESERVED_NAMES: Final = (
    frozenset(keyword.kwlist)
    | frozenset(("C", "Q", "I", "np", "center", "scale", "standardize", "poly", "bs", "cr", "cc"))
    | frozenset(Cohort.to_schema().columns)
    | {column for table in STUDY_TABLES.values() for column in table.to_schema().columns}
)
"""Names that a covariate cannot have: formulas and analysis rows give them another meaning."""
