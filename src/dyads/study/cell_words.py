"""What cells of the study tables may hold, and the words in which a wrong one is reported."""

from __future__ import annotations

from typing import Final

SELF: Final = "self"
OTHER: Final = "other"
NAME: Final = r"^[A-Za-z][A-Za-z0-9_]*$"
ITEM: Final = r"^[A-Za-z0-9_]+$"
PLACE: Final = r"^(left|right|)$"
DIGEST: Final = r"^[0-9a-f]{64}$"
VIEW: Final = r"^(full|left|right|top|bottom|auto|\d+,\d+,[1-9]\d*,[1-9]\d*)$"
ONE_LINE: Final = r"^[^\t\r\n]+$"
FACES: Final = r"^[^\t\r\n]*$"


def words(expected: str, remedy: str = "Correct the cell.") -> dict[str, str]:
    """Say what a cell should hold and what to do, as metadata of a column."""
    return {"expected": expected, "remedy": remedy}


PLAIN: Final = words(
    "letters and digits only", "Give a pseudonymous identifier without blanks or signs."
)
PLAIN_OR_EMPTY: Final = words(
    "letters and digits only, or an empty cell", "Write the identifier as in its own table."
)
LABEL: Final = words("a word or short text on one line", "Fill in the cell.")
DAYS: Final = words(
    "a number of days, or an empty cell", "Dates are days from the start of the study: give those."
)
COPY: Final = "Copy the row from review.tsv as it is."
TARGET: Final = {
    **words("self or other", "Write of whom the rating speaks; an empty cell is self."),
    "default": SELF,
}
SECONDS_ABOVE: Final = words("a number of seconds above 0", "Give the time in seconds.")
