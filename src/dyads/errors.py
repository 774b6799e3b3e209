"""What can be wrong with a study, said so that the person who owns it can mend it."""

from __future__ import annotations


class StudyError(Exception):
    """Expected trouble: something in the study, its settings or its data.

    The message names who or where (dyad, person, file, row), what was found, what was
    expected and what to do. A step that meets one prints the message and no traceback.
    """
