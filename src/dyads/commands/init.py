"""`dyads init`: write the folder of a new study."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from shlex import quote

from dyads.study.new_study import write_new_study


def add(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command to the program's."""
    parser = commands.add_parser(
        "init",
        help="write the folder of a new study",
        description="Write a new study's folder: tables with headings, settings with every key, "
        "and what to do next. Nothing is ever overwritten.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="a folder that is not there yet"
    )
    parser.set_defaults(command=init)


def init(asked: Namespace) -> None:
    """Write the folder and say what comes next."""
    for path in write_new_study(asked.folder):
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(
        f"Next: fill in the tables as {asked.folder / 'tables/README.md'} says, then\n"
        f"  dyads check --config {quote(str(asked.folder / 'config.yaml'))}\n"
    )
