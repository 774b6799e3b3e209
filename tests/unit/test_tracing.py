"""Every answer can be followed from its cell to the score and the analysis row, and back."""

from __future__ import annotations

import pandas as pd
import pytest
import studies
from workbooks import write_workbook

from dyads.analysis.cohort import assemble
from dyads.config import EmotionPair, StudySettings
from dyads.contracts import Cohort, LeftOutPeople
from dyads.ratings.scores import score_ratings
from dyads.ratings.tracing import scored_items
from dyads.report.score_tables import scores_of_dyad
from dyads.study.study import Study, checked_tables, load_study
from dyads.study.tables import CHECKED_TABLES
from dyads.tables import check

SCORE = ["dyad_id", "session_id", "person_id", "segment_id", "instrument", "scale"]


def traced(settings: StudySettings) -> tuple[Study, pd.DataFrame, pd.DataFrame]:
    study = load_study(settings, recordings_expected=True)
    rated = check(checked_tables(study)["ratings"], CHECKED_TABLES["ratings"], "ratings")
    items = scored_items(rated, study.instruments, study.files["ratings"].name)
    return study, items, score_ratings(rated, study.sessions, study.instruments)


def test_an_item_knows_its_cell_and_what_of_it_counts(tmp_path) -> None:
    _, items, _ = traced(studies.write_study(tmp_path))
    bored = items[items["item"].eq("bored")].iloc[0]
    # row 10 of the tiny study's ratings.tsv; reversed: 1 + 5 - 2
    assert (bored["file"], bored["row"], bored["answer"]) == ("ratings.tsv", 10, 2)
    assert (bored["is_reversed"], bored["points"]) == (True, 4)
    empty = items[items["row"].eq(7)].iloc[0]
    assert (empty["item"], empty["person_id"]) == ("sadness", "Q01")
    assert pd.isna(empty["answer"])
    assert pd.isna(empty["points"])


def test_the_items_of_a_score_make_it(tmp_path) -> None:
    _, items, scores = traced(studies.write_study(tmp_path))
    means = items.groupby(SCORE)["points"].mean()
    given = scores.dropna(subset="score").set_index(SCORE)["score"]
    assert len(given) == 7
    pd.testing.assert_series_equal(means.loc[given.index], given, check_names=False)


@pytest.mark.parametrize("blank", ["", "\t\t\t\t\t\t\n\n"])
def test_the_row_is_that_of_the_file_whatever_stands_between(tmp_path, blank) -> None:
    head, *rows = studies.RATINGS.splitlines(keepends=True)
    settings = studies.write_study(tmp_path, ratings="".join([head, *rows[:4], blank, *rows[4:]]))
    _, items, _ = traced(settings)
    lines = (settings.folder / "ratings.tsv").read_text().splitlines()
    for row, item in zip(items["row"], items["item"], strict=True):
        assert lines[row - 1].split("\t")[5] == item


def test_the_row_of_a_workbook_is_that_of_the_sheet(tmp_path) -> None:
    settings = studies.write_study(tmp_path, ratings=None)
    write_workbook(
        settings.folder / "ratings.xlsx", studies.RATINGS, lambda sheet: sheet.insert_rows(4, 3)
    )
    _, items, _ = traced(settings)
    assert items["file"].unique().tolist() == ["ratings.xlsx"]
    assert items["row"].tolist() == [2, 3, 7, 8, 9, 10, 11, 12, 13]


def test_answers_of_people_who_did_not_consent_leave_no_trace(tmp_path) -> None:
    consent = studies.CONSENT.replace("Q01\tprocess\tyes", "Q01\tprocess\tno")
    _, items, _ = traced(studies.write_study(tmp_path, consent=consent))
    assert "Q01" not in set(items["person_id"])
    assert items["row"].tolist() == [2, 3, 4, 5, 8, 9, 10]


def analysis_rows(study: Study, scores: pd.DataFrame) -> pd.DataFrame:
    shown = study.segments.merge(study.people(), on=["dyad_id", "session_id"])
    expressions = shown[["dyad_id", "session_id", "segment_id", "person_id"]].assign(
        channel="AU12", channel_type="probability", measure="level", value=0.5, seen_share=1.0,
        reason="", stratum="all",
    )  # fmt: skip
    pairs = [
        EmotionPair(emotion=name, instrument="feelings", scale=name, channel="AU12")
        for name in ("joy", "sadness")
    ]
    nobody = pd.DataFrame(columns=list(LeftOutPeople.to_schema().columns))
    return assemble(
        study.participants, study.sessions, study.segments, study.recordings, expressions, scores,
        pairs, study.consented(), nobody,
    )  # fmt: skip


def test_an_analysis_row_names_its_score_and_so_its_cells(tmp_path) -> None:
    study, items, scores = traced(studies.write_study(tmp_path))
    rows = check(analysis_rows(study, scores), Cohort, "cohort")
    analysed = rows[rows["x"].notna()]
    assert len(analysed) == 6
    for row in analysed.itertuples():
        instrument, scale = row.x_score.split(".")
        key = (row.dyad_id, row.session_id, row.person, row.segment_id, instrument, scale)
        cells = items.set_index(SCORE).loc[[key]]
        line = studies.RATINGS.splitlines()[cells["row"].iloc[0] - 1].split("\t")
        assert line[:6] == [row.person, row.dyad_id, row.session_id, row.segment_id, *key[4:]]
        assert float(line[6]) == row.x


def test_one_cell_changes_its_scores_and_analysis_rows_and_no_others(tmp_path) -> None:
    study, items, scores = traced(studies.write_study(tmp_path / "a"))
    other = studies.write_study(tmp_path / "b", ratings=studies.RATINGS.replace("12.5", "40"))
    other_study, _, other_scores = traced(other)
    before, after = analysis_rows(study, scores), analysis_rows(other_study, other_scores)
    moved = before[before["x"].ne(after["x"]) & before["x"].notna()]
    own = items[items["row"].eq(4)].iloc[0]
    assert scores[scores["score"].ne(other_scores["score"]) & scores["score"].notna()][
        SCORE
    ].to_numpy().tolist() == [own[SCORE].tolist()]
    assert moved[["person", "segment_id", "x_score"]].to_numpy().tolist() == [
        [own["person_id"], own["segment_id"], f"{own['instrument']}.{own['scale']}"]
    ]


def test_the_page_of_a_dyad_shows_each_score_with_its_cells(tmp_path) -> None:
    _, items, scores = traced(studies.write_study(tmp_path))
    own = (table[table["dyad_id"].eq("D02")] for table in (scores, items))
    page = scores_of_dyad(*own)
    rows = {(row[2], row[3], row[1]): row[4:] for row in page.rows}
    # by hand: (4 + (1 + 5 - 2)) / 2
    assert rows["P02", "rapport (rapport)", "whole session"] == (
        "4.00", "2 of 2", "close 4 (row 9); bored 2→4 (row 10)",
    )  # fmt: skip
    assert rows["Q02", "rapport (rapport)", "whole session"] == ("no answer", "0 of 2", "no row")
    assert "ratings.tsv" in page.note
