"""Write a first mapping from a data dictionary, and mark in it everything that was guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from dyads.importing.dictionary import Dictionary, RedcapField
from dyads.importing.export import Export

_GUESSED: Final = "# guessed from the field's name"
_GROUP: Final = re.compile(r"group|diagnos|^dx|cohort|condition|^arm$", re.IGNORECASE)
_AGE: Final = re.compile(r"(^|_)age(_|$)", re.IGNORECASE)
_SEX: Final = re.compile(r"(^|_)(sex|gender)", re.IGNORECASE)

_HEADING: Final = """\
# How a REDCap project becomes the tables of a study. docs/redcap.md explains every key.
# Lines marked `guessed` were made from names alone. Look at each of them, correct or remove it,
# fill in what stands in <brackets>, and then say so here:
checked: false

# Whether cells hold codes (raw) or their labels (labels).
export: raw
# Cells that mean: no answer.
missing_codes: []
# Day 0: dates become days from it.
# study_start: <2024-01-31>
"""
_SESSIONS: Final = """\
# Who met when. REDCap does not say what a dyad is: fill this in.
# sessions:
#   - columns:
#       dyad_id: {field: <field>, prefix: D}
#       session_id: {value: S1}
#       participant_id: {field: %(record)s}
#       partner_id: {field: %(record)s, of_other: <field that both people of a dyad share>}
#       session_number: {value: "1"}
#       date_offset_days: {field: <date of the meeting>}
"""
_CONSENT: Final = """\
# Who allows what. Never guessed: name the field in which the person answered.
# consent:
#   - columns: {participant_id: {field: %(record)s}}
#     uses:
#       process: {field: <yes/no field>}
#       share_features: {field: <other field>, recode: {"1": "yes", "2": "no"}}
"""


def draft(dictionary: Dictionary, export: Export | None = None) -> str:
    """Write a mapping to begin with.

    Parameters
    ----------
    dictionary
        The project's fields.
    export
        Its rows, if there are any yet; their events and repeating forms are named.

    Returns
    -------
    str
        Text in YAML with comments. It cannot be used before somebody has checked it.
    """
    words = {"record": dictionary.record_id}
    parts = [
        _HEADING,
        "".join(_places(export)),
        "".join(_participants(dictionary)),
        _SESSIONS % words,
        "".join(_ratings(dictionary)),
        _CONSENT % words,
        "".join(_left(dictionary)),
    ]
    return "\n".join(part for part in parts if part)


def _places(export: Export | None) -> Iterator[str]:
    if export is None:
        return
    for title, cells in (
        ("Events of the export", export.event),
        ("Repeating forms of the export", export.repeated),
    ):
        names = sorted(set(cells) - {""})
        if names:
            yield f"# {title}: {', '.join(names)}\n"


def _participants(dictionary: Dictionary) -> Iterator[str]:
    fields = [it for it in dictionary.fields.values() if not it.secret]
    yield "# A row for each person. A partner with a record of their own has the group `partner`.\n"
    yield f"participants:\n  - columns:\n      participant_id: {{field: {dictionary.record_id}}}"
    yield "  # the first field of the dictionary\n"
    yield _column("group", next((it for it in fields if it.choices and _is(_GROUP, it)), None))
    yield _column("age", next((it for it in fields if not it.choices and _is(_AGE, it)), None))
    yield _column("sex", next((it for it in fields if it.choices and _is(_SEX, it)), None))


def _is(pattern: re.Pattern[str], field: RedcapField) -> bool:
    return pattern.search(field.name) is not None and not field.is_ticked


def _column(target: str, field: RedcapField | None) -> str:
    if field is None:
        return f"      # {target}: {{field: <field>}}\n"
    if not field.choices:
        return f"      {target}: {{field: {field.name}}}  {_GUESSED}\n"
    lines = [f"      {target}:  {_GUESSED}\n", f"        field: {field.name}\n"]
    lines.append("        recode:\n")
    for code, label in field.choices.items():
        lines.append(f"          {_quoted(code)}: {_quoted(label)}\n")
    return "".join(lines)


def _ratings(dictionary: Dictionary) -> Iterator[str]:
    found = list(_questionnaires(dictionary.fields.values()))
    if not found:
        yield "# ratings: no form was found whose fields share one range.\n"
        return
    yield "# Answers to items. REDCap does not say which session they speak of.\n"
    yield "ratings:\n"
    for form, fields in found:
        yield f"  - instrument: {_name(form)}  # guessed: fields of the form with one range\n"
        yield "    columns:\n"
        yield f"      person_id: {{field: {dictionary.record_id}}}  # guessed: the record\n"
        yield "      dyad_id: {field: <field>, prefix: D}\n"
        yield "      session_id: {value: S1}  # guessed: one session\n"
        yield "    items:\n"
        for field, item in zip(fields, _items(fields), strict=True):
            yield f"      {field.name}: {_quoted(item)}\n"


def _questionnaires(fields: Iterable[RedcapField]) -> Iterator[tuple[str, list[RedcapField]]]:
    """Find in each form the fields that share their choices, if there are several."""
    alike: dict[tuple[str, str], list[RedcapField]] = {}
    for field in fields:
        is_item = field.kind in ("radio", "dropdown", "slider") and not field.secret
        if is_item and all(re.fullmatch(r"-?\d+", code) for code in field.choices):
            scale = repr(dict(field.choices)) if field.choices else f"{field.minimum}"
            alike.setdefault((field.form, scale), []).append(field)
    for (form, _), items in alike.items():
        if len(items) > 1:
            yield form, items


def _items(fields: Sequence[RedcapField]) -> list[str]:
    """Call items by the number at the end of the field, where that tells them apart."""
    numbers = [re.search(r"\d+$", field.name) for field in fields]
    texts = [number.group() for number in numbers if number is not None]
    return texts if len(set(texts)) == len(fields) else [field.name for field in fields]


def _left(dictionary: Dictionary) -> Iterator[str]:
    secret = [f"#   {it.name}: {it.secret}\n" for it in dictionary.fields.values() if it.secret]
    if secret:
        yield "# These do not come along (a date only as days from the start of the study):\n"
        yield from secret


def _name(form: str) -> str:
    return form if re.match("[A-Za-z]", form) else f"form_{form}"


def _quoted(text: str) -> str:
    plain = " ".join(text.replace('"', "'").replace("\\", "/").split())
    return f'"{plain}"'
