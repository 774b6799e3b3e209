"""The report tells of ratings of the other one, of moments and of every instant, if there are."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import rated_cases
from figure_tables import GROUPS, StudyTables, study_tables
from test_report import SVG, TEMPLATES, Page, config, content, plain

from dyads import tables, wording
from dyads.analysis.agreement import read_groups
from dyads.config import Config
from dyads.contracts import Judgements, Moments
from dyads.plan.state import PlanState
from dyads.report.cohort_page import cohort_page
from dyads.report.page_figures import figure_item
from dyads.report.rated_parts import FurtherRatings, parts, read_rated

PEOPLE = 8
PAIR = {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "smile"}


def settings(cell: int = 5) -> Config:
    streams = {"pairs": [PAIR], "delay_variants_s": [1.5]}
    return config(continuous=streams, report={"minimum_cell": cell})


def ratings_of(study: StudyTables, cell: int = 5) -> FurtherRatings:
    return rated_cases.further_ratings(study.sessions, study.participants, GROUPS, cell)


def html(study: StudyTables, ratings: FurtherRatings | None) -> str:
    captions = [
        (TEMPLATES / f"{name}.rst").read_text("utf-8") for name in ("judgements", "continuous")
    ]
    figures = [
        figure_item(name, SVG, caption)
        for name, caption in zip(("judgements", "continuous"), captions, strict=True)
    ]
    filled = content(study, config=settings(), rated=ratings, figures=figures if ratings else [])
    return cohort_page(filled, TEMPLATES)


@pytest.fixture(scope="module")
def study() -> StudyTables:
    return study_tables(people=PEOPLE)


@pytest.fixture(scope="module")
def ratings(study: StudyTables) -> FurtherRatings:
    return ratings_of(study)


@pytest.fixture(scope="module")
def page(study: StudyTables, ratings: FurtherRatings) -> Page:
    return Page(html(study, ratings))


def test_a_study_without_such_ratings_has_no_such_section(study: StudyTables) -> None:
    for none in (None, FurtherRatings()):
        assert 'id="ratings"' not in html(study, none)
        assert "#ratings" not in html(study, none)


def test_only_the_kinds_that_a_study_has_are_told(
    study: StudyTables, ratings: FurtherRatings
) -> None:
    said = html(study, FurtherRatings(moments=ratings.moments))
    assert "<h3>Rated moments</h3>" in said
    assert "What people thought" not in said
    assert "Ratings of every instant" not in said


def test_each_kind_links_to_its_table_and_shows_its_figure_once(
    study: StudyTables, ratings: FurtherRatings
) -> None:
    said = html(study, ratings)
    links = re.findall(r'href="(\.\./ratings/[a-z]+\.csv)"', said)
    assert links == [f"../ratings/{name}.csv" for name in ("judgements", "moments", "continuous")]
    for name in ("judgements", "continuous"):
        assert said.count(f'id="figure-{name}"') == 1
    assert said.index('id="ratings"') < said.index('id="figure-judgements"')
    assert said.index('id="figure-continuous"') < said.index('id="models"')


def test_people_sessions_and_ratings_are_counted_by_who_gave_them(page: Page) -> None:
    # made: eight people in each group and role, one session, eight segments or moments each; the
    # first moment of everybody was not seen; two streams each, those of D01 without a face
    assert "control 8 8 64 64" in page.text
    assert "partners of SCZ 8 8 64 56" in page.text
    assert "partners of control 8 8 16 14" in page.text
    assert "partners of ASD 8 8 16 16" in page.text
    assert "Not used, because: no trace of the face." in page.text


def test_the_numbers_of_groups_stand_with_their_interval_and_people(
    page: Page, ratings: FurtherRatings
) -> None:
    for rated, comparison, measure, name in (
        (ratings.judgements, "accuracy", "partial_slope",
         "Accuracy, slope beyond what the judge felt"),
        (ratings.judgements, "distinctive_accuracy", "r", "Distinctive accuracy, correlation"),
        (ratings.moments, "congruence", "r",
         "Own face on own rating, correlation"),
    ):  # fmt: skip
        lines = rated.groups
        lines = lines[lines["comparison"].eq(comparison) & lines["measure"].eq(measure)]
        of_role = lines[lines["role"].eq("partner")].set_index("group")
        told = [
            f"{wording.estimate_interval(*of_role.loc[group, ['value', 'lower', 'upper']])} (8)"
            for group in GROUPS
        ]
        assert plain(f"{name} {' '.join(told)}") in page.text


def test_a_delay_is_named_where_there_are_several(
    study: StudyTables, ratings: FurtherRatings, page: Page
) -> None:
    said = "joy, rated of oneself: with one's own face"
    assert f"{said}, no delay taken off correlation without lag" in page.text
    assert f"{said}, 1.5 s taken off correlation without lag" in page.text
    groups = ratings.continuous.groups
    one = dataclasses.replace(ratings.continuous, groups=groups[groups["delay_s"].eq(0)])
    text = Page(html(study, FurtherRatings(continuous=one))).text
    assert f"{said} correlation without lag" in text


def test_what_was_asked_and_how_to_read_it_is_said(page: Page) -> None:
    assert (
        "what they thought that the other one of the dyad felt: joy (feelings: joy)." in page.text
    )
    assert "joy (feelings: joy, held against smile)" in page.text
    assert "from 5 s before to 5 s after that point" in page.text
    assert "looked for within 5 s of each other" in page.text
    assert page.text.count("groups are not tested against each other here") == 3


def test_of_few_people_nothing_is_told() -> None:
    few = study_tables(people=3)
    written = parts(ratings_of(few), settings(), few.sessions, few.participants, PlanState())
    for part in written:
        counts, *numbers = part.tables
        assert {cell for row in counts.rows for cell in row[1:]} == {"not shown"}
        assert [table.rows for table in numbers] == [()]
    assert "Agreement: too few people rated to tell." in Page(html(few, ratings_of(few))).text


def test_a_group_without_a_number_has_a_dash_that_the_note_explains(
    study: StudyTables, ratings: FurtherRatings
) -> None:
    groups = ratings.moments.groups
    lost = dataclasses.replace(ratings.moments, groups=groups[groups["group"].ne("ASD")])
    alone = FurtherRatings(moments=lost)
    [part] = parts(alone, settings(), study.sessions, study.participants, PlanState())
    table = part.tables[1]
    assert [row[2] for row in table.rows] == [wording.EN_DASH] * 2
    assert "A dash: nobody, or fewer than 5 people." in table.note


def test_tables_come_back_as_the_workflow_wrote_them(
    ratings: FurtherRatings, tmp_path: Path
) -> None:
    # a group may be called like a missing value
    groups = ratings.judgements.groups.replace({"group": {"ASD": "NA"}})
    tables.write_csv(groups, tmp_path / "judgements.csv")
    tables.write(ratings.judgements.rows, tmp_path / "rows.parquet", Judgements)
    back = read_rated([str(tmp_path / "judgements.csv"), str(tmp_path / "rows.parquet")], [], [])
    assert back.judgements is not None
    assert back.judgements.groups["group"].tolist() == groups["group"].tolist()
    assert back.judgements.groups["delay_s"].isna().all()
    assert back.judgements.groups["value"].tolist() == pytest.approx(groups["value"].tolist())
    assert len(back.judgements.rows) == len(ratings.judgements.rows)
    assert (back.moments, back.continuous) == (None, None)


def test_a_table_in_which_no_group_is_large_enough_can_be_read(
    ratings: FurtherRatings, tmp_path: Path
) -> None:
    tables.write_csv(ratings.moments.groups.head(0), tmp_path / "moments.csv")
    assert read_groups(tmp_path / "moments.csv").empty
    tables.write(ratings.moments.rows, tmp_path / "rows.parquet", Moments)
    back = read_rated([], [str(tmp_path / "moments.csv"), str(tmp_path / "rows.parquet")], [])
    assert back.moments is not None


@pytest.mark.parametrize("name", ["judgements", "continuous"])
def test_the_caption_of_a_figure_of_ratings_has_a_title(name: str) -> None:
    item = figure_item(name, SVG, (TEMPLATES / f"{name}.rst").read_text(encoding="utf-8"))
    assert item.title != name
    assert len(item.caption) > 80
    assert "*" not in item.caption
