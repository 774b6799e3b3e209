"""The analysis plan: lock, amendments, what changes touch, hidden groups, the primary family."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import studies
import yaml
from figure_tables import model_results
from test_readiness import configuration

from dyads import cli, config
from dyads.analysis.results import by_headline
from dyads.config import PlanSettings
from dyads.errors import StudyError
from dyads.figures import style
from dyads.models.tables import corrected
from dyads.plan.blinding import permuted_groups
from dyads.plan.frozen import Frozen, differences, digest, frozen
from dyads.plan.lock import LOCK_NAME, amend_plan, lock_plan, read_plan_lock
from dyads.plan.primary import primary_family
from dyads.plan.products import Scope, products, touches
from dyads.plan.state import BLINDED, CHANGED, NO_LOCK, PlanState, plan_state
from dyads.ratings.instruments import Instruments
from dyads.ratings.reading import read_instruments
from dyads.report import plan_tables
from dyads.report.answer_text import answer
from dyads.study.readiness import StudyNotReady, check_readiness

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 1, 31)
MODELS = {
    "slopes": {
        "title": "Slopes",
        "formula": "e ~ group * x_w + age + (1 + x_w | person)",
        "compare": "slopes",
        "variable": "x_w",
    },
    "means": {"title": "Means", "formula": "e ~ group + (1 | person)", "compare": "means"},
}


def settings(folder: Path, **changes: object) -> config.Config:
    return config.parse(configuration(folder, **{"models": MODELS, **changes}))


def instruments(text: str = studies.INSTRUMENTS) -> Instruments:
    return Instruments.model_validate(yaml.safe_load(text))


def now(folder: Path, **changes: object) -> Frozen:
    return frozen(settings(folder, **changes), instruments())


def state(folder: Path, **changes: object) -> PlanState:
    return plan_state(settings(folder, **changes), instruments(), folder / LOCK_NAME)


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A folder with the lock of the tiny study's plan."""
    lock_plan(now(tmp_path), TODAY, tmp_path / LOCK_NAME)
    return tmp_path


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny study and its configuration, not locked."""
    studies.write_study(tmp_path)
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **changes: object) -> None:
    plain = configuration(folder, **{"models": MODELS, **changes})
    (folder / "config.yaml").write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")


def dyads(*words: str) -> int:
    return cli.main(["plan", *words])


# what is frozen


@pytest.mark.parametrize(
    "changes",
    [
        {"results": "elsewhere"},
        {"report": {"minimum_cell": 9}},
        {"extraction": {"batch_frames": 2}},
        {"plan": {"blind": True}},
        {"models": {**MODELS, "means": {**MODELS["means"], "title": "Other words"}}},
    ],
)
def test_what_changes_no_answer_is_free(tmp_path: Path, changes: dict[str, object]) -> None:
    assert differences(now(tmp_path).settings, now(tmp_path, **changes).settings) == ()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"cleaning": {"smooth_s": 0.2}}, "cleaning.smooth_s"),
        ({"quality": {"turn_max_deg": 40}}, "quality.turn_max_deg"),
        ({"plan": {"headline": "CR2"}}, "plan.headline"),
        ({"expressions": {"composites": {"smile": ["AU06", "AU12"]}}},
         "expressions.composites.smile"),
    ],
)  # fmt: skip
def test_what_the_answer_depends_on_is_frozen(
    tmp_path: Path, changes: dict[str, object], key: str
) -> None:
    found = differences(now(tmp_path).settings, now(tmp_path, **changes).settings)
    assert [change.key for change in found] == [key]


def test_how_a_scale_is_scored_is_part_of_the_plan(tmp_path: Path) -> None:
    other = instruments(studies.INSTRUMENTS.replace("reverse: [bored]", "reverse: []"))
    changes = differences(now(tmp_path).settings, frozen(settings(tmp_path), other).settings)
    assert [str(change) for change in changes] == [
        'instruments.rapport.scales.rapport.reverse: [] (was ["bored"])'
    ]


def test_one_more_pair_leaves_the_others_their_names(tmp_path: Path) -> None:
    joy = {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "AU12"}
    grief = {"emotion": "grief", "instrument": "feelings", "scale": "sadness", "channel": "AU15"}
    more = now(tmp_path, congruence={"pairs": [grief, joy]})
    changes = differences(now(tmp_path).settings, more.settings, more.defaults)
    assert {(change.kind, change.key.split(".")[2]) for change in changes} == {("added", "grief")}


def test_a_setting_that_a_newer_version_brings_changes_nothing_by_its_default(
    tmp_path: Path,
) -> None:
    old = dict(now(tmp_path).settings)
    del old["cleaning.smooth_s"]
    same, other = now(tmp_path), now(tmp_path, cleaning={"smooth_s": 0.2})
    assert differences(old, same.settings, same.defaults) == ()
    assert [change.kind for change in differences(old, other.settings, other.defaults)] == ["added"]


def test_a_section_that_was_empty_is_said_to_be_given(tmp_path: Path) -> None:
    other = now(tmp_path, multiverse={"measures": ["time_on"]})
    changes = differences(now(tmp_path).settings, other.settings, other.defaults)
    assert [str(change) for change in changes] == [
        "multiverse: given (was empty)",
        'multiverse.measures: ["time_on"] (was not there)',
    ]


def test_the_digest_does_not_depend_on_the_order_of_settings() -> None:
    assert digest({"a": 1, "b": [2.5, None]}) == digest({"b": [2.5, None], "a": 1})
    # echo -n '{"a":1,"b":[2.5,null]}' | sha256sum
    assert digest({"a": 1, "b": [2.5, None]}).startswith("fbb68c4db7e0dd9e")


# lock and amendments


def test_a_lock_is_never_written_over(locked: Path) -> None:
    before = (locked / LOCK_NAME).read_bytes()
    with pytest.raises(StudyError, match="locked already"):
        lock_plan(now(locked), TODAY, locked / LOCK_NAME)
    assert (locked / LOCK_NAME).read_bytes() == before


def test_a_lock_is_read_as_it_was_written(locked: Path) -> None:
    lock = read_plan_lock(locked / LOCK_NAME)
    assert lock is not None
    assert lock.settings == now(locked).settings
    assert lock.locked_on == TODAY
    assert read_plan_lock(locked / "none.yaml") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cleaning.smooth_s: 0.0", "cleaning.smooth_s: 0.2"),
        ("2026-01-31", "2024-01-31"),
        ("reason: A slip", "reason: Planned"),
        ("after: 0.3", "after: 0.4"),
        ("seal: ", "seal: 0"),
        ("locked_on", "locked_at"),
        ("settings:", "settings: ["),
    ],
)
def test_a_lock_that_was_edited_is_refused_with_what_to_do(
    locked: Path, old: str, new: str
) -> None:
    path = locked / LOCK_NAME
    amend_plan(now(locked, cleaning={"smooth_s": 0.3}), "A slip", TODAY, path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError, match="Put back the file that was locked"):
        read_plan_lock(path)


def test_an_amendment_that_was_taken_out_breaks_the_seal(locked: Path) -> None:
    path = locked / LOCK_NAME
    amend_plan(now(locked, cleaning={"smooth_s": 0.3}), "A slip", TODAY, path)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, "amendments": []}), encoding="utf-8")
    with pytest.raises(StudyError, match="seal"):
        read_plan_lock(path)


@pytest.mark.parametrize(
    ("reason", "changes", "said"),
    [
        (" ", {"cleaning": {"smooth_s": 0.3}}, "needs a reason"),
        ("x" * 121, {"cleaning": {"smooth_s": 0.3}}, "found: 121"),
        ("Nothing", {}, "nothing to amend"),
    ],
)
def test_an_amendment_needs_a_change_and_a_reason(
    locked: Path, reason: str, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        amend_plan(now(locked, **changes), reason, TODAY, locked / LOCK_NAME)


def test_without_a_lock_there_is_nothing_to_amend(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="not locked"):
        amend_plan(now(tmp_path), "Why", TODAY, tmp_path / LOCK_NAME)


# what products carry


def test_without_a_lock_every_product_is_exploratory(tmp_path: Path) -> None:
    found = state(tmp_path)
    assert {found.stamp(product) for product in found.products} == {NO_LOCK}


def test_a_run_of_the_plan_carries_no_stamp(locked: Path) -> None:
    found = state(locked)
    assert {found.stamp(product) for product in found.products} == {""}
    assert found.digest == digest(now(locked).settings)


def test_a_change_stamps_what_it_touches_and_nothing_else(locked: Path) -> None:
    models = {**MODELS, "means": {**MODELS["means"], "correction": "bh"}}
    found = state(locked, models=models)
    assert {name: found.stamp(name) for name in found.products if found.stamp(name)} == {
        "models.means": CHANGED
    }


def test_an_amended_change_carries_number_and_reason_instead(locked: Path) -> None:
    changes = {"synchrony": {"window_s": 5.0}}
    amend_plan(now(locked, **changes), "Segments; short ones", TODAY, locked / LOCK_NAME)
    found = state(locked, **changes)
    assert {name for name in found.products if found.stamp(name)} == {"synchrony"}
    assert found.stamp("synchrony") == "exploratory (amendment 1: Segments, short ones)"
    assert found.unamended == ()


def test_a_change_after_an_amendment_is_said_beside_it(locked: Path) -> None:
    amend_plan(
        now(locked, synchrony={"window_s": 5.0}), "Short segments", TODAY, locked / LOCK_NAME
    )
    found = state(locked, synchrony={"window_s": 5.0, "step_s": 1.0})
    assert found.stamp("synchrony") == (f"exploratory (amendment 1: Short segments); {CHANGED}")


def test_a_change_that_a_later_amendment_takes_back_touches_nothing(locked: Path) -> None:
    path = locked / LOCK_NAME
    amend_plan(now(locked, cleaning={"smooth_s": 0.3}), "Noise", TODAY, path)
    amend_plan(now(locked), "As planned after all", TODAY, path)
    found = state(locked)
    assert [note.number for note in found.amendments] == [1, 2]
    assert {found.stamp(product) for product in found.products} == {""}


def test_the_settings_before_the_lock_may_be_blind_and_the_lock_opens_them(
    tmp_path: Path,
) -> None:
    blind = {"plan": {"blind": True}}
    assert state(tmp_path, **blind).stamp("cohort") == f"{BLINDED}; {NO_LOCK}"
    lock_plan(now(tmp_path, **blind), TODAY, tmp_path / LOCK_NAME)
    assert state(tmp_path, **blind).stamp("cohort") == ""


@pytest.mark.parametrize(
    ("key", "product", "is_touched"),
    [
        ("cleaning.smooth_s", "models.slopes", True),
        ("cleaning.smooth_s", "study_check", False),
        ("study.groups", "study_check", True),
        ("quality.speed_max", "quality", True),
        ("expressions.event_on", "quality", False),
        ("expressions.event_on", "expressions", True),
        ("congruence.pairs.joy.channel", "models.means", True),
        ("congruence.pairs.joy.channel", "expressions", False),
        ("congruence.minimum_segments", "congruence", True),
        ("congruence.minimum_segments", "models.slopes", False),
        ("synchrony.window_s", "cohort", False),
        ("models.slopes.formula", "primary", True),
        ("models.means.formula", "primary", False),
        ("models.slopes2.formula", "models.slopes", False),
        ("sample.matching.seed", "models.matched", True),
        ("sample.matching.seed", "models.slopes", False),
        ("sample.covariates", "sample", True),
        ("models.slopes.formula", "multiverse", True),
        ("models.means.formula", "multiverse", False),
        ("plan.correction", "primary", True),
        ("plan.correction", "models.slopes", False),
        ("instruments.feelings.maximum", "cohort", True),
        ("instruments.rapport.maximum", "cohort", False),
        ("instruments.rapport.maximum", "paired_traces", True),
    ],
)
def test_a_setting_touches_what_is_made_from_it(key: str, product: str, is_touched: bool) -> None:
    assert (
        touches(key, product, Scope(["feelings"], ["slopes"], ["matched"], ["slopes"]))
        is is_touched
    )


def test_a_setting_of_an_unknown_section_touches_everything() -> None:
    assert all(touches("invented.key", product, Scope()) for product in products(["m"]))


def test_every_frozen_setting_of_the_demo_touches_something() -> None:
    shipped = config.load(ROOT / "config.yaml")
    asked, _ = read_instruments(ROOT / "demo/study/instruments.yaml")
    assert asked is not None
    found = plan_state(shipped, asked, None)
    idle = {key for key in frozen(shipped, asked).settings if not found.touched([key])}
    # what the demo does not ask for at all
    assert {key.partition(".")[0] for key in idle} <= {"continuous", "multiverse"}


def test_the_demo_is_run_as_it_was_locked() -> None:
    shipped = config.load(ROOT / "config.yaml")
    asked, _ = read_instruments(ROOT / "demo/study/instruments.yaml")
    assert asked is not None
    found = plan_state(shipped, asked, ROOT / LOCK_NAME)
    assert found.locked_on is not None
    assert (found.unamended, found.amendments) == ((), ()), (
        "the demo's settings changed: remove plan.lock.yaml and run `dyads plan lock`"
    )


# the commands


def test_the_plan_is_locked_changed_and_amended_by_commands(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dyads("show") == 0
    said = capsys.readouterr().out
    assert (
        "slopes (primary): slopes (per SD of experience) of e between groups; held equal: age"
        in said
    )
    assert "Not locked" in said
    assert dyads("lock") == 0
    locked = capsys.readouterr().out
    assert f"Digest: {digest(now(study).settings)}" in locked
    assert dyads("show") == 0
    assert "The settings are those of the plan." in capsys.readouterr().out
    write(study, cleaning={"smooth_s": 0.2})
    assert dyads("show") == 0
    said = capsys.readouterr().out
    assert "Changed since, without an amendment:\n  cleaning.smooth_s: 0.2 (was 0.0)" in said
    assert dyads("amend", "--reason", "Noisy cameras") == 0
    said = capsys.readouterr().out
    assert "Amendment 1" in said
    assert "It touches the quality of recordings, the paired traces" in said
    assert dyads("show") == 0
    said = capsys.readouterr().out
    assert "Noisy cameras" in said
    assert "The settings are those of the plan." in said


def test_a_plan_can_be_locked_before_there_is_any_data(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for table in (study / "study").glob("*.tsv"):
        table.unlink()
    assert dyads("lock") == 0


def test_instruments_that_cannot_be_read_are_named(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "study/instruments.yaml").write_text("feelings: 3\n")
    assert dyads("lock") == 1
    assert "instruments.yaml" in capsys.readouterr().err
    assert not (study / LOCK_NAME).exists()


def test_a_primary_model_must_be_one_of_the_models(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"plan\.primary names slope, but models has slopes"):
        settings(tmp_path, plan={"primary": ["slope"]})


def test_an_edited_lock_stands_in_the_list_of_the_studys_faults(study: Path) -> None:
    assert dyads("lock") == 0
    path = study / LOCK_NAME
    path.write_text(path.read_text().replace("smooth_s: 0.0", "smooth_s: 0.5"))
    raw = configuration(study, models=MODELS)
    with pytest.raises(StudyNotReady, match=r"plan\.lock\.yaml.*seal"):
        check_readiness(raw, plan_lock=path)


# hidden groups


def people(groups: list[str]) -> pd.DataFrame:
    names = [f"P{place:02d}" for place in range(len(groups))]
    return pd.DataFrame({"participant_id": names, "group": groups})


GROUPS = ["control"] * 7 + ["ASD"] * 5 + ["partner"] * 4 + ["SCZ"] * 3


def test_permuted_groups_keep_their_sizes_and_partners_their_label() -> None:
    table = people(GROUPS)
    dealt = permuted_groups(table, ["control", "ASD", "SCZ"], seed=1)
    assert sorted(dealt) == sorted(GROUPS)
    assert (dealt.eq("partner") == table["group"].eq("partner")).all()
    assert (dealt != table["group"]).any()


def test_permuted_groups_say_nothing_about_who_belongs_where() -> None:
    # whoever the seven controls are, the same seven people are dealt that label
    table, named = people(GROUPS), ["control", "ASD", "SCZ"]
    others, own = table.copy(), table["group"].ne("partner")
    others.loc[own, "group"] = table.loc[own, "group"].to_numpy()[::-1]
    assert (others["group"] != table["group"]).any()
    assert permuted_groups(others, named, 1).equals(permuted_groups(table, named, 1))


def test_permuted_groups_follow_the_person_and_the_seed() -> None:
    table, named = people(GROUPS), ["control", "ASD", "SCZ"]
    dealt = table.assign(group=permuted_groups(table, named, 1)).set_index("participant_id")
    turned = table.iloc[::-1].reset_index(drop=True)
    again = turned.assign(group=permuted_groups(turned, named, 1)).set_index("participant_id")
    assert again["group"].sort_index().equals(dealt["group"].sort_index())
    assert not permuted_groups(table, named, 2).equals(permuted_groups(table, named, 1))


def test_a_blind_study_is_permuted_where_it_is_made_ready(study: Path) -> None:
    ready = check_readiness(configuration(study, models=MODELS))
    assert ready.study.participants["group"].tolist() == ["control", "ASD", "partner", "partner"]
    dealt = set()
    for seed in range(1, 5):
        raw = configuration(study, models=MODELS, plan={"blind": True})
        raw["study"] = {**configuration(study)["study"], "seed": seed}  # type: ignore[dict-item]
        dealt.add(tuple(check_readiness(raw).study.participants["group"]))
    # two participants can be dealt their labels in two ways, and four seeds give both
    assert dealt == {
        ("control", "ASD", "partner", "partner"),
        ("ASD", "control", "partner", "partner"),
    }


# the primary family


def test_p_is_corrected_over_the_family_and_a_missing_p_does_not_count() -> None:
    p = np.array([0.01, 0.04, np.nan, 0.02])
    # by hand: 3 × .01, then max(.03, 2 × .02), then max(.04, .04)
    np.testing.assert_allclose(corrected(p, "holm"), [0.03, 0.04, np.nan, 0.04])
    # by hand: .01 × 3/1, .02 × 3/2, .04 × 3/3
    np.testing.assert_allclose(corrected(p, "bh"), [0.03, 0.04, np.nan, 0.03])
    np.testing.assert_allclose(corrected(p, "none"), p)


def family(headline: str = "satterthwaite", **contrast: float) -> pd.DataFrame:
    model = model_results(groups=("control", "ASD"))
    row = {
        "estimate": 0.02,
        "se": 0.01,
        "df": 10.0,
        "p_value": 0.07,
        "effect_size": 0.2,
        **contrast,
    }
    own = model.contrasts.assign(**row)
    robust = model.contrasts_cr2.assign(p_value=0.001)
    return primary_family(
        [replace(model, contrasts=own, contrasts_cr2=robust)],
        PlanSettings.model_validate({"headline": headline, "equivalence_d": 0.4}),
    )


def test_equivalence_is_the_larger_of_two_one_sided_tests() -> None:
    # bound 0.4 × 0.02 / 0.2 = 0.04, so t = (0.02 - 0.04) / 0.01; R: pt(-2, 10)
    found = family().iloc[0]
    assert found["bound"] == pytest.approx(0.04)
    assert found["p_equivalence"] == pytest.approx(0.03669402, abs=1e-8)
    assert found["verdict"] == "equivalent"
    # the same on the other side of zero
    assert family(estimate=-0.02, effect_size=-0.2)["p_equivalence"][0] == pytest.approx(0.03669402)


@pytest.mark.parametrize(
    ("contrast", "verdict"),
    [
        ({"p_value": 0.01}, "difference within the bound"),
        ({"p_value": 0.01, "se": 0.05}, "difference"),
        ({"se": 0.05}, "undecided"),
    ],
)
def test_a_verdict_is_one_of_four(contrast: dict[str, float], verdict: str) -> None:
    assert family(**contrast)["verdict"].tolist() == [verdict]


def test_the_planned_test_decides() -> None:
    assert family("CR2")[["covariance", "p_value"]].to_numpy().tolist() == [["CR2", 0.001]]
    assert family()["covariance"].tolist() == ["satterthwaite"]
    model = model_results()
    assert by_headline(model, "satterthwaite") is model
    said = " ".join(answer(by_headline(model, "CR2"), "probability"))
    assert "with the cluster-robust covariance CR2" in said
    assert "Satterthwaite" in said.partition("covariance CR2")[2]


def test_equivalence_is_tested_only_with_a_bound() -> None:
    found = primary_family([model_results()], PlanSettings())
    assert found["p_equivalence"].isna().all()
    assert not found["verdict"].str.contains("equivalent").any()


# what figures and pages say


def test_a_stamp_stands_in_every_file_of_a_figure(tmp_path: Path) -> None:
    stamp = f"demo weights; {BLINDED}; {NO_LOCK}; exploratory (amendment 12: {'w' * 100})"
    figure = style.new_figure(style.SINGLE_MM, 40.0)
    style.finish(style.styled(lambda: figure)(), "What is seen.", stamp)
    files = {form: tmp_path / f"figure.{form}" for form in ("pdf", "svg", "png", "csv")}
    style.save(figure, pd.DataFrame({"value": [1.5]}), **files)
    assert pd.read_csv(files["csv"])["stamp"].tolist() == [stamp]
    assert stamp in files["svg"].read_text(encoding="utf-8")
    assert stamp.encode("latin-1") in files["png"].read_bytes()
    subject = re.sub(rb"\\([()])", rb"\1", files["pdf"].read_bytes())
    assert b"/Subject (" + stamp.encode() in subject
    words = [text for text in figure.texts if text.get_color() == style.STAMP]
    drawn = words[0].get_text().splitlines()
    assert " ".join(drawn) == stamp
    widest = max(style.text_width_mm(line, style.SMALL_PT) for line in drawn[:-1])
    assert widest < style.SINGLE_MM


def test_the_report_says_which_numbers_carry_a_stamp_that_others_do_not(locked: Path) -> None:
    changes = {"models": {**MODELS, "means": {**MODELS["means"], "correction": "bh"}}}
    amend_plan(now(locked, **changes), "Asked by a reviewer", TODAY, locked / LOCK_NAME)
    found = state(locked, **changes)
    stamp = "exploratory (amendment 1: Asked by a reviewer)"
    assert plan_tables.stamp_sentences(found, f"demo weights; {stamp}") == [
        f"“{stamp}” is carried by the model “means”, and what rests on it."
    ]
    assert plan_tables.stamp_of_part(found, "models.means") == stamp
    assert plan_tables.stamp_of_part(found, "models.slopes") == ""
    row = plan_tables.amendments(found).rows[0]
    assert row[:5] == (
        "1", "2026-01-31", "Asked by a reviewer",
        "models.means.correction: bh (was holm)", "the model “means”",
    )  # fmt: skip
    assert "Every difference from the locked plan" in plan_tables.plan_sentences(found)[1]


def test_the_report_names_changes_that_no_amendment_tells(locked: Path) -> None:
    said = plan_tables.plan_sentences(state(locked, cleaning={"smooth_s": 0.2}))
    assert "no amendment says why: cleaning.smooth_s: 0.2 (was 0.0)." in said[1]
    assert state(locked).digest in said[0]


def test_the_report_lists_the_models_of_the_plan(tmp_path: Path) -> None:
    rows = plan_tables.planned(settings(tmp_path)).rows
    assert rows[0][:6] == (
        "slopes", "primary", "e", "slopes (per SD of experience)", "age", "(1 + x_w | person)",
    )  # fmt: skip
    assert rows[1][1] == "secondary"
