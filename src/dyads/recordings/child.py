"""The process that :mod:`dyads.recordings.gate` starts: check one film and print what was found.

python -m dyads.recordings.child FILM < settings.json
"""

from __future__ import annotations

import sys
from pathlib import Path

from dyads.config import RecordingSettings
from dyads.recordings.findings import Finding, RecordingError, RecordingFault
from dyads.recordings.probing import check_recording


def main() -> None:
    """Check the film that the command line names; the settings come on standard input."""
    settings = RecordingSettings.model_validate_json(sys.stdin.read())
    limit_memory(settings)
    path = Path(sys.argv[1])
    try:
        answer = f'{{"good": {check_recording(path, settings).model_dump_json()}}}'
    except RecordingError as fault:
        finding = Finding(code=RecordingFault(fault.code), sentence=str(fault))
        answer = f'{{"fault": {finding.model_dump_json()}}}'
    print(answer)  # noqa: T201 - the answer to the process that asked


def limit_memory(settings: RecordingSettings) -> None:
    """Hold this process to the memory that the settings allow, and keep FFmpeg silent."""
    try:
        import resource
    except ImportError:  # not on Windows; the time is limited from outside all the same
        return
    import av.logging

    av.logging.set_level(av.logging.PANIC)
    limit = round(settings.check_memory_mb * 1e6)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
