"""Ratings of moments, of the other person and of every instant, as they are handed in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import studies

from dyads.ratings.further_scores import score_judgements, score_moments
from dyads.ratings.scores import score_ratings
from dyads.study.faults import Fault, StudyFaults
from dyads.study.study import Study, load_study
from dyads.study.withdrawal import unasked_ratings

RATINGS = studies.RATINGS.replace("value\n", "value\ttarget\ttime_s\n")
MOMENT = "P01\tD01\tS1\t\tfeelings\tjoy\t40\tself\t12.5\n"
OF_OTHER = "P01\tD01\tS1\tjoyful\tfeelings\tjoy\t30\tother\t\n"
STREAM = "time_s\tvalue\n0\t10\n0.25\t20\n0.5\t30\n"
CONTINUOUS = (
    "dyad_id\tsession_id\tperson_id\ttarget\tinstrument\tscale\tpath\toffset_s\n"
    "D01\tS1\tP01\t\tfeelings\tjoy\tstreams/one.tsv\t1.5\n"
)


def ratings(*rows: str) -> str:
    """The tiny study's ratings with the two further columns, and further rows."""
    lines = [f"{line}\t\t\n" for line in studies.RATINGS.splitlines()[1:]]
    return "".join([RATINGS.splitlines(keepends=True)[0], *lines, *rows])


def loaded(folder: Path, **changes: str) -> Study:
    settings = studies.write_study(folder, **changes)
    (settings.folder / "streams").mkdir()
    (settings.folder / "streams/one.tsv").write_text(STREAM)
    return load_study(settings, recordings_expected=True)


def faults(folder: Path, **changes: str) -> list[Fault]:
    with pytest.raises(StudyFaults) as caught:
        loaded(folder, **changes)
    return list(caught.value.faults)


def test_without_the_columns_every_rating_is_of_oneself_and_of_no_moment(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    assert set(study.ratings["target"]) == {"self"}
    assert study.ratings["time_s"].isna().all()


def test_the_file_of_somebody_who_withdrew_is_not_asked_for(tmp_path: Path) -> None:
    gone = CONTINUOUS.replace("one.tsv", "gone.tsv")
    consent = studies.CONSENT.replace("P01\tprocess\tyes\t", "P01\tprocess\tyes\t9")
    settings = studies.write_study(tmp_path, consent=consent)
    (settings.folder / "continuous.tsv").write_text(gone)
    assert len(load_study(settings, recordings_expected=True).continuous) == 1
    (settings.folder / "consent.tsv").write_text(studies.CONSENT)
    with pytest.raises(StudyFaults, match="a file that exists"):
        load_study(settings, recordings_expected=True)


def test_scores_of_oneself_stay_what_they_are_beside_all_other_kinds(tmp_path: Path) -> None:
    study = loaded(tmp_path / "with", ratings=ratings(MOMENT, OF_OTHER))
    plain = loaded(tmp_path / "without")
    both = [score_ratings(it.ratings, it.sessions, it.instruments) for it in (study, plain)]
    pd.testing.assert_frame_equal(*both)


def test_the_same_item_is_answered_of_oneself_of_the_other_and_of_a_moment(tmp_path: Path) -> None:
    study = loaded(tmp_path, ratings=ratings(MOMENT, OF_OTHER, MOMENT.replace("self", "other")))
    asked = study.ratings, study.sessions, study.instruments
    judged = score_judgements(*asked).set_index(["person_id", "scale"])["score"]
    assert judged["P01", "joy"] == 30  # the value of OF_OTHER
    moments = score_moments(*asked)
    joy = moments[moments["scale"].eq("joy")]
    assert joy[["person_id", "target", "time_s", "score"]].to_numpy().tolist() == [
        ["P01", "other", 12.5, 40.0],
        ["P01", "self", 12.5, 40.0],
    ]


def test_nobody_but_the_rater_was_asked_about_a_moment(tmp_path: Path) -> None:
    study = loaded(tmp_path, ratings=ratings(MOMENT))
    moments = score_moments(study.ratings, study.sessions, study.instruments)
    assert set(moments["person_id"]) == {"P01"}


@pytest.mark.parametrize(
    ("rows", "column", "value"),
    [
        ([MOMENT.replace("S1\t\t", "S1\tjoyful\t")], "segment_id", "joyful"),
        ([MOMENT, MOMENT.replace("12.5", "12.50")], "item", "joy"),
        ([OF_OTHER, OF_OTHER], "item", "joy"),
        ([OF_OTHER.replace("other", "self")], "item", "joy"),
        ([MOMENT.replace("self", "partner")], "target", "partner"),
        ([MOMENT.replace("12.5", "-1")], "time_s", "-1"),
        ([MOMENT.replace("12.5", "0:12")], "time_s", "0:12"),
    ],
    ids=["moment and segment", "moment twice", "judgement twice", "empty target is self",
         "role as target", "before the clock", "minutes and seconds"],
)  # fmt: skip
def test_a_wrong_rating_is_named_and_nothing_else_is(
    tmp_path: Path, rows: list[str], column: str, value: str
) -> None:
    (fault,) = faults(tmp_path, ratings=ratings(*rows))
    assert (fault.file, fault.row, fault.column, fault.value) == (
        "ratings.tsv", 10 + len(rows), column, value,
    )  # fmt: skip


def test_nobody_can_judge_somebody_who_is_not_named(tmp_path: Path) -> None:
    sessions = studies.SESSIONS.replace("S2\tP01\tQ01", "S2\tP01\tQ01").replace(
        "D02\tS1\tP02\tQ02", "D02\tS1\tP02\t"
    )
    recordings = "".join(
        line for line in studies.RECORDINGS.splitlines(keepends=True) if "\tQ02\t" not in line
    )
    row = "P02\tD02\tS1\tjoyful\tfeelings\tjoy\t30\tother\t\n"
    (fault,) = faults(tmp_path, sessions=sessions, recordings=recordings, ratings=ratings(row))
    assert (fault.column, fault.value) == ("target", "other")
    assert "names no partner" in fault.expected


def test_a_continuous_rating_names_its_file_and_is_of_oneself_unless_it_says_so(
    tmp_path: Path,
) -> None:
    (row,) = loaded(tmp_path, continuous=CONTINUOUS).continuous.to_dict("records")
    assert (row["target"], row["path"], row["offset_s"]) == ("self", "streams/one.tsv", 1.5)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("streams/one.tsv", "streams/two.tsv", "path"),
        ("streams/one.tsv", "../recordings/D01/S1_P01.mp4", "path"),
        ("streams/one.tsv", "/etc/hostname", "path"),
        ("streams/one.tsv", r"streams\one.tsv", "path"),
        ("\tP01\t", "\tP09\t", "person_id"),
        ("\tP01\t", "\tP02\t", "person_id"),
        ("D01\tS1", "D01\tS9", "session_id"),
        ("\tjoy\t", "\trapport\t", "scale"),
        ("feelings", "feeling", "instrument"),
        ("\t1.5", "\t", "offset_s"),
        ("\tP01\t\t", "\tP01\tQ01\t", "target"),
    ],
)
def test_a_wrong_continuous_rating_is_named_and_nothing_else_is(
    tmp_path: Path, old: str, new: str, column: str
) -> None:
    (fault,) = faults(tmp_path, continuous=CONTINUOUS.replace(old, new))
    assert (fault.file, fault.row, fault.column) == ("continuous.tsv", 2, column)


def test_two_ratings_never_share_a_file_nor_does_one_scale_have_two(tmp_path: Path) -> None:
    other = CONTINUOUS.splitlines()[1].replace("P01", "Q01")
    (fault,) = faults(tmp_path / "a", continuous=f"{CONTINUOUS}{other}\n")
    assert (fault.row, fault.column) == (3, "path")
    again = CONTINUOUS.splitlines()[1].replace("P01\t", "P01\tself", 1)
    found = faults(tmp_path / "b", continuous=f"{CONTINUOUS}{again}\n")
    assert {fault.column for fault in found} == {"path", "scale"}


def test_what_nobody_rates_any_more_does_not_stay(tmp_path: Path) -> None:
    names = [
        "private/moments/D01/S1.parquet", "private/moments/D01/S1.parquet.ledger.json",
        "private/moments/D02/S1.parquet", "private/continuous/D01/S1.parquet",
        "private/cohort/moments.parquet", "private/cohort/judgements.parquet",
        "private/cohort/cohort.parquet", "private/ratings_of_others.parquet",
        "private/ratings.parquet", "shareable/ratings/judgements.csv",
        "shareable/ratings/moments.csv",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    made = [
        f"{tmp_path}/private/moments/D02/S1.parquet",
        f"{tmp_path}/shareable/ratings/moments.csv",
    ]
    gone = [path.relative_to(tmp_path).as_posix() for path in unasked_ratings(tmp_path, made)]
    assert gone == [
        "private/cohort/judgements.parquet",
        "private/continuous/D01/S1.parquet",
        "private/moments/D01/S1.parquet",
        "private/moments/D01/S1.parquet.ledger.json",
        "shareable/ratings/judgements.csv",
    ]
    without = {path.name for path in unasked_ratings(tmp_path, [])}
    assert {"ratings_of_others.parquet", "moments.csv"} <= without
    assert not {"ratings.parquet", "cohort.parquet"} & without
