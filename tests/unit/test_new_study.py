"""A new study's folder says what to fill in, and is never written over another."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
import studies
import yaml
from pydantic import BaseModel

from dyads import cli
from dyads.config import Config, load
from dyads.settings_page import inner_model
from dyads.study.examples import EXAMPLES, INSTRUMENTS_EXAMPLE, STREAM_EXAMPLE, STREAM_PATHS
from dyads.study.new_study import config_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["init", "my"]) == 0
    return Path("my")


def keys(model: type[BaseModel]) -> set[str]:
    """Keys of settings and their groups, but not of what a list or mapping may hold."""
    fields = model.model_fields.values()
    groups = (inner_model(field) for field in fields if not get_args(field.annotation))
    return set(model.model_fields).union(*(keys(group) for group in groups if group))


def test_the_settings_are_valid_name_the_folder_and_are_not_the_demo(folder: Path) -> None:
    settings = load(folder / "config.yaml")
    assert settings.study.folder == folder / "tables"
    assert settings.study.recordings_folder == folder / "recordings"
    assert settings.results == folder / "results"
    assert not settings.study.demo
    assert settings.extraction.weights == "hub"


def test_what_to_type_next_can_be_typed_also_where_the_folder_has_a_blank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["init", "my study"]) == 0
    words = "dyads check --config 'my study/config.yaml'"
    assert words in capsys.readouterr().out
    assert words in Path("my study/README.md").read_text(encoding="utf-8")


def test_every_key_is_there_with_its_default_and_a_comment() -> None:
    text = config_text(Path("my"))
    for key in keys(Config):
        assert re.search(rf"(?m)^ *{key}:", text), key
    lines = text.splitlines()
    for number, line in enumerate(lines):
        is_key = re.match(r" *\w+:", line) and not re.fullmatch(r" +congruence:", line)
        assert not is_key or lines[number - 1].strip().startswith("#"), line
    plain = yaml.safe_load(text)
    assert Config.model_validate({**plain, "quality": {}}) == Config.model_validate(
        {key: plain[key] for key in ("study", "results", "congruence", "models")}
    )


def test_a_fresh_folder_is_told_what_to_fill_in_and_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert cli.main(["check", "--config", "my/config.yaml"]) == 1
    said = capsys.readouterr().err.splitlines()
    told = [re.match(r"  (\w+)\.tsv: expected at least one row", line) for line in said[2:]]
    assert [match and match[1] for match in told] == [
        "participants", "sessions", "recordings", "segments", "consent",
    ]  # fmt: skip
    assert (folder / "results/private/study_check.html").is_file()


def test_the_examples_filled_in_leave_only_films_and_weights(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in EXAMPLES.items():
        (folder / f"tables/{name}.tsv").write_text(text)
    (folder / "tables/instruments.yaml").write_text(INSTRUMENTS_EXAMPLE)
    (folder / "tables/streams").mkdir()
    for path in STREAM_PATHS:
        (folder / "tables" / path).write_text(STREAM_EXAMPLE)
    capsys.readouterr()
    assert cli.main(["check", "--config", "my/config.yaml"]) == 1
    said = capsys.readouterr().err.splitlines()
    # six rows name a film, and none is there
    assert sum("expected a file that exists" in line for line in said) == len(said) - 2 == 6
    for film in ("D01/S1_P01.mp4", "D01/S1_Q01.mp4", "D01/S2.mp4", "D02/S1.mp4"):
        (folder / "recordings" / film).parent.mkdir(exist_ok=True)
        (folder / "recordings" / film).write_bytes(b"film")
    assert cli.main(["check", "--config", "my/config.yaml"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "dyads weights fetch" in said[1]


def test_nothing_is_ever_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.yaml").write_text("mine")
    assert cli.main(["init", "my"]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err
    assert (folder / "config.yaml").read_text() == "mine"
    (folder.parent / "file").write_text("mine")
    assert cli.main(["init", "file"]) == 1
    assert Path("file").read_text() == "mine"


def test_the_folder_describes_its_tables_for_people_and_programs(folder: Path) -> None:
    described = (folder / "tables/README.md").read_text()
    package = json.loads((folder / "tables/datapackage.json").read_text())
    for resource in package["resources"]:
        heading = (folder / "tables" / resource["path"]).read_text().split()
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert set(heading) <= set(fields)
        assert all(f"| `{field}` |" in described for field in fields)


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good study whose frames were read elsewhere, so that it needs no weights."""
    given = (
        "dyad_id\tsession_id\tperson_id\tpath\tframes_path\tframe_rate_hz\n"
        "D01\tS1\tP01\t\tD01/S1_P01.mp4\t25\nD02\tS1\tP02\t\tD02/S1.mp4\t25\n"
    )
    monkeypatch.chdir(tmp_path)
    studies.write_study(tmp_path, recordings=given)
    text = (
        config_text(Path("my")).replace("my/tables", "study").replace("my/recordings", "recordings")
    )
    Path("config.yaml").write_text(text)
    return tmp_path


def test_a_good_study_is_summed_up(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "ratings: 9 rows (ratings.tsv: tabs, UTF-8, decimal points)." in said.out
    assert said.out.splitlines()[-1].startswith("No fault was found.")
    assert "ratings.tsv: tabs" in Path("my/results/private/study_check.html").read_text()


def test_faults_are_on_a_page_that_only_its_owner_may_read(
    checked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = checked / "study/ratings.tsv"
    table.write_text(table.read_text().replace("\t66", "\t<b>66</b>").replace("\t80", "\t180"))
    text = Path("config.yaml").read_text().replace("rate_hz: 10.0", "rate_hz: fast")
    Path("config.yaml").write_text(text)
    assert cli.main(["check"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    page = Path("my/results/private/study_check.html")
    assert page.stat().st_mode & 0o077 == 0
    assert page.parent.stat().st_mode & 0o077 == 0
    shown = page.read_text()
    assert "3 things have to be mended" in shown
    for words in ("ratings.tsv", "<td", "180", "&lt;b&gt;66&lt;/b&gt;", "cleaning.rate_hz"):
        assert words in shown
    assert "<b>66" not in shown
    assert all(words in said.err for words in ("180", "cleaning.rate_hz", str(page)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- a list\n", "Keys with their values should stand here"),
        ("", "Keys with their values should stand here"),
        ("study: [\n", "not readable as YAML"),
        ("study: {name: A, name: B}\n", "each key once"),
    ],
)
def test_settings_of_any_shape_end_with_words_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    content: str, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(content)
    assert cli.main(["check"]) == 1
    assert words in capsys.readouterr().err
