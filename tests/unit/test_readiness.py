"""Settings and tables are checked together."""

from __future__ import annotations

from pathlib import Path

import pytest
import studies

from dyads.errors import StudyError
from dyads.study.readiness import check_readiness


def configuration(folder: Path, **changes: object) -> dict[str, object]:
    """Settings of the tiny study as plain data."""
    plain: dict[str, object] = {
        "study": {
            "name": "A tiny study",
            "folder": str(folder / "study"),
            "recordings_folder": str(folder / "recordings"),
            "groups": ["control", "ASD"],
        },
        "congruence": {
            "pairs": [
                {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "AU12"}
            ]
        },
        "models": {"means": {"title": "Means", "formula": "e ~ group", "compare": "means"}},
    }
    return plain | changes


def test_a_study_without_faults_is_ready(tmp_path: Path) -> None:
    studies.write_study(tmp_path)
    ready = check_readiness(configuration(tmp_path))
    assert ready.settings.study.name == "A tiny study"
    assert len(ready.study.sessions) == 3


def test_a_wrong_setting_does_not_hide_the_faults_of_the_tables(tmp_path: Path) -> None:
    studies.write_study(
        tmp_path,
        segments=studies.SEGMENTS.replace("duration_s", "length"),
        ratings=studies.RATINGS.replace("Q01", "Q77"),
    )
    (tmp_path / "recordings/D02/S1.mp4").unlink()
    with pytest.raises(StudyError) as faults:
        check_readiness(configuration(tmp_path, cleaning={"rate": 10}))
    for words in ("cleaning.rate", "duration_s", "D02/S1.mp4", "Q77"):
        assert words in str(faults.value)


def test_a_fault_of_the_study_settings_is_said_instead(tmp_path: Path) -> None:
    plain = configuration(tmp_path, study={"name": "No folder"})
    with pytest.raises(StudyError, match=r"study\.folder: missing(.|\n)*not looked at"):
        check_readiness(plain)


def test_tables_that_only_say_to_be_the_demo_are_refused(tmp_path: Path) -> None:
    studies.write_study(tmp_path)
    plain = configuration(tmp_path)
    assert isinstance(plain["study"], dict)
    plain["study"]["demo"] = True
    with pytest.raises(StudyError, match="does not hold the demo study"):
        check_readiness(plain)
