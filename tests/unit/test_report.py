import dataclasses
import re
from base64 import b64decode
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_tables import (
    ABOUT,
    GROUPS,
    StudyTables,
    check_results,
    model_results,
    study_tables,
)
from hypothesis import given
from hypothesis import strategies as st
from profile_cases import shared_profiles
from score_cases import items_of, score_quality

from dyads import wording
from dyads.analysis import results as results_folder
from dyads.analysis.results import ModelResults
from dyads.analysis.sample import describe_sample
from dyads.channels import ChannelType
from dyads.config import Config, PlanSettings, SampleSettings, parse
from dyads.errors import StudyError
from dyads.plan.primary import primary_family
from dyads.plan.state import PlanState
from dyads.power.results import read_power
from dyads.report import methods_text
from dyads.report.answer_text import answer
from dyads.report.cohort_page import CohortContent, cohort_page
from dyads.report.dyad_pages import DyadContent, dyad_page, private_index
from dyads.report.page_figures import figure_item
from dyads.steps import LedgerEntry
from dyads.tables import About

TEMPLATES = Path(__file__).parents[2] / "workflow" / "report"
FIGURES = ("paired_traces", "expressivity", "congruence_slopes", "congruence_by_group",
           "model_contrasts", "data_flow", "synchrony", "seen_time", "quality", "sample_balance",
           "influence", "model_checks")  # fmt: skip
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><circle r='3'/></svg>"


def plain(text: str) -> str:
    """Write real minus signs and fixed blanks as a keyboard does."""
    return text.replace(wording.MINUS, "-").replace(wording.NO_BREAK, " ")


class Page(HTMLParser):
    """Collect the tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style":
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.words.append(" ")

    @property
    def text(self) -> str:
        return plain(" ".join("".join(self.words).split()))


def config(**changes: object) -> Config:
    raw = {
        "study": {
            "name": "A small study", "folder": "/home/somebody/secret", "groups": list(GROUPS),
            "recordings_folder": "/mnt/films",
        },
        "expressions": {"resting_segment": "neutral", "composites": {"smile": ["AU06", "AU12"]}},
        "congruence": {
            "pairs": [
                {"emotion": name, "instrument": "feelings", "scale": name, "channel": "smile"}
                for name in ("joy", "sadness", "anger")
            ]
        },
        "models": {
            "congruence": {"title": "Congruence", "formula": "e ~ group * x_w + (1 | person)",
                           "compare": "slopes", "variable": "x_w"}
        },
        **changes,
    }  # fmt: skip
    return parse(raw)


def entry(rule: str, **packages: str) -> LedgerEntry:
    return LedgerEntry(
        rule=rule, wildcards={}, started="", duration_s=2.5, peak_memory_mb=300.0, threads=1,
        code="", settings={}, inputs=[], outputs=[], packages=packages, python="3.11.9",
    )  # fmt: skip


def content(study: StudyTables, **changes: object) -> CohortContent:
    figures = [
        figure_item(name, SVG, (TEMPLATES / f"{name}.rst").read_text(encoding="utf-8"))
        for name in FIGURES
    ]
    full = CohortContent(
        config=config(), about=ABOUT, participants=study.participants, sessions=study.sessions,
        cohort=study.cohort, flow=study.flow, congruence=study.congruence,
        models=[model_results(), model_results(compare="means")], figures=figures,
        ledger=[entry("extract_frames", pandas="3.1.0"), entry("fit_model", pandas="3.1.0")],
        scores=score_quality(), heterogeneity=shared_profiles(1), power=read_power([]),
        sample=describe_sample(
            study.participants, study.cohort, study.quality, None, SampleSettings(), GROUPS, 5
        ),
        checks=[check_results("congruence"), check_results("expressivity")],
        plan=PlanState(locked_on=date(2026, 1, 31), digest="d" * 64, models=("congruence",)),
        primary=primary_family([model_results()], PlanSettings(equivalence_d=0.2)),
    )  # fmt: skip
    return dataclasses.replace(full, **changes)


@pytest.fixture(scope="module")
def study() -> StudyTables:
    return study_tables(people=8)


@pytest.fixture(scope="module")
def page(study: StudyTables) -> Page:
    return Page(cohort_page(content(study), TEMPLATES))


@pytest.fixture(scope="module")
def dyad(study: StudyTables) -> Page:
    return Page(dyad_page(dyad_content(study, "D02"), TEMPLATES))


LEFT_OUT = pd.DataFrame(
    [("D99", "S1", "P99", "recording cannot be used", "a.mp4: the file is empty.")],
    columns=["dyad_id", "session_id", "person_id", "reason", "sentence"],
)


def dyad_content(study: StudyTables, dyad_id: str) -> DyadContent:
    figure = figure_item("paired_traces", SVG, "**Two faces.** Text.", title="Session S1")
    return DyadContent(
        config(), ABOUT, dyad_id, study.cohort, LEFT_OUT, [figure], study.scores,
        items_of(study.scores),
    )  # fmt: skip


def with_contrasts(model: ModelResults, **columns: object) -> ModelResults:
    return dataclasses.replace(model, contrasts=model.contrasts.assign(**columns))


def test_the_report_says_how_good_the_scores_are(page: Page) -> None:
    assert "calm (mood) ASD 12 0.80 [0.70, 0.90] 0.81 5 % 25 %" in page.text
    assert "calm (mood) ASD 1 to 2 12 0.66 [0.40, 0.80] -0.20 [-0.50, 0.10] 0.500 1.39" in page.text


def test_the_page_of_a_dyad_leads_back_to_the_cells(dyad: Page) -> None:
    # two people, four segments, three emotions: each score is the item of a row of its own
    rows = re.findall(r"\(row (\d+)\)", dyad.text)
    assert len(rows) == len(set(rows)) == 24
    assert "76.0 1 of 1 joy 76 (row 17)" in dyad.text
    assert "In brackets the row of ratings.tsv." in dyad.text


def test_pages_hold_everything_and_fetch_nothing(page: Page, dyad: Page) -> None:
    for each in (page, dyad):
        assert not {"script", "link", "iframe", "object"} & set(each.tags)
        outside = [link for link in each.links if not link.startswith(("#", "data:image/svg"))]
        assert outside in ([], ["index.html"])


def test_every_figure_is_in_the_report_as_it_was_drawn(page: Page) -> None:
    pictures = [link for link in page.links if link.startswith("data:")]
    assert len(pictures) == len(FIGURES)
    assert b64decode(pictures[0].partition("base64,")[2]).decode() == SVG


def test_no_path_of_the_machine_is_on_the_page(study: StudyTables) -> None:
    html = cohort_page(content(study), TEMPLATES)
    assert not re.search(r"/home|/mnt|secret|films\b", html)


def test_words_from_the_study_cannot_become_markup(study: StudyTables) -> None:
    harmful = config(study={"name": "<script>alert(1)</script>", "folder": "x",
                            "recordings_folder": "y", "groups": list(GROUPS)})  # fmt: skip
    html = cohort_page(content(study, config=harmful), TEMPLATES)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_stamp_heads_every_page(page: Page, dyad: Page, study: StudyTables) -> None:
    index = Page(private_index("A small study", "demo weights", study.cohort, TEMPLATES))
    for each in (page, dyad, index):
        assert "demo weights" in each.text[:400]
    assert "says nothing about people" in page.text


def test_a_study_without_a_stamp_has_no_banner(study: StudyTables) -> None:
    models = [model_results(stamp="")]
    checks = [check_results("congruence")]
    plain = content(
        study, about=About(channel_types=ABOUT.channel_types), models=models, checks=checks
    )
    html = cohort_page(plain, TEMPLATES)
    assert 'class="stamp"' not in html


def test_the_report_needs_a_model(study: StudyTables) -> None:
    with pytest.raises(StudyError, match="at least one model"):
        cohort_page(content(study, models=[]), TEMPLATES)


def test_the_answer_gives_slope_interval_test_and_n(page: Page) -> None:
    # Numbers as model_results() holds them.
    assert "expression rose with what was felt in control (0.140 [0.115, 0.165])" in page.text
    assert "the slope was lower in SCZ than in control (difference -0.110 [-0.145, -0.075], " in (
        page.text
    )
    assert "t(20.4) = -6.47, p = .031)" in page.text
    assert "n = 24 people in 24 dyads, 280 rows" in page.text
    assert "degrees of freedom after Satterthwaite" in page.text


def test_a_difference_that_is_not_shown_is_not_called_equality(page: Page) -> None:
    assert "No difference was shown for SCZ - ASD (-0.040 [-0.075, -0.005]" in page.text
    assert "That does not make the groups equal" in page.text


def test_a_verdict_that_cr2_changes_is_said() -> None:
    model = model_results()
    p = model.contrasts["p_adjusted"].to_numpy()
    other = dataclasses.replace(
        model, contrasts_cr2=model.contrasts_cr2.assign(p_adjusted=[p[0], 0.2, p[2]])
    )
    said = plain(answer(other, "x")[-1])
    assert "come to another verdict at p = .05 for SCZ - control" in said
    assert "lead to the same verdicts" in answer(model, "x")[-1]


def test_a_slope_whose_interval_holds_zero_is_not_called_rising() -> None:
    model = model_results()
    wide = dataclasses.replace(model, estimates=model.estimates.assign(lower=[0.1, -0.2, -0.1]))
    text = answer(wide, "probability")[0]
    assert "rose with what was felt in control" in text
    assert "no slope was shown in ASD" in text


def test_a_singular_fit_is_said_in_the_answer() -> None:
    model = model_results()
    singular = dataclasses.replace(
        model, summary=model.summary.model_copy(update={"singular": True})
    )
    assert "singular" in answer(singular, "probability")[-1]


def test_a_contrast_of_several_groups_is_given_as_it_is_named() -> None:
    model = with_contrasts(model_results(), contrast=["patients", "trend", "rest"], p_adjusted=0.01)
    assert "Slopes differed: patients -0.070 [-0.105, -0.035]" in plain(answer(model, "x")[1])


def test_numbers_of_few_people_are_hidden_in_the_sample() -> None:
    few = study_tables(people=3)
    text = Page(cohort_page(content(few), TEMPLATES)).text
    assert "n, recruited fewer than 5 fewer than 5 fewer than 5" in text
    assert "not shown" in text


def test_what_was_left_out_stands_there_with_its_reason(page: Page) -> None:
    # One participant of the control group did not answer about one segment: three emotions.
    assert "Reason control ASD SCZ not rated 3 0 0" in page.text


def test_the_methods_follow_the_settings(study: StudyTables) -> None:
    changed = config(cleaning={"rate_hz": 30.0, "fill_gap_s": 0.25})
    text = Page(cohort_page(content(study, config=changed), TEMPLATES)).text
    assert "30 steps per second" in text
    assert "Gaps up to 0.25 s" in text
    assert "smile (mean of AU06 and AU12)" in text


def test_the_methods_of_frames_sampled_say_the_rate() -> None:
    sampled = config(extraction={"sample_rate_hz": 5.0, "search_interval_s": 0.0})
    faces = methods_text.methods(sampled, ABOUT, [])[0].text
    assert "5 frames per second were read; a face was searched in every frame" in faces


def test_limits_name_each_remark_once_and_what_the_channel_type_forbids() -> None:
    remark = "No frame rate in the files"
    about = About(channel_types={"AU12": ChannelType.PROBABILITY}, remarks=(remark,))
    model = model_results()
    same = dataclasses.replace(
        model, summary=model.summary.model_copy(update={"remarks": (remark,)})
    )
    limits = methods_text.limits(about, [same])
    assert limits.count("No frame rate in the files.") == 1
    assert any("not a stronger movement" in limit for limit in limits)
    intensity = About(channel_types={"AU12": ChannelType.INTENSITY_0_5})
    assert not any("not a stronger" in limit for limit in methods_text.limits(intensity, [model]))


def test_two_versions_of_a_package_are_both_named(study: StudyTables) -> None:
    ledger = [entry("one", pandas="3.0.0"), entry("two", pandas="3.1.0")]
    text = Page(cohort_page(content(study, ledger=ledger), TEMPLATES)).text
    assert "pandas 3.0.0, 3.1.0" in text
    assert "Two versions of one package" in text


def test_a_run_without_ledger_entries_still_has_a_report(study: StudyTables) -> None:
    text = Page(cohort_page(content(study, ledger=[]), TEMPLATES)).text
    assert "no step left an entry" in text


def test_a_dyad_page_holds_its_two_people_and_nobody_else(dyad: Page) -> None:
    assert set(re.findall(r"\b[PQ]\d\d\b", dyad.text)) == {"P02", "Q02"}


def test_a_dyad_page_puts_felt_and_shown_beside_each_other(dyad: Page, study: StudyTables) -> None:
    own = study.cohort[(study.cohort["person"] == "P02") & (study.cohort["segment"] == "joyful")]
    joy = own[own["emotion"] == "joy"].iloc[0]
    row = f"S1 joyful P02 participant {joy['x']:.0f} / {joy['e']:.2f}"
    assert row in dyad.text


def test_a_dyad_page_lists_what_was_left_out(dyad: Page) -> None:
    assert "S1 sad P02 participant not rated joy, sadness and anger" in dyad.text


def test_a_dyad_without_exclusions_says_so(study: StudyTables) -> None:
    text = Page(dyad_page(dyad_content(study, "D05"), TEMPLATES)).text
    assert "no row of this dyad was left out" in text


def test_a_dyad_page_survives_a_segment_label_used_twice(study: StudyTables) -> None:
    again = study.cohort[study.cohort["dyad_id"] == "D05"].assign(
        segment_id=lambda rows: rows["segment_id"] + "Again"
    )
    twice = dataclasses.replace(study, cohort=pd.concat([study.cohort, again]))
    text = Page(dyad_page(dyad_content(twice, "D05"), TEMPLATES)).text
    assert text.count("S1 joyful P05 participant") == 2


def test_an_unknown_dyad_is_named(study: StudyTables) -> None:
    with pytest.raises(StudyError, match="dyad D99: no rows"):
        dyad_page(dyad_content(study, "D99"), TEMPLATES)


def test_the_index_links_to_every_dyad_and_shows_no_group(study: StudyTables) -> None:
    index = Page(private_index("A small study", "", study.cohort, TEMPLATES))
    assert index.links == [f"{dyad}.html" for dyad in sorted(study.sessions["dyad_id"])]
    assert not any(group in index.text for group in GROUPS)


def test_a_dyad_without_a_page_is_listed_without_a_link(study: StudyTables) -> None:
    html = private_index("A small study", "", study.cohort, TEMPLATES, pages=["D01"])
    index = Page(html)
    assert index.links == ["D01.html"]
    assert "D02 (not recorded)" in index.text


def test_a_caption_gives_title_and_text() -> None:
    item = figure_item("x", SVG, "**What is seen.** One line\nand another.\n")
    assert (item.title, item.caption) == ("What is seen", "One line and another.")


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_caption_with_a_title(name: str) -> None:
    text = (TEMPLATES / f"{name}.rst").read_text(encoding="utf-8")
    item = figure_item(name, SVG, text)
    assert item.title != name.replace("_", " ")
    assert len(item.caption) > 80
    assert "*" not in item.caption


def test_model_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    model = model_results()
    results_folder.write_model(model, tmp_path / "congruence")
    back = results_folder.read_model(tmp_path / "congruence")
    assert (back.name, back.summary) == ("congruence", model.summary)
    for name in ("estimates", "contrasts_cr2", "lines"):
        pd.testing.assert_frame_equal(getattr(back, name), getattr(model, name))


def test_a_model_without_lines_can_be_kept(tmp_path: Path) -> None:
    model = dataclasses.replace(model_results(), lines=pd.DataFrame())
    results_folder.write_model(model, tmp_path / "m")
    assert results_folder.read_model(tmp_path / "m").lines.empty


def test_a_group_called_none_keeps_its_name(tmp_path: Path) -> None:
    model = model_results(("None", "NA"))
    results_folder.write_model(model, tmp_path / "m")
    assert results_folder.read_model(tmp_path / "m").estimates["group"].tolist() == ["None", "NA"]


def test_missing_files_of_a_model_are_all_named(tmp_path: Path) -> None:
    results_folder.write_model(model_results(), tmp_path / "m")
    (tmp_path / "m" / "lines.csv").unlink()
    (tmp_path / "m" / "log.csv").unlink()
    with pytest.raises(StudyError, match=r"model m: lines\.csv, log\.csv not found"):
        results_folder.read_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.00004, "p < .001"), (0.001, "p = .001"), (0.0316, "p = .032"), (0.5, "p = .500"),
     (0.9999, "p > .999"), (1.0, "p > .999"), (np.nan, "p not given")],
)  # fmt: skip
def test_p_values_are_written_as_in_journals(p: float, text: str) -> None:
    assert plain(wording.p_value(p)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0456789, "0.0457"), (12.3456, "12.3"), (-0.5, "-0.500"), (1234.5, "1234"), (0.0, "0"),
     (np.nan, wording.EN_DASH), (np.inf, wording.EN_DASH)],
)  # fmt: skip
def test_numbers_keep_three_digits_that_count(value: float, text: str) -> None:
    assert plain(wording.number(value)) == text


@given(st.floats(-1, 1), st.integers(0, 5))
def test_a_rounded_number_never_reads_minus_zero(value: float, places: int) -> None:
    text = plain(wording.fixed(value, places))
    assert not (text.startswith("-") and not text.strip("-0."))
    assert float(text) == pytest.approx(value, abs=0.51 * 10.0**-places)


@given(st.floats(-5, 5), st.floats(0.001, 3))
def test_an_estimate_and_its_interval_end_at_the_same_place(mid: float, half: float) -> None:
    text = wording.estimate_interval(mid, mid - half, mid + half)
    decimals = {len(part.partition(".")[2]) for part in re.findall(r"\d+(?:\.\d+)?", text)}
    assert len(decimals) == 1


def test_the_methods_name_limits_and_smoothing_only_where_there_are_any() -> None:
    limited = config(quality={"light_min": 0.1, "speed_max": 5}, cleaning={"smooth_s": 0.2})
    text = " ".join(part.text for part in methods_text.methods(limited, ABOUT, []))
    assert "Faces beyond light_min = 0.1 and speed_max = 5 counted as not seen." in text
    assert "smoothed with a normal curve of 0.2 s" in text
    plain = " ".join(part.text for part in methods_text.methods(config(), ABOUT, []))
    assert "counted as not seen" not in plain
    assert "smoothed" not in plain


def test_frames_of_another_program_are_not_said_to_have_been_read_here() -> None:
    given = About(detector="OpenFace 2, extracted before")
    faces = methods_text.methods(config(), given, [])[0].text
    assert faces.startswith("Faces were not read here: the frames are from OpenFace 2")
    assert "presentation time stamp" not in faces


def test_the_methods_and_the_dyads_page_name_a_stratum_only_where_one_is_asked_for(
    study: StudyTables,
) -> None:
    pairs = [pair.model_dump() for pair in config().congruence.pairs]
    pairs[0]["stratum"] = "listening"
    asked = config(congruence={"pairs": pairs})
    text = " ".join(part.text for part in methods_text.methods(asked, ABOUT, []))
    assert "joy (feelings: joy, against level of smile while listening)" in text
    assert "sadness (feelings: sadness, against level of smile)" in text
    assert "from 6 dB above the noise of each" in text
    shown = dataclasses.replace(dyad_content(study, "D02"), config=asked)
    assert "level of smile while listening" in Page(dyad_page(shown, TEMPLATES)).text
    without = " ".join(part.text for part in methods_text.methods(config(), ABOUT, []))
    assert "listening" not in without
    assert "speak" not in without


def test_the_page_says_whether_there_are_subgroups_and_why_not(page: Page) -> None:
    assert "No stable subgroups: the people lie in one heap without a valley in it" in page.text


def test_power_has_a_section_only_where_it_was_simulated(study: StudyTables, page: Page) -> None:
    assert "Fewest dyads in each group" not in page.text
    drawn = figure_item("power", SVG, "**Power.** Text.")
    whole = cohort_page(
        content(study, figures=[drawn], power=pd.DataFrame(
            {"contrast": ["ASD - control"] * 2, "segments": 8, "reliability": 0.8,
             "dyads_per_group": [10, 20], "power": [0.6, 0.85]}
        )), TEMPLATES,
    )  # fmt: skip
    assert "ASD - control 8 0.8 20" in Page(whole).text
