"""`dyads import redcap`: turn a REDCap export into the tables of a study."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from dyads.errors import StudyError
from dyads.importing.project import draft_mapping, import_project
from dyads.study.faults import SHOWN_FAULTS


def add(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command to the program's."""
    topic = commands.add_parser(
        "import",
        help="turn what was collected elsewhere into study tables",
        description="Turn what was collected elsewhere into the tables of a study.",
    )
    kinds = topic.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser = kinds.add_parser(
        "redcap",
        help="from a REDCap export and its data dictionary",
        description="Write study tables from a REDCap export, its data dictionary and a mapping "
        "that says which field becomes which column (docs/redcap.md). Identifiers never come "
        "along. What was left out is listed in a report beside the tables.",
    )
    parser.add_argument("--data", type=Path, metavar="FILE", help="export of the records (CSV)")
    parser.add_argument(
        "--dictionary", type=Path, metavar="FILE", required=True, help="data dictionary (CSV)"
    )
    parser.add_argument(
        "--map", type=Path, metavar="FILE", required=True, help="mapping of the fields (YAML)"
    )
    parser.add_argument("--into", type=Path, metavar="DIR", help="folder of the study's tables")
    parser.add_argument(
        "--draft", action="store_true", help="write a mapping to begin with, and nothing else"
    )
    parser.add_argument(
        "--replace", action="store_true", help="write tables anew that have rows already"
    )
    parser.set_defaults(command=import_redcap)


def import_redcap(asked: Namespace) -> None:
    """Write the tables, or the draft of a mapping, and say what is left to do.

    Raises
    ------
    StudyError
        If nothing could be imported.
    """
    if asked.draft:
        draft_mapping(asked.dictionary, asked.data, asked.map)
        sys.stdout.write(
            f"{asked.map}\nNext: look at every line of it, write `checked: true`, and import.\n"
        )
        return
    if asked.data is None or asked.into is None:
        raise StudyError("An import needs --data and --into. A first mapping needs --draft.")
    done = import_project(
        asked.data, asked.dictionary, asked.map, asked.into, replace=asked.replace
    )
    fates = done.report.loc[done.report["what"].eq("field"), "fate"].value_counts()
    lines = [str(path) for path in done.files]
    lines.append("Fields: " + ", ".join(f"{count} {fate}" for fate, count in fates.items()) + ".")
    lines.append(f"What was left out stands in {done.files[-1]}: look through it.")
    if done.remaining:
        lines.append("To be done before the study can run:")
        lines += [f"  {fault}" for fault in done.remaining[:SHOWN_FAULTS]]
        untold = len(done.remaining) - SHOWN_FAULTS
        lines += [f"  {untold} more of these."] if untold > 0 else []
    sys.stdout.write("".join(f"{line}\n" for line in lines))
