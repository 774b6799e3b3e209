"""Figures of judgements and of continuous ratings show what their tables hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rated_cases
from figure_tables import GROUPS, StudyTables, study_tables
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from rated_cases import RatedPersons

from dyads.analysis import continuous as continuous_ratings
from dyads.analysis.judgements import MEASURES, by_judge
from dyads.figures import continuous, judgements, style
from dyads.figures.role_panel import role_cells

Drawn = dict[str, tuple[Figure, pd.DataFrame]]
PEOPLE = 6
ONE_PANEL = ["emotion", "target", "comparison", "measure", "group", "role"]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


@pytest.fixture(scope="module")
def study() -> StudyTables:
    return study_tables(people=PEOPLE)


@pytest.fixture(scope="module")
def made(study: StudyTables) -> dict[str, RatedPersons]:
    return {name: rated_cases.rated_persons(name, study) for name in ("judgements", "continuous")}


@pytest.fixture(scope="module")
def drawn(made: dict[str, RatedPersons]) -> Drawn:
    return {name: rated_cases.draw_ratings(name, one) for name, one in made.items()}


def test_a_judge_is_a_dot_at_the_slope_of_a_regression_on_both(
    made: dict[str, RatedPersons], drawn: Drawn
) -> None:
    _, table = drawn["judgements"]
    rows = made["judgements"].rated.rows
    expected = {"accuracy": [], "assumed_similarity": []}
    for _, own in rows[rows["role"].eq("participant") & rows["group"].eq("ASD")].groupby("person"):
        design = np.column_stack([np.ones(len(own)), own["truth"], own["own"]])
        _, of_truth, of_own = np.linalg.lstsq(design, own["judged"].to_numpy(), rcond=None)[0]
        expected["accuracy"].append(of_truth)
        expected["assumed_similarity"].append(of_own)
    is_dot = table["kind"].eq("person") & table["role"].eq("participant") & table["group"].eq("ASD")
    for comparison, slopes in expected.items():
        dots = table[is_dot & table["comparison"].eq(comparison)]
        dots = dots[dots["measure"].eq("partial_slope")]
        np.testing.assert_allclose(np.sort(dots["value"]), np.sort(slopes))


@pytest.mark.parametrize("name", ["judgements", "continuous"])
def test_means_and_intervals_are_those_of_the_table_of_groups(
    name: str, made: dict[str, RatedPersons], drawn: Drawn
) -> None:
    _, table = drawn[name]
    keys = [column for column in ONE_PANEL if column in table]
    drawn = table[table["kind"].eq("mean")].set_index(keys)[["value", "lower", "upper", "n"]]
    groups = made[name].rated.groups
    if name == "continuous":
        groups = groups[groups["delay_s"].eq(0)]
    told = groups.set_index(keys)[["value", "lower", "upper", "people"]]
    np.testing.assert_allclose(drawn, told.loc[drawn.index])
    # judgements: four panels; ratings: three comparisons and two measures; three groups, two roles
    assert len(drawn) == {"judgements": 4, "continuous": 6}[name] * 3 * 2


@pytest.mark.parametrize("name", ["judgements", "continuous"])
def test_people_of_a_dyad_that_keeps_its_values_count_and_have_no_dot(
    name: str, study: StudyTables, made: dict[str, RatedPersons], drawn: Drawn
) -> None:
    sharing = [dyad for dyad in study.sessions["dyad_id"] if dyad != "D02"]
    figure, table = rated_cases.draw_ratings(name, made[name], sharing=sharing)
    panel = table[table["group"].eq("control") & table["role"].eq("partner")]
    panel = panel[panel["comparison"].eq({"judgements": "accuracy"}.get(name, "own_rating"))]
    panel = panel[panel["measure"].isin(["bias", "lag_s"])]
    assert panel["kind"].value_counts().to_dict() == {"person": PEOPLE - 1, "mean": 1}
    assert panel.loc[panel["kind"].eq("mean"), "n"].tolist() == [PEOPLE]
    note = words(figure).replace("\n", " ")
    assert "People of dyads who did not agree to be shown singly" in note
    assert "did not agree" not in words(drawn[name][0])


def test_a_small_cell_is_not_drawn_beside_a_large_one(made: dict[str, RatedPersons]) -> None:
    persons = made["judgements"].persons
    few = persons[persons["group"].ne("SCZ") | persons["person"].isin(["P13", "P14"])]
    groups = rated_cases.of_groups(few, MEASURES, GROUPS, 5)
    figure, table = judgements.draw(few, groups, groups=GROUPS, minimum_cell=5)
    assert set(table["group"]) == {"control", "ASD"}
    assert "n <5" in words(figure).splitlines()
    assert "n = 6" in words(figure).splitlines()


def test_without_what_judges_felt_the_plain_slope_is_drawn_and_the_note_says_so(
    made: dict[str, RatedPersons],
) -> None:
    rows = made["judgements"].rated.rows.assign(own=np.nan)
    persons = by_judge(rows, rated_cases.MINIMUM_ROWS)
    groups = rated_cases.of_groups(persons, MEASURES, GROUPS, 1)
    figure, table = judgements.draw(persons, groups, groups=GROUPS)
    assert set(table["measure"]) == {"slope", "bias"}
    assert "What the judges felt is not known" in words(figure).replace("\n", " ")
    assert "no assumed similarity could be told" in words(figure)


def test_the_three_slopes_have_one_scale(drawn: Drawn) -> None:
    figure, _ = drawn["judgements"]
    limits = [axes.get_ylim() for axes in figure.axes]
    assert limits[0] == limits[1] == limits[2] != limits[3]


def test_partners_are_open_marks_in_the_colour_of_the_participants_group(drawn: Drawn) -> None:
    figure, _ = drawn["judgements"]
    dots = [line for line in figure.axes[0].lines if len(line.get_xdata()) == PEOPLE]
    assert [line.get_markerfacecolor() == "none" for line in dots] == [False, True] * len(GROUPS)
    edges = [to_hex(line.get_markeredgecolor()).upper() for line in dots]
    expected = [colour for colour in style.group_colours(GROUPS).values() for _ in range(2)]
    assert edges == expected


def test_other_reaction_delays_are_not_drawn(made: dict[str, RatedPersons], drawn: Drawn) -> None:
    persons = made["continuous"].persons
    assert set(persons["delay_s"]) == {0.0, 1.5}
    _, table = drawn["continuous"]
    main = persons[persons["delay_s"].eq(0)]
    dots = table[table["kind"].eq("person") & table["measure"].eq("excess_z")]
    np.testing.assert_allclose(np.sort(dots["value"]), np.sort(main["excess_z"].dropna()))


def test_ratings_that_cannot_be_used_leave_a_panel_that_says_why(
    study: StudyTables, made: dict[str, RatedPersons]
) -> None:
    rows = made["continuous"].rated.rows
    lost = rows.assign(
        **dict.fromkeys(("fisher_z", "peak_z", "null_z", "lag_s", "p"), np.nan),
        reason="too short for circular shifts",
    )
    persons = continuous_ratings.by_person(lost, study.sessions, study.participants)
    groups = rated_cases.of_groups(persons, continuous_ratings.MEASURES, GROUPS, 1)
    figure, table = continuous.draw(persons, groups, groups=GROUPS, delay_s=0.0)
    assert "no rating could be used:\ntoo short for circular shifts" in words(figure)
    assert table.empty


def test_a_cell_holds_only_the_people_who_have_the_measure() -> None:
    persons = pd.DataFrame({"dyad_id": ["D1", "D2"], "person": ["P1", "P2"], "group": "ASD",
                            "role": "participant", "bias": [1.0, np.nan]})  # fmt: skip
    told = pd.DataFrame({"group": ["ASD"], "role": "participant", "measure": "bias", "value": 1.0,
                         "lower": np.nan, "upper": np.nan})  # fmt: skip
    dots, means = role_cells(persons, told, "bias", 1)
    assert dots["person"].tolist() == ["P1"]
    assert means["n"].tolist() == [1]


def test_a_figure_of_many_ratings_still_fits_on_a_page(study: StudyTables) -> None:
    rows = rated_cases.continuous_rows(study.sessions, study.participants)
    persons = continuous_ratings.by_person(rows, study.sessions, study.participants)
    many = pd.concat(
        [persons.assign(emotion=emotion) for emotion in ("joy", "sadness", "anger", "fear")]
    )
    groups = rated_cases.of_groups(many, continuous_ratings.MEASURES, GROUPS, 1)
    figure, table = continuous.draw(many, groups, groups=GROUPS, delay_s=0.0)
    assert len(table[["emotion", "target", "comparison"]].drop_duplicates()) == 12
    assert figure.get_size_inches()[1] * 25.4 < 240


def test_one_kind_of_rating_of_one_role_fills_the_panel(study: StudyTables) -> None:
    rows = rated_cases.continuous_rows(study.sessions, study.participants)
    rows = rows[
        rows["target"].eq("self") & rows["person_id"].isin(study.sessions["participant_id"])
    ]
    persons = continuous_ratings.by_person(rows, study.sessions, study.participants)
    groups = rated_cases.of_groups(persons, continuous_ratings.MEASURES, GROUPS, 1)
    figure, table = continuous.draw(persons, groups, groups=GROUPS, delay_s=0.0)
    assert set(table["role"]) == {"participant"}
    assert [axes.get_title() or axes.get_title(loc="left") for axes in figure.axes] == [
        "Joy, rated of oneself: with one's own face", ""
    ]  # fmt: skip
