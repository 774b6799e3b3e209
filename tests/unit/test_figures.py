import dataclasses
import subprocess
import sys
from functools import cache

import figure_tables
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from figure_tables import (
    ABOUT,
    GROUPS,
    MEETING,
    StudyTables,
    model_results,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from rated_cases import RatedPersons, draw_ratings, rated_persons
from scipy import stats

from dyads.analysis.results import ModelResults
from dyads.config import QualitySettings
from dyads.errors import StudyError
from dyads.figures import (
    congruence_by_group,
    congruence_slopes,
    data_flow,
    expressivity,
    model_contrasts,
    paired_traces,
    quality,
    seen_time,
    style,
    synchrony,
)
from dyads.figures.means import group_means

Drawn = tuple[Figure, pd.DataFrame]
NAMES = (
    "paired_traces", "expressivity", "congruence_slopes", "congruence_by_group",
    "model_contrasts", "data_flow", "synchrony", "seen_time", "quality", "judgements",
    "continuous",
)  # fmt: skip


@cache
def study_tables(people: int, groups: tuple[str, ...] = GROUPS) -> StudyTables:
    """Tables that many tests look at and none changes."""
    return figure_tables.study_tables(people, groups)


@cache
def model_of(stamp: str, compare: str = "slopes") -> ModelResults:
    return model_results(compare=compare, stamp=stamp)


@cache
def ratings_of(name: str, study: StudyTables, cell: int) -> RatedPersons:
    return rated_persons(name, study, cell)


def draw(name: str, study: StudyTables, *, cell: int = 1, stamp: str = "demo weights") -> Drawn:
    model = model_of(stamp)
    match name:
        case "paired_traces":
            about = ABOUT.model_copy(update={"stamp": stamp})
            return paired_traces.draw(
                study.trace, study.segments, study.scores, MEETING, channel="smile",
                parts=("AU06", "AU12"), groups=GROUPS, about=about,
            )  # fmt: skip
        case "expressivity":
            return expressivity.draw(
                study.expressions, study.participants, channel="smile", groups=GROUPS,
                minimum_cell=cell, stamp=stamp,
            )  # fmt: skip
        case "congruence_slopes":
            return congruence_slopes.draw(
                study.cohort, model, groups=GROUPS, unit="probability", minimum_cell=cell
            )
        case "congruence_by_group":
            return congruence_by_group.draw(
                study.persons, study.congruence, model, groups=GROUPS, minimum_cell=cell
            )
        case "model_contrasts":
            return model_contrasts.draw([model, model_of(stamp, "means")])
        case "data_flow":
            return data_flow.draw(study.flow, groups=GROUPS, minimum_cell=cell, stamp=stamp)
        case "synchrony":
            return synchrony.draw(
                study.synchrony, study.sessions, study.participants, channel="smile",
                groups=GROUPS, minimum_cell=cell, stamp=stamp,
            )  # fmt: skip
        case "judgements" | "continuous":
            made = ratings_of(name, study, cell)
            return draw_ratings(name, made, minimum_cell=cell, stamp=stamp)
        case "quality":
            return quality.draw(
                study.quality, settings=QualitySettings(turn_max_deg=1), minimum_cell=cell,
                stamp=stamp,
            )  # fmt: skip
        case _:
            return seen_time.draw(
                study.expressions, study.segments, minimum_seen_share=0.6, stamp=stamp
            )


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


@pytest.fixture(scope="module")
def study() -> StudyTables:
    return study_tables(people=5)


@pytest.fixture(scope="module")
def drawn(study: StudyTables) -> dict[str, Drawn]:
    return {name: draw(name, study) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_carries_the_stamp_of_its_numbers(drawn: dict[str, Drawn], name: str) -> None:
    assert "demo weights" in words(drawn[name][0])


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_of_numbers_without_a_stamp_carries_none(study: StudyTables, name: str) -> None:
    assert "demo weights" not in words(draw(name, study, stamp="")[0])


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_says_how_many_it_shows(drawn: dict[str, Drawn], name: str) -> None:
    said = words(drawn[name][0])
    assert any(sign in said for sign in ("n = ", "number of people", "people left", "5 people"))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("paired_traces", "seen_time")])
def test_no_identifier_of_a_person_or_dyad_leaves_with_a_group_figure(
    drawn: dict[str, Drawn], study: StudyTables, name: str
) -> None:
    figure, table = drawn[name]
    identifiers = {*study.participants["participant_id"], *study.sessions["dyad_id"]}
    assert identifiers.isdisjoint(table.astype(str).to_numpy().ravel())
    assert not any(identifier in words(figure) for identifier in identifiers)


@pytest.mark.parametrize("name", NAMES)
def test_empty_tables_give_a_figure_that_says_so_and_no_crash(name: str) -> None:
    full = study_tables(people=1)
    empty = dataclasses.replace(
        full, **{f.name: getattr(full, f.name).iloc[:0] for f in dataclasses.fields(full)}
    )
    figure, _ = draw(name, empty)
    figure.draw_without_rendering()
    if name not in ("model_contrasts", "congruence_by_group"):
        assert any(word in words(figure) for word in ("no ", "nobody"))


@pytest.mark.parametrize("name", NAMES)
def test_one_person_a_group_gives_a_figure_and_no_warning(
    name: str, recwarn: pytest.WarningsRecorder
) -> None:
    figure, _ = draw(name, study_tables(people=1))
    figure.draw_without_rendering()
    assert [str(warning.message) for warning in recwarn] == []


def test_model_contrasts_without_a_model_say_so() -> None:
    figure, table = model_contrasts.draw([])
    assert "no model was fitted" in words(figure)
    assert table.empty


@pytest.mark.parametrize("name", ["expressivity", "congruence_slopes", "congruence_by_group",
                                  "synchrony", "judgements", "continuous"])  # fmt: skip
def test_a_group_below_the_smallest_cell_is_named_but_not_shown(name: str) -> None:
    figure, table = draw(name, study_tables(people=3), cell=5)
    assert table.empty
    assert "fewer than 5" in words(figure)


def test_the_flow_hides_small_numbers_of_people_and_tells_the_rows() -> None:
    figure, table = draw("data_flow", study_tables(people=3), cell=5)
    assert set(table["people"]) == {"fewer than 5"}
    assert "fewer than 5 people" in words(figure)
    assert "36 rows" in words(figure)  # 3 people x 4 segments x 3 emotions


def test_the_flow_says_what_was_lost_and_why(drawn: dict[str, Drawn]) -> None:
    # The factory takes one person's answers about one segment away: three emotions, three rows.
    assert "\N{MINUS SIGN} 3 rows: not rated" in words(drawn["data_flow"][0])


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were(study: StudyTables) -> None:
    before = dict(mpl.rcParams)
    draw("data_flow", study)
    assert dict(mpl.rcParams) == before


def test_figures_and_pages_load_neither_pyplot_nor_the_heavy_libraries() -> None:
    program = (
        "import sys, dyads.report.cohort_page, dyads.report.dyad_pages\n"
        f"from dyads.figures import {', '.join(NAMES)}\n"
        "heavy = ('matplotlib.pyplot', 'torch', 'feat', 'statsmodels', 'pingouin')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_group_keeps_its_colour_whoever_else_is_drawn() -> None:
    colours = style.group_colours(GROUPS)
    assert colours == {"control": "#0072B2", "ASD": "#E69F00", "SCZ": "#009E73"}
    assert len({*style.group_markers(GROUPS).values()}) == len(GROUPS)


def test_the_same_figure_gives_the_same_bytes(study: StudyTables, tmp_path) -> None:
    contents = []
    for run in ("first", "second"):
        figure, table = draw("data_flow", study)
        files = {form: tmp_path / run / f"figure.{form}" for form in ("pdf", "svg", "png", "csv")}
        style.save(figure, table, **files)
        contents.append({form: path.read_bytes() for form, path in files.items()})
    assert contents[0] == contents[1]


def test_a_saved_pdf_embeds_its_font_as_truetype_and_no_date(
    drawn: dict[str, Drawn], tmp_path
) -> None:
    figure, table = drawn["data_flow"]
    files = {form: tmp_path / f"figure.{form}" for form in ("pdf", "svg", "png", "csv")}
    style.save(figure, table, **files)
    pdf = files["pdf"].read_bytes()
    assert b"/FontFile2" in pdf
    assert b"DejaVuSans" in pdf
    assert b"/Type3" not in pdf
    assert b"/CreationDate" not in pdf
    assert b"<dc:date>" not in files["svg"].read_bytes()


def test_the_numbers_lie_beside_the_figure(drawn: dict[str, Drawn], tmp_path) -> None:
    figure, table = drawn["model_contrasts"]
    files = {form: tmp_path / f"figure.{form}" for form in ("pdf", "svg", "png", "csv")}
    style.save(figure, table, **files)
    shown = pd.read_csv(files["csv"])
    assert set(shown.pop("stamp")) == {"demo weights"}
    pd.testing.assert_frame_equal(shown, table, check_dtype=False)


def test_figures_are_as_wide_as_two_columns_of_a_journal(drawn: dict[str, Drawn]) -> None:
    for figure, _ in drawn.values():
        assert figure.get_figwidth() * 25.4 == pytest.approx(174.0)


def test_a_missing_stretch_is_marked_with_its_reason(drawn: dict[str, Drawn]) -> None:
    # The factory hides the partner's face for 2.5 s.
    assert "no face found" in words(drawn["paired_traces"][0]).splitlines()


def test_a_composite_trace_is_the_mean_of_its_parts(
    drawn: dict[str, Drawn], study: StudyTables
) -> None:
    table = drawn["paired_traces"][1]
    shown = table[(table["kind"] == "trace") & (table["person_id"] == "P01")]["value"]
    own = study.trace[study.trace["person_id"] == "P01"]
    np.testing.assert_allclose(shown, (own["AU06"] + own["AU12"]) / 2)


def test_an_unanswered_question_is_in_the_numbers_with_its_reason(drawn: dict[str, Drawn]) -> None:
    table = drawn["paired_traces"][1]
    unanswered = table[(table["kind"] == "rating") & table["value"].isna()]
    assert unanswered[["person_id", "segment_id", "name", "reason"]].to_numpy().tolist() == [
        ["Q01", "sad", "anger", "no answer"]
    ]


def test_a_channel_that_the_trace_lacks_is_named(study: StudyTables) -> None:
    with pytest.raises(StudyError, match=r"dyad D01, session S1: the trace has no AU99"):
        paired_traces.draw(
            study.trace, study.segments, study.scores, MEETING, channel="AU99", groups=GROUPS,
            about=ABOUT,
        )  # fmt: skip


def test_a_session_without_ratings_shows_its_traces(study: StudyTables) -> None:
    figure, table = paired_traces.draw(
        study.trace, study.segments, study.scores.iloc[:0], MEETING, channel="AU12",
        groups=GROUPS, about=ABOUT,
    )  # fmt: skip
    assert set(table["kind"]) == {"trace"}
    assert "What both said they felt" not in words(figure)


def test_every_person_is_a_dot_at_the_mean_of_their_sessions(study: StudyTables) -> None:
    first = study.expressions
    second = first.assign(session_id="S2", value=first["value"] + 0.1)
    both = pd.concat([first, second], ignore_index=True)
    _, table = expressivity.draw(both, study.participants, channel="smile", groups=GROUPS)
    dots = table[(table["kind"] == "person") & (table["measure"] == "level")]
    own = first[(first["measure"] == "level") & first["person_id"].str.startswith("P")]
    expected = own["value"].dropna() + 0.05
    np.testing.assert_allclose(np.sort(dots["value"]), np.sort(expected))


def test_a_persons_line_has_the_slope_of_numpys_least_squares(
    drawn: dict[str, Drawn], study: StudyTables
) -> None:
    table = drawn["congruence_slopes"][1]
    lines = table[(table["kind"] == "person") & (table["group"] == "SCZ")]
    people = lines.sort_values(["person", "x"]).groupby("person")[["x", "e"]]
    run = people.last() - people.first()
    own = study.cohort[(study.cohort["group"] == "SCZ") & (study.cohort["role"] == "participant")]
    expected = [np.polyfit(part["x_w"], part["e_w"], 1)[0] for _, part in own.groupby("person")]
    np.testing.assert_allclose(run["e"] / run["x"], expected, rtol=1e-9)


def test_excluded_rows_are_not_drawn(drawn: dict[str, Drawn], study: StudyTables) -> None:
    own = study.cohort[study.cohort["role"] == "participant"]
    table = drawn["congruence_slopes"][1]
    assert (table["kind"] == "row").sum() == (own["exclusion"] == "").sum() == len(own) - 3


def test_the_slope_stands_in_the_panel_with_its_interval(drawn: dict[str, Drawn]) -> None:
    said = words(drawn["congruence_slopes"][0]).replace("\N{NO-BREAK SPACE}", " ")
    assert "slope 0.140 [0.115, 0.165] per SD" in said  # as model_results() gives it


def test_both_covariances_stand_in_the_forest(drawn: dict[str, Drawn]) -> None:
    table = drawn["model_contrasts"][1]
    assert table.groupby("covariance").size().to_dict() == {"CR2": 6, "satterthwaite": 6}


def test_synchrony_is_shown_as_the_distance_from_pseudo_dyads(
    drawn: dict[str, Drawn], study: StudyTables
) -> None:
    table = drawn["synchrony"][1]
    dots = table[(table["kind"] == "dyad") & (table["measure"] == "mean_z")]
    rows = study.synchrony[study.synchrony["measure"] == "mean_z"]
    expected = rows.groupby("dyad_id")["value"].mean() - 0.1  # the factory's null
    np.testing.assert_allclose(np.sort(dots["value"]), np.sort(expected))


def test_a_measure_of_synchrony_without_values_says_why(study: StudyTables) -> None:
    lost = study.synchrony.assign(value=np.nan, reason="segment shorter than the window")
    figure, _ = synchrony.draw(
        lost, study.sessions, study.participants, channel="smile", groups=GROUPS
    )
    assert "not measured:\nsegment shorter than the window" in words(figure)


def test_seen_time_knows_no_group_and_counts_segments_below_the_limit(
    drawn: dict[str, Drawn], study: StudyTables
) -> None:
    figure, table = drawn["seen_time"]
    assert "group" not in table.columns
    assert not any(group in words(figure) for group in GROUPS)
    assert table["segments_below"].sum() == 1  # the factory's one share of 0.41
    assert len(table) == len(study.participants)


def test_the_dots_of_quality_cannot_be_joined_to_a_person(drawn: dict[str, Drawn]) -> None:
    table = drawn["quality"][1]
    assert list(table.columns) == ["measure", "unit", "value"]
    for _, values in table.groupby("measure")["value"]:
        assert values.is_monotonic_increasing


def test_quality_knows_no_group_and_is_the_same_whatever_groups_are_called(
    drawn: dict[str, Drawn],
) -> None:
    renamed = draw("quality", study_tables(people=5, groups=("one", "two", "three")))
    assert style.svg_text(renamed[0]) == style.svg_text(drawn["quality"][0])
    assert not any(group in words(drawn["quality"][0]) for group in GROUPS)


def test_quality_known_of_few_people_is_not_shown() -> None:
    figure, table = draw("quality", study_tables(people=1, groups=("ASD",)), cell=5)
    assert table.empty
    assert "known of fewer\nthan 5 people" in words(figure)


def test_seen_time_weighs_segments_by_their_length(study: StudyTables) -> None:
    segments = study.segments.copy()
    segments.loc[segments["segment_id"] == "sad", "duration_s"] = 15.0
    shares = study.expressions.assign(seen_share=1.0)
    shares.loc[shares["segment_id"] == "sad", "seen_share"] = 0.5
    _, table = seen_time.draw(shares, segments, minimum_seen_share=0.6)
    np.testing.assert_allclose(table["seen_share"], (3 * 5.0 + 0.5 * 15.0) / 30.0)


def test_the_interval_of_a_mean_is_that_of_students_t() -> None:
    values = [0.2, 0.5, 0.4, 0.9]
    table = pd.DataFrame({"group": "ASD", "value": values})
    row = group_means(table, ["group"], "value").iloc[0]
    # scipy.stats.t.interval, an independent way to the same limits
    lower, upper = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (row["n"], row["mean"]) == (4, pytest.approx(0.5))
    assert (row["lower"], row["upper"]) == (pytest.approx(lower), pytest.approx(upper))


def test_one_person_has_a_mean_and_no_interval() -> None:
    row = group_means(pd.DataFrame({"group": ["ASD"], "value": [0.3]}), ["group"], "value").iloc[0]
    assert row["mean"] == 0.3
    assert row[["lower", "upper"]].isna().all()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=60))
@settings(max_examples=50, deadline=None)
def test_dots_are_spread_apart_and_never_leave_their_column(values: list[float]) -> None:
    places = style.spread(np.array(values))
    assert np.all(np.abs(places) < 0.5)
    assert len(np.unique(places)) == len(values)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=20),
       st.floats(10, 60))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_wrapping_loses_no_word_and_keeps_to_the_width(text: list[str], width_mm: float) -> None:
    lines = style.wrapped(" ".join(text), width_mm, style.SMALL_PT)
    assert " ".join(lines).split() == text
    for line in lines:
        assert " " not in line or style.text_width_mm(line, style.SMALL_PT) <= width_mm


def test_a_stretch_too_short_to_be_named_is_told_in_the_note(study: StudyTables) -> None:
    trace = study.trace.copy()
    blink = (trace["person_id"] == "P01") & trace["step"].between(100, 101)
    trace.loc[blink, ["state", "reason"]] = ["missing", "not_decoded"]
    figure, _ = paired_traces.draw(
        trace, study.segments, study.scores, MEETING, channel="AU12", groups=GROUPS, about=ABOUT
    )
    said = " ".join(words(figure).split())
    # Two of 235 steps of a tenth of a second; the partner's face is away for 2.5 s.
    assert said.count("frames lost") == 1
    assert "Missing: participant 0.2 s frames lost; partner 2.5 s no face found." in said


def test_a_person_without_a_recording_takes_no_time_from_the_axis(study: StudyTables) -> None:
    trace = study.trace[study.trace["person_id"] != "P01"]
    figure, _ = paired_traces.draw(
        trace, study.segments, study.scores, MEETING, channel="AU12", groups=GROUPS, about=ABOUT
    )
    assert "no recording of this person" in words(figure)
    figure.canvas.draw()
    assert [tick.get_text() for tick in figure.axes[-1].get_xticklabels() if tick.get_text()]
