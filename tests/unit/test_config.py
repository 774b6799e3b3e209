"""The settings of a study."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dyads import config
from dyads.errors import StudyError

ROOT = Path(__file__).parents[2]


def plain(**changes: object) -> dict[str, object]:
    settings: dict[str, object] = {
        "study": {
            "name": "A study",
            "folder": "study",
            "recordings_folder": "films",
            "groups": ["control", "ASD"],
        },
        "congruence": {
            "pairs": [
                {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "AU12"}
            ]
        },
        "models": {"means": {"title": "Means", "formula": "e ~ group", "compare": "means"}},
    }
    return settings | changes


def test_the_shipped_configuration_is_valid_and_is_the_demo() -> None:
    shipped = config.load(ROOT / "config.yaml")
    assert shipped.study.demo
    assert shipped.extraction.weights == "demo"


def test_every_key_of_the_shipped_configuration_is_commented() -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    keys = [
        line
        for number, line in enumerate(lines)
        if line.strip()
        and not line.rstrip().endswith(":")
        and not line.strip().startswith(("#", "-"))
        and "#" not in line
        and not lines[number - 1].strip().startswith("#")
    ]
    assert len(lines) > 50
    assert keys == []


def test_unknown_and_missing_settings_are_named_together() -> None:
    raw = plain(cleaning={"rate_hz": 10, "smoothing": 3})
    del raw["models"]
    with pytest.raises(StudyError) as fault:
        config.parse(raw)
    assert "cleaning.smoothing: unknown setting" in str(fault.value)
    assert "models: missing" in str(fault.value)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (["control", "control", "ASD"], "twice"),
        (["control", "partner"], "`partner` is no group"),
        (["control"], "at least 2 should stand"),
        ("control", r"A list such as \[one, two\]"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(groups: object, words: str) -> None:
    study = {**plain()["study"], "groups": groups}
    with pytest.raises(StudyError, match=rf"study\.groups: .*{words}"):
        config.parse(plain(study=study))


def test_settings_in_another_encoding_are_named_by_their_line(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes("a: 1\nname: K\u00f6ln\n".encode("latin-1"))
    with pytest.raises(StudyError, match=r"config\.yaml, line 2: no text in UTF-8"):
        config.read(tmp_path / "config.yaml")


def test_a_wrong_value_is_quoted() -> None:
    with pytest.raises(StudyError, match=r"expressions\.minimum_seen_share.*found: 60"):
        config.parse(plain(expressions={"minimum_seen_share": 60}))


def test_demo_weights_are_refused_for_a_study_that_is_not_the_demo() -> None:
    with pytest.raises(StudyError, match="painted faces"):
        config.parse(plain(extraction={"weights": "demo"}))


def test_slopes_need_a_variable() -> None:
    models = {"m": {"title": "M", "formula": "e ~ x_w", "compare": "slopes"}}
    with pytest.raises(StudyError, match="variable is needed"):
        config.parse(plain(models=models))


def test_a_file_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("study: [")
    with pytest.raises(StudyError, match=r"config\.yaml: not readable as YAML"):
        config.load(tmp_path / "config.yaml")


def test_a_configuration_read_from_yaml_equals_the_same_as_data(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(plain()))
    assert config.load(tmp_path / "config.yaml") == config.parse(plain())


def test_strata_are_those_of_the_settings_and_of_the_pairs_and_all_is_always_there() -> None:
    assert config.load(ROOT / "config.yaml").strata == ("all",)
    assert config.parse(plain(expressions={"strata": ["listening"]})).strata == ("all", "listening")
    raw = plain()
    raw["congruence"]["pairs"][0]["stratum"] = "speaking"  # type: ignore[index]
    assert config.parse(raw).strata == ("all", "speaking")
    with pytest.raises(StudyError, match=r"expressions\.strata"):
        config.parse(plain(expressions={"strata": ["singing"]}))


def test_aliases_within_aliases_are_shown_in_short() -> None:
    nested: list[object] = ["x"] * 9
    for _ in range(12):
        nested = [nested] * 9
    with pytest.raises(StudyError, match="results") as fault:
        config.parse(plain(results=nested))
    assert len(str(fault.value)) < 10_000


def variant(**changes: object) -> dict[str, object]:
    """Settings with a model of slopes and, after it, another that is changed."""
    slopes = {"title": "S", "formula": "e ~ group * x_w", "compare": "slopes", "variable": "x_w"}
    return plain(models={"slopes": slopes, "other": slopes | changes})


def test_a_model_of_matched_participants_needs_a_way_to_match_them() -> None:
    with pytest.raises(StudyError, match=r"other: sample: matched needs sample\.matching"):
        config.parse(variant(sample="matched"))
    matched = variant(sample="matched") | {"sample": {"matching": {"calipers": {"age": 0.5}}}}
    assert config.parse(matched).models["other"].sample == "matched"


def test_synchrony_is_measured_of_one_channel_at_least() -> None:
    with pytest.raises(StudyError, match=r"synchrony\.channels: Too few entries: at least 1"):
        config.parse(plain(synchrony={"channels": []}))


@pytest.mark.parametrize("change", [{"sample": "matched"}, {"moderator": "site"}])
def test_a_variant_of_a_model_never_stands_alone(change: dict[str, object]) -> None:
    settings = variant(**change) | {"sample": {"matching": {"calipers": {"age": 0.5}}}}
    models = settings["models"]
    assert isinstance(models, dict)
    with pytest.raises(StudyError, match="never alone"):
        config.parse(settings | {"models": dict(reversed(models.items()))})


def test_a_measure_of_quality_that_is_not_there_is_refused() -> None:
    with pytest.raises(StudyError, match=r"sample\.quality_bounds"):
        config.parse(plain(sample={"quality_bounds": {"beauty": 1}}))
