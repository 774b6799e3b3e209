"""The written contract of every table that a study may do without, as in `tables`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import pandera.pandas as pa
from pandera.typing import Series

from dyads.contracts import IDENTIFIER, NOBODY, TARGETS, Contract
from dyads.study.cell_words import COPY, DIGEST, NAME, ONE_LINE, PLAIN, TARGET, words


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
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session of the film.", metadata=PLAIN
    )
    path: Series[str] = pa.Field(description="Film, from the recordings folder.")
    track: Series[int] = pa.Field(
        ge=0, description="Followed face.", metadata=words("a whole number from 0", COPY)
    )
    first_time_s: Series[float] = pa.Field(
        description="Beginning of the stretch in the film (s).",
        metadata=words("a number of seconds", COPY),
    )
    last_time_s: Series[float] = pa.Field(
        description="End of the stretch in the film (s).",
        metadata=words("a number of seconds", COPY),
    )
    face_of: Series[str] = pa.Field(
        str_matches=IDENTIFIER,
        description=f"The person whose face it is, or `{NOBODY}` for somebody else.",
        metadata=words(
            f"a person of the film, or {NOBODY}", "Fill in whose face it is, or remove the row."
        ),
    )
    why: Series[str] | None = pa.Field(description="Why the stretch was put down.")
    picture: Series[str] | None = pa.Field(description="The sheet that shows it.")
    shown: Series[str] = pa.Field(
        str_matches=DIGEST,
        description="SHA-256 of what was to be seen: film, stretch and boxes.",
        metadata=words("64 digits and letters from a to f", COPY),
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
        str_matches=IDENTIFIER, description="Dyad of the session.", metadata=PLAIN
    )
    session_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Session that was rated.", metadata=PLAIN
    )
    person_id: Series[str] = pa.Field(
        str_matches=IDENTIFIER, description="Person who rated.", metadata=PLAIN
    )
    target: Series[str] | None = pa.Field(
        isin=TARGETS,
        description="Of whom the rating speaks: `self`, the person who rated (also if empty), or "
        "`other`, the other person of the dyad.",
        metadata=TARGET,
    )
    instrument: Series[str] = pa.Field(
        str_matches=NAME,
        description="Instrument in instruments.yaml; it says the range of the values.",
        metadata=words("the name of an instrument", "Write the name as in instruments.yaml."),
    )
    scale: Series[str] = pa.Field(
        str_matches=NAME,
        description="Scale of the instrument.",
        metadata=words("the name of a scale", "Write the name as in instruments.yaml."),
    )
    path: Series[str] = pa.Field(
        str_matches=ONE_LINE,
        description="File with the columns `time_s` and `value`, from the folder of the study's "
        "tables.",
        metadata=words("the path of a file", "Enter the path from the folder of the tables."),
    )
    offset_s: Series[float] = pa.Field(
        description="Session clock minus time of the file (s).",
        metadata=words("a number of seconds", "Enter 0 if the file has the session's clock."),
    )


class Stream(Contract):
    """A file of a continuous rating: when the handle stood where."""

    time_s: Series[float] = pa.Field(
        description="Time since the file's own beginning (s).",
        metadata=words("a number of seconds"),
    )
    value: Series[float] = pa.Field(
        nullable=True,
        description="Position in points of the scale; empty if there was none.",
        metadata=words("a number, or an empty cell"),
    )


OPTIONAL_TABLES: Final[Mapping[str, type[Contract]]] = MappingProxyType(
    {"faces": Faces, "continuous": Continuous}
)
"""Contract of each table that a study may do without."""
