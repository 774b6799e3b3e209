"""The written contract of every table that a study hands in.

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

from dyads.contracts import (
    IDENTIFIER,
    IDENTIFIER_OR_EMPTY,
    NOBODY,
    TARGETS,
    Cohort,
    Contract,
)

PARTNER: Final = "partner"
"""Group of the people who take part as partners of participants."""

CONSENT_USES: Final = (
    "process", "review_images", "publish_frames", "share_features", "identify",
)  # fmt: skip
DEFAULT_VIEW: Final = "full"
SELF: Final = "self"
OTHER: Final = "other"
NAME: Final = r"^[A-Za-z][A-Za-z0-9_]*$"
ITEM: Final = r"^[A-Za-z0-9_]+$"
PLACE: Final = r"^(left|right|)$"
DIGEST: Final = r"^[0-9a-f]{64}$"
VIEW: Final = r"^(full|left|right|top|bottom|auto|\d+,\d+,[1-9]\d*,[1-9]\d*)$"
ONE_LINE: Final = r"^[^\t\r\n]+$"
FACES: Final = r"^[^\t\r\n]*$"


def _words(expected: str, remedy: str = "Correct the cell.") -> dict[str, str]:
    return {"expected": expected, "remedy": remedy}


_PLAIN: Final = _words(
    "letters and digits only", "Give a pseudonymous identifier without blanks or signs."
)
_PLAIN_OR_EMPTY: Final = _words(
    "letters and digits only, or an empty cell", "Write the identifier as in its own table."
)
_LABEL: Final = _words("a word or short text on one line", "Fill in the cell.")
_DAYS: Final = _words(
    "a number of days, or an empty cell", "Dates are days from the start of the study: give those."
)
_COPY: Final = "Copy the row from review.tsv as it is."
_TARGET: Final = {
    **_words("self or other", "Write of whom the rating speaks; an empty cell is self."),
    "default": SELF,
}
_SECONDS_ABOVE: Final = _words("a number of seconds above 0", "Give the time in seconds.")


class Participants(Contract):
    """A person: participant or partner. Further columns are covariates."""

    class Config:
        """Covariates are welcome."""

        strict = False
        coerce = True
        unique: ClassVar = ["participant_id"]

    participant_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Pseudonym of the person.", metadata=_PLAIN
    )
    group: Series[str] = pa.Field(
        str_matches=ONE_LINE,
        description=f"Group of the study's settings, or `{PARTNER}`.",
        metadata=_LABEL,
    )
    age: Series[float] = pa.Field(
        ge=0,
        le=120,
        nullable=True,
        description="Age in years; empty if unknown.",
        metadata=_words("years from 0 to 120, or an empty cell"),
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
        str_matches=IDENTIFIER, description="The two people.", metadata=_PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="The meeting, unique within the dyad.", metadata=_PLAIN
    )
    participant_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person whose group the dyad has.", metadata=_PLAIN
    )
    partner_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY,
        description="The other person; empty if nothing is known of them.",
        metadata=_PLAIN_OR_EMPTY,
    )
    session_number: Series[int] = pa.Field(
        ge=1,
        description="Order of the dyad's sessions, from 1.",
        metadata=_words("a whole number from 1", "Number the dyad's sessions 1, 2, 3 …"),
    )
    date_offset_days: Series[float] | None = pa.Field(
        nullable=True, description="Days from the start of the study.", metadata=_DAYS
    )


class Recordings(Contract):
    """A person in a recording: a film, or the output of a detector that ran earlier."""

    class Config:
        """One recording for each person of a session."""

        strict = True
        coerce = True
        unique: ClassVar = ["dyad_id", "session_id", "person_id"]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=_PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session that was filmed.", metadata=_PLAIN
    )
    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person who is seen.", metadata=_PLAIN
    )
    path: Series[str] = pa.Field(
        description="Film, from the recordings folder; empty if there is only `frames_path`."
    )
    view: Series[str] | None = pa.Field(
        str_matches=VIEW,
        description="Part of the picture that shows the person: `full` (also if empty), `left`, "
        "`right`, `top`, `bottom`, a box `x,y,width,height` in pixels, or `auto`.",
        metadata={
            **_words("full, left, right, top, bottom, auto or a box such as 0,0,320,240"),
            "default": DEFAULT_VIEW,
        },
    )
    offset_s: Series[float] | None = pa.Field(
        nullable=True,
        description="Session clock minus time of the recording (s); empty: found from the sound.",
        metadata=_words("a number of seconds, or an empty cell"),
    )
    frames_path: Series[str] | None = pa.Field(
        description="Output of a detector that ran earlier, from the recordings folder."
    )
    face_id: Series[str] | None = pa.Field(
        str_matches=FACES,
        description="Face of the person in a `frames_path` file that holds several, as the "
        "program named it (several, if it lost the face and found it again: `0,2`); empty: the "
        "face that is there longest.",
        metadata=_words("names of faces parted by commas, or an empty cell"),
    )
    place: Series[str] | None = pa.Field(
        str_matches=PLACE,
        description="With the view `auto`: `left` or `right`, where the person sits as the camera "
        "sees it when both first sit there; empty: not known.",
        metadata=_words("left, right, or an empty cell"),
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
        metadata=_words("frames per second above 0, or an empty cell"),
    )


class Segments(Contract):
    """A stretch of a session that ratings speak of."""

    class Config:
        """Segments have an identifier within their session."""

        strict = True
        coerce = True
        unique: ClassVar = ["dyad_id", "session_id", "segment_id"]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=_PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session of the segment.", metadata=_PLAIN
    )
    segment_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="The segment, unique in its session.", metadata=_PLAIN
    )
    label: Series[str] = pa.Field(
        str_matches=ONE_LINE,
        description="What the segment is, the same word in every session.",
        metadata=_LABEL,
    )
    onset_s: Series[float] = pa.Field(
        ge=0,
        description="Beginning on the session clock (s).",
        metadata=_words("a number of seconds from 0", "Give the time on the session clock."),
    )
    duration_s: Series[float] = pa.Field(gt=0, description="Length (s).", metadata=_SECONDS_ABOVE)


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
        str_matches=IDENTIFIER, description="Person who answered.", metadata=_PLAIN
    )
    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=_PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session that was rated.", metadata=_PLAIN
    )
    segment_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER_OR_EMPTY,
        description="Segment that was rated; empty: the whole session.",
        metadata=_PLAIN_OR_EMPTY,
    )
    instrument: Series[str] = pa.Field(
        str_matches=NAME,
        description="Instrument in instruments.yaml.",
        metadata=_words("the name of an instrument", "Write the name as in instruments.yaml."),
    )
    item: Series[str] = pa.Field(
        str_matches=ITEM,
        description="Item of the instrument.",
        metadata=_words("the name of an item", "Write the name as in instruments.yaml."),
    )
    value: Series[float] = pa.Field(
        nullable=True,
        description="Answer, in points of the instrument; empty if there was none.",
        metadata=_words("a number, or an empty cell", "Enter the code of the answer."),
    )
    target: Series[str] | None = pa.Field(
        isin=TARGETS,
        description="Of whom the rating speaks: `self`, the person who answered (also if empty), "
        "or `other`, the other person of the dyad.",
        metadata=_TARGET,
    )
    time_s: Series[float] | None = pa.Field(
        ge=0,
        nullable=True,
        description="Moment on the session clock that was rated (s); `segment_id` is then empty. "
        "Empty: a segment or the whole session was rated.",
        metadata=_words("a number of seconds from 0, or an empty cell"),
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
        str_matches=IDENTIFIER, description="Participant or partner.", metadata=_PLAIN
    )
    use: Series[str] = pa.Field(
        isin=CONSENT_USES,
        description="What is allowed: " + ", ".join(f"`{use}`" for use in CONSENT_USES) + ".",
        metadata=_words("one of " + ", ".join(CONSENT_USES), "Correct the spelling."),
    )
    granted: Series[bool] = pa.Field(
        description="`yes` or `no`; a use without a row is not granted.",
        metadata=_words("yes or no", "Write what the person decided."),
    )
    version: Series[str] | None = pa.Field(description="Version of the consent form.")
    withdrawn_on: Series[float] | None = pa.Field(
        nullable=True,
        description="Day of withdrawal, from the start of the study; empty if it stands.",
        metadata={
            **_DAYS,
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


class Faces(Contract):
    """Whose face somebody saw in a stretch that was put down for review; not every study has it.

    Rows are copied as they are from `results/private/people/*/*/review.tsv`, and `face_of` is
    filled in.
    """

    class Config:
        """A stretch is answered once."""

        strict = True
        coerce = True
        unique: ClassVar = ["shown"]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=_PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session of the film.", metadata=_PLAIN
    )
    path: Series[str] = pa.Field(description="Film, from the recordings folder.")
    track: Series[int] = pa.Field(
        ge=0, description="Followed face.", metadata=_words("a whole number from 0", _COPY)
    )
    first_time_s: Series[float] = pa.Field(
        description="Beginning of the stretch in the film (s).",
        metadata=_words("a number of seconds", _COPY),
    )
    last_time_s: Series[float] = pa.Field(
        description="End of the stretch in the film (s).",
        metadata=_words("a number of seconds", _COPY),
    )
    face_of: Series[str] = pa.Field(
        str_matches=IDENTIFIER,
        description=f"The person whose face it is, or `{NOBODY}` for somebody else.",
        metadata=_words(
            f"a person of the film, or {NOBODY}", "Fill in whose face it is, or remove the row."
        ),
    )
    why: Series[str] | None = pa.Field(description="Why the stretch was put down.")
    picture: Series[str] | None = pa.Field(description="The sheet that shows it.")
    shown: Series[str] = pa.Field(
        str_matches=DIGEST,
        description="SHA-256 of what was to be seen: film, stretch and boxes.",
        metadata=_words("64 digits and letters from a to f", _COPY),
    )


class Continuous(Contract):
    """A rating that somebody gave all the while, in a file of its own; not every study has it."""

    class Config:
        """A scale is rated once of each person in a session."""

        strict = True
        coerce = True
        unique: ClassVar = [
            "dyad_id",
            "session_id",
            "person_id",
            "target",
            "instrument",
            "scale",
        ]

    dyad_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=_PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session that was rated.", metadata=_PLAIN
    )
    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person who rated.", metadata=_PLAIN
    )
    target: Series[str] | None = pa.Field(
        isin=TARGETS,
        description="Of whom the rating speaks: `self`, the person who rated (also if empty), or "
        "`other`, the other person of the dyad.",
        metadata=_TARGET,
    )
    instrument: Series[str] = pa.Field(
        str_matches=NAME,
        description="Instrument in instruments.yaml; it says the range of the values.",
        metadata=_words("the name of an instrument", "Write the name as in instruments.yaml."),
    )
    scale: Series[str] = pa.Field(
        str_matches=NAME,
        description="Scale of the instrument.",
        metadata=_words("the name of a scale", "Write the name as in instruments.yaml."),
    )
    path: Series[str] = pa.Field(
        str_matches=ONE_LINE,
        description="File with the columns `time_s` and `value`, from the folder of the study's "
        "tables.",
        metadata=_words("the path of a file", "Enter the path from the folder of the tables."),
    )
    offset_s: Series[float] = pa.Field(
        description="Session clock minus time of the file (s).",
        metadata=_words("a number of seconds", "Enter 0 if the file has the session's clock."),
    )


class Stream(Contract):
    """A file of a continuous rating: when the handle stood where."""

    time_s: Series[float] = pa.Field(
        description="Time since the file's own beginning (s).",
        metadata=_words("a number of seconds"),
    )
    value: Series[float] = pa.Field(
        nullable=True,
        description="Position in points of the scale; empty if there was none.",
        metadata=_words("a number, or an empty cell"),
    )


OPTIONAL_TABLES: Final[Mapping[str, type[Contract]]] = MappingProxyType(
    {"faces": Faces, "continuous": Continuous}
)
"""Contract of each table that a study may do without."""

RESERVED_NAMES: Final = (
    frozenset(keyword.kwlist)
    | frozenset(("C", "Q", "I", "np", "center", "scale", "standardize", "poly", "bs", "cr", "cc"))
    | frozenset(Cohort.to_schema().columns)
    | {column for table in STUDY_TABLES.values() for column in table.to_schema().columns}
)
"""Names that a covariate cannot have: formulas and analysis rows give them another meaning."""
