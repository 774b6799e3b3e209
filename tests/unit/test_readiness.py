"""Settings and tables are checked together."""

from __future__ import annotations

from pathlib import Path

import pytest
import studies
import yaml
from face_models import as_hub_file, stand_ins
from huggingface_hub import constants

from dyads.errors import StudyError
from dyads.extraction.published import FACE_FINDER
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


def test_weights_that_were_never_fetched_are_told_with_the_other_faults(tmp_path: Path) -> None:
    studies.write_study(tmp_path)
    plain = configuration(tmp_path)
    with pytest.raises(StudyError, match="dyads weights fetch"):
        check_readiness(plain, lock=tmp_path / "models.lock.yaml")


def test_locked_weights_make_a_study_ready_and_their_licence_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies.write_study(tmp_path)
    cache, lock = tmp_path / "cache", tmp_path / "models.lock.yaml"
    stand_ins(cache, lock)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    ready = check_readiness(configuration(tmp_path), lock=lock)
    assert "may not be used commercially" in ready.licences[0]
    path = as_hub_file(cache, FACE_FINDER)
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(StudyError, match=r"model\.safetensors: SHA-256 is"):
        check_readiness(configuration(tmp_path), lock=lock)


def test_frames_that_were_read_elsewhere_need_no_weights(tmp_path: Path) -> None:
    given = (
        "dyad_id\tsession_id\tperson_id\tpath\tframes_path\tframe_rate_hz\n"
        "D01\tS1\tP01\t\tD01/S1_P01.mp4\t25\nD02\tS1\tP02\t\tD02/S1.mp4\t25\n"
    )
    studies.write_study(tmp_path, recordings=given)
    ready = check_readiness(configuration(tmp_path), lock=tmp_path / "models.lock.yaml")
    assert ready.licences == []


def test_the_demo_looks_at_no_lock_and_has_no_licence_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.chdir(root)
    plain = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    assert check_readiness(plain, lock=tmp_path / "models.lock.yaml").licences == []


def test_channels_that_the_detector_does_not_give_are_named_before_any_work(
    tmp_path: Path,
) -> None:
    studies.write_study(tmp_path)
    plain = configuration(
        tmp_path,
        extraction={"detector": "MPDetector"},
        synchrony={"channels": ["arousal", "smile"]},
        expressions={"composites": {"smile": ["AU06", "valence"], "joy": ["AU12", "happiness"]}},
    )
    with pytest.raises(StudyError) as faults:
        check_readiness(plain)
    lines = str(faults.value).splitlines()
    assert len(lines) == 3
    assert "expressions.composites.smile: valence is not a channel of MPDetector" in lines[0]
    assert "synchrony.channels: arousal is not a channel of MPDetector" in lines[1]
    assert "AU12, " in lines[1]
    assert "expressions.composites.joy: mixes intensity_0_1 and probability" in lines[2]


def test_what_frames_from_elsewhere_give_is_not_judged_by_the_detector(tmp_path: Path) -> None:
    given = (
        "dyad_id\tsession_id\tperson_id\tpath\tframes_path\tframe_rate_hz\n"
        "D01\tS1\tP01\t\tD01/S1_P01.mp4\t25\nD02\tS1\tP02\t\tD02/S1.mp4\t25\n"
    )
    studies.write_study(tmp_path, recordings=given)
    plain = configuration(
        tmp_path, extraction={"detector": "MPDetector"}, synchrony={"channels": ["valence"]}
    )
    assert check_readiness(plain).settings.extraction.detector == "MPDetector"


@pytest.mark.parametrize(
    ("extraction", "said"),
    [
        ({"detector": "Detectorv1", "weights": "demo"}, "demo is a model of Detectorv2"),
        ({"detector": "MPDetector", "precision": "bfloat16"}, "bfloat16 is for Detectorv2"),
        ({"detector": "Detectorv1", "tiers": ["mesh"]}, "Detectorv1 gives landmarks and no mesh"),
        ({"weights": "demo", "tiers": ["embeddings"]}, "the demo's weights give no embeddings"),
        ({"detector": "Detectorv3"}, "extraction.detector"),
    ],
)
def test_settings_that_a_detector_cannot_keep_are_refused(
    tmp_path: Path, extraction: dict[str, object], said: str
) -> None:
    studies.write_study(tmp_path)
    with pytest.raises(StudyError, match=said):
        check_readiness(configuration(tmp_path, extraction=extraction))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"report": {"example_dyad": "D09"}}, r"example_dyad: sessions\.tsv has no dyad D09"),
        ({"expressions": {"resting_segment": "rest"}}, r"resting_segment: .*rest\..*joyful, sad"),
        (
            {
                "congruence": {
                    "pairs": [
                        {"emotion": "joy", "instrument": "feelings", "scale": "joi",
                         "channel": "AU12"},
                        {"emotion": "joy", "instrument": "feeling", "scale": "joy",
                         "channel": "AU12"},
                    ],
                    "negative_segments": ["sad", "angry"],
                }
            },
            r"pairs\.0: .*no scale joi of feelings, but the scales joy, sadness"
            r"(.|\n)*pairs\.1: .*the instruments feelings, rapport"
            r"(.|\n)*negative_segments: .*label angry",
        ),
    ],
)  # fmt: skip
def test_settings_that_the_tables_do_not_know_are_named(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    studies.write_study(tmp_path)
    with pytest.raises(StudyError, match=words):
        check_readiness(configuration(tmp_path, **changes))


def test_a_group_that_nobody_is_of_is_named(tmp_path: Path) -> None:
    studies.write_study(tmp_path)
    plain = configuration(tmp_path)
    assert isinstance(plain["study"], dict)
    plain["study"]["groups"] = ["control", "ASD", "SCZ"]
    with pytest.raises(StudyError, match=r"nobody in participants\.tsv is of the group SCZ"):
        check_readiness(plain)


def test_a_key_that_the_settings_have_twice_is_a_fault_with_its_line(tmp_path: Path) -> None:
    studies.write_study(tmp_path)
    path = tmp_path / "config.yaml"
    path.write_text(
        yaml.safe_dump(configuration(tmp_path)) + "cleaning: {rate_hz: 10}\ncleaning: {}\n"
    )
    last = len(path.read_text().splitlines())
    plain = yaml.safe_load(path.read_text())
    with pytest.raises(StudyError, match=rf"config\.yaml, line {last}, key cleaning"):
        check_readiness(plain, written=[path])


def test_covariates_that_the_participants_lack_are_named(tmp_path: Path) -> None:
    studies.write_study(tmp_path)
    sample = {"covariates": ["age", "hight"], "matching": {"calipers": {"weight": 0.5}}}
    with pytest.raises(StudyError) as fault:
        check_readiness(configuration(tmp_path, sample=sample))
    said = str(fault.value)
    assert "sample.covariates: participants.tsv has no column hight" in said
    assert "sample.matching: participants.tsv has no column weight" in said
