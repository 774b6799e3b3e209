"""The command line: `dyads init`, `check`, `import redcap`, `plan` and `weights`.

The analysis itself is run by Snakemake.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from dyads import __version__, config
from dyads.commands import check, import_redcap, init, plan
from dyads.errors import StudyError
from dyads.extraction import weights
from dyads.extraction.fetching import fetch
from dyads.extraction.published import licence_remarks, weights_wanted

_DEMO_NEEDS_NOTHING = (
    "extraction.weights is `demo`: the demo's face model comes with the source, and nothing else "
    "is needed."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and say expected trouble in its own words without a traceback.

    Parameters
    ----------
    arguments
        Words of the command line; None: those that the program was called with.

    Returns
    -------
    int
        Exit status: 0, or 1 after a fault.
    """
    asked = _parser().parse_args(arguments)
    try:
        asked.command(asked)
    except StudyError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except OSError as fault:
        where = f"{fault.filename}: " if fault.filename else ""
        sys.stderr.write(
            f"{where}cannot be read or written ({fault.strerror or fault}). Look at the name, at "
            "who may read and write there, and at the space on the disk.\n"
        )
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="dyads",
        formatter_class=RawDescriptionHelpFormatter,
        description="Expression, experience and their agreement in films of two people.\n\n"
        "The analysis is run by Snakemake (`snakemake --help`); the commands here prepare it.",
        epilog="example:\n  dyads init my\n  dyads check --config my/config.yaml",
    )
    parser.add_argument("--version", action="version", version=f"dyads {__version__}")
    topics = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    init.add(topics)
    check.add(topics)
    import_redcap.add(topics)
    plan.add(topics)
    topic = topics.add_parser(
        "weights",
        help="fetch and check the detector's published weights",
        description="The published weights that the study's detector needs.",
    )
    actions = topic.add_subparsers(title="commands", metavar="COMMAND", required=True)
    fetching = actions.add_parser(
        "fetch",
        help="fetch them from the hub and lock them",
        description="Fetch the weights once, where there is a network, and write "
        f"{weights.LOCK_NAME} beside the configuration. Files that it names already are fetched "
        "exactly as it says.",
    )
    checking = actions.add_parser(
        "check",
        help="compare every byte with the lock",
        description=f"Compare every byte of the weights with {weights.LOCK_NAME}. Needs no "
        "network.",
    )
    for action, command in ((fetching, _fetch_weights), (checking, _check_weights)):
        action.set_defaults(command=command)
        action.add_argument(
            "--config",
            type=Path,
            default=Path("config.yaml"),
            metavar="FILE",
            help="configuration of the study (default: config.yaml)",
        )
        action.add_argument(
            "--cache",
            type=Path,
            metavar="DIR",
            help="folder of fetched files, laid out as the hub's cache (default: the user's own)",
        )
    return parser


def _fetch_weights(asked: Namespace) -> None:
    settings = config.load(asked.config)
    if settings.extraction.weights == "demo":
        _say(_DEMO_NEEDS_NOTHING)
        return
    lock = weights.lock_beside(asked.config)
    locked = [fetch(name, lock, asked.cache) for name in weights_wanted(settings)][-1]
    for entry in locked.files:
        _say(f"{entry.repository} {entry.file}: commit {entry.commit[:12]}, "
             f"{entry.size_bytes / 1e6:.0f} MB, SHA-256 {entry.sha256}")  # fmt: skip
    _say(f"Locked in {lock}. Keep it with the study.")
    if asked.cache is not None and asked.cache.resolve() not in map(
        Path.resolve, weights.usual_caches()
    ):
        _say(f"A run finds these files if HF_HUB_CACHE={asked.cache.resolve()} is set.")
    _say(*(remark for name in weights_wanted(settings) for remark in licence_remarks(name)))


def _check_weights(asked: Namespace) -> None:
    settings = config.load(asked.config)
    if settings.extraction.weights == "demo":
        _say(_DEMO_NEEDS_NOTHING)
        return
    lock = weights.lock_beside(asked.config)
    caches = None if asked.cache is None else [asked.cache]
    for name in weights_wanted(settings):
        for published, path in weights.verified(name, lock, caches).items():
            _say(f"{published.repository} {published.file}: as locked ({path})")
    _say(*(remark for name in weights_wanted(settings) for remark in licence_remarks(name)))


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
