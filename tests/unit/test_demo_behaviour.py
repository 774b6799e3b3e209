import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyads.channels import ACTION_UNITS
from dyads.demo.acting import perform
from dyads.demo.behaviour import check_paintable, felt_and_shown
from dyads.demo.study import ABSENCE, shown_levels, study_tables
from dyads.demo.timecourse import Course, plan_answers, plan_course
from dyads.demo.truth import EMOTION_UNITS, SEGMENTS, GroupTruth, Truth, generator

SEGMENT = (6.5, 11.5)
LEVELS = st.floats(0.02, 0.95)
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def shown() -> pd.DataFrame:
    return shown_levels(Truth())


def shown_levels_unchecked(truth: Truth) -> pd.DataFrame:
    tables = study_tables(truth)
    return felt_and_shown(tables["sessions"], tables["participants"], truth)


def within_person_slopes(shown: pd.DataFrame) -> pd.Series:
    own = shown.groupby(["person_id", "emotion"])
    x = (shown["rating"] - own["rating"].transform("mean")) / 100
    e = shown["level"] - own["level"].transform("mean")
    person = [shown["role"], shown["group"], shown["person_id"]]
    return (x * e).groupby(person).sum() / (x * x).groupby(person).sum()


def sampled_mean(course: Course, step_s: float = 0.001) -> float:
    time_s = np.arange(course.start_s + step_s / 2, course.end_s, step_s)
    return float(np.mean(course.rest + (course.apex - course.rest) * course.shape(time_s)))


@given(level=LEVELS, seed=SEEDS, apex_min=st.sampled_from([0.0, 0.85]))
@settings(max_examples=80, deadline=None)
def test_the_mean_of_a_course_is_the_level_it_was_drawn_for(level, seed, apex_min):
    course = plan_course(level, SEGMENT, np.random.default_rng(seed), apex_min=apex_min)
    assert sampled_mean(course) == pytest.approx(level, abs=1e-4)
    assert course.mean() == pytest.approx(level, abs=1e-12)


@given(level=LEVELS, seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_a_course_stays_a_level_and_its_events_stay_in_the_segment(level, seed):
    course = plan_course(level, SEGMENT, np.random.default_rng(seed))
    assert 0 <= course.rest < course.apex <= 1
    assert all(event.rise_s > 0 and event.fall_s > 0 for event in course.events)
    assert course.events[0].onset_s >= SEGMENT[0] + 0.1
    assert course.events[-1].end_s <= SEGMENT[1] - 0.1
    gaps = [b.onset_s - a.end_s for a, b in zip(course.events, course.events[1:], strict=False)]
    assert all(gap > 0.3 for gap in gaps)
    assert all(event.stay_s > 0 for event in course.events)


def test_a_high_level_holds_an_event_and_a_low_one_does_not():
    # events are counted from 0.5; what is shown at 0.4 on average rises above it
    rng = np.random.default_rng(1)
    assert plan_course(0.40, SEGMENT, rng).apex >= 0.5
    assert plan_course(0.15, SEGMENT, rng).apex < 0.5


@given(level=st.floats(0.1, 0.6), seed=SEEDS, onset=st.floats(6.8, 11.4))
@settings(max_examples=80, deadline=None)
def test_an_answer_begins_when_it_should_and_keeps_the_mean(level, seed, onset):
    course = plan_answers(level, SEGMENT, (onset,), np.random.default_rng(seed))
    if course is not None:
        assert [event.onset_s for event in course.events] == [onset]
        assert sampled_mean(course) == pytest.approx(level, abs=1e-4)
        assert course.rest < 0.5 < course.apex


def test_an_answer_without_room_is_not_given():
    assert plan_answers(0.4, SEGMENT, (11.3,), np.random.default_rng(1)) is None


def test_painted_units_have_the_level_of_the_truth_as_their_mean(shown):
    played = perform(shown, "D17", "S1", Truth())
    for person_id, performance in played.items():
        rows = shown[shown["person_id"].eq(person_id) & shown["session_id"].eq("S1")]
        for row in rows.itertuples():
            start, end = SEGMENTS[row.segment_id]
            # sampled as a camera of 10 frames a second does, not in step with the segment
            units = performance.at(np.arange(start + 0.03, end, 0.1)).action_units
            columns = [ACTION_UNITS.index(unit) for unit in EMOTION_UNITS[row.emotion]]
            assert units[:, columns].mean() == pytest.approx(row.level, abs=1e-3)


def test_everything_that_is_painted_lies_between_zero_and_one(shown):
    for performance in perform(shown, "D01", "S2", Truth()).values():
        units = performance.at(np.arange(0, 23.5, 0.05)).action_units
        assert units.min() >= 0
        assert units.max() <= 1


def test_the_people_of_the_demo_have_exactly_the_slope_of_their_group(shown):
    own = shown.groupby(["person_id", "emotion"])
    x = (shown["rating"] - own["rating"].transform("mean")) / 100
    e = shown["level"] - own["level"].transform("mean")
    keys = [shown["role"], shown["group"]]
    pooled = ((x * e).groupby(keys).sum() / (x * x).groupby(keys).sum())["participant"]
    for group, slope in Truth().slopes_per_100().items():
        assert pooled[group] == pytest.approx(slope, abs=1e-12)


def test_people_drawn_freely_scatter_about_the_slope_of_their_group():
    studies = [
        within_person_slopes(shown_levels_unchecked(Truth(seed=seed, balanced=False)))
        for seed in range(20)
    ]
    slopes = pd.concat(studies)["participant"]
    # 160 persons a group; a person's slope scatters by person_slope_sd (0.07) and by noise, 0.03
    # over the root of 12 squared deviations of about 0.25: 0.08 together, 0.0065 for their mean
    for group, slope in Truth().slopes_per_100().items():
        assert slopes[group].mean() == pytest.approx(slope, abs=0.02)
        assert slopes[group].std() == pytest.approx(0.08, abs=0.015)


def test_the_slope_is_exact_without_noise_and_deviations():
    truth = Truth(noise_sd=0.0, person_sd=0.0, person_slope_sd=0.0)
    for (role, group, _), slope in within_person_slopes(shown_levels(truth)).items():
        expected = truth.groups["control" if role == "partner" else group].slope_per_100
        assert slope == pytest.approx(expected, abs=1e-12)


def test_ratings_are_alike_in_all_groups(shown):
    own = shown[shown["role"].eq("participant")]
    means = own.groupby(["group", "emotion", "segment_id"])["rating"].mean()
    by_cell = means.groupby(["emotion", "segment_id"])
    # eight or ten persons a cell, sd of a rating about 10 points: a difference of 3.5 se is 17
    assert (by_cell.max() - by_cell.min()).max() < 17


def test_a_person_does_not_depend_on_who_else_is_studied():
    truth = Truth(balanced=False)
    tables = study_tables(truth)
    everyone = felt_and_shown(tables["sessions"], tables["participants"], truth)
    few = tables["sessions"][tables["sessions"]["dyad_id"].isin(["D06", "D20"])][::-1]
    alone = felt_and_shown(few, tables["participants"], truth)
    same = everyone[everyone["dyad_id"].isin(["D06", "D20"])]
    pd.testing.assert_frame_equal(alone.reset_index(drop=True), same.reset_index(drop=True))


def test_a_level_that_cannot_be_painted_is_refused():
    steep = GroupTruth(
        slope_per_100=2.0, intercepts={"joy": 0.3, "sadness": 0.3, "anger": 0.3}, mimicry=0
    )
    truth = Truth(groups={**Truth().groups, "control": steep})
    with pytest.raises(ValueError, match="milder slopes"):
        check_paintable(shown_levels_unchecked(truth))


@pytest.mark.parametrize(("mimicry", "lowest", "highest"), [(1.0, 0.75, 1.0), (0.0, 0.0, 0.5)])
def test_partners_answer_smiles_as_often_as_the_truth_says(shown, mimicry, lowest, highest):
    # with certain mimicry only answers without room are missing; with none, smiles coincide by
    # chance: about (2.0 - 0.6) s of a segment of 5 s, for one or two smiles
    groups = {
        name: group.model_copy(update={"mimicry": mimicry})
        for name, group in Truth().groups.items()
    }
    truth = Truth(groups=groups)
    is_answered = []
    for dyad_id in sorted(set(shown["dyad_id"])):
        first, second = (p.courses["joy"] for p in perform(shown, dyad_id, "S1", truth).values())
        for smile, answer in zip(first, second, strict=True):
            if smile.apex >= 0.5:
                lags = [event.onset_s - smile.events[0].onset_s for event in answer.events]
                is_answered.append(any(0.6 <= lag <= 2.0 for lag in lags) and answer.apex >= 0.5)
    assert len(is_answered) > 50
    assert lowest <= np.mean(is_answered) <= highest


def test_a_performance_is_the_same_whenever_it_is_made(shown):
    once = perform(shown, "D09", "S1", Truth())
    shuffled = shown.sample(frac=1, random_state=1)
    perform(shuffled, "D10", "S1", Truth())
    assert perform(shuffled, "D09", "S1", Truth()) == once


def test_only_the_absent_person_is_away(shown):
    played = perform(shown, "D12", "S1", Truth(), ABSENCE)
    away = {
        person: performance.at(np.arange(0, 23.5, 0.1)).away
        for person, performance in played.items()
    }
    # 2.5 s fully out of view, sampled every 0.1 s
    assert (away["P12"] == 1).sum() == pytest.approx(25, abs=1)
    assert not away["Q12"].any()


def test_random_numbers_belong_to_a_seed_and_an_identity():
    first = generator(1, "ratings", "P01").random(3)
    assert (generator(1, "ratings", "P01").random(3) == first).all()
    assert (generator(1, "ratings", "P02").random(3) != first).all()
    assert (generator(2, "ratings", "P01").random(3) != first).all()
    assert (generator(1, "ratingsP01").random(3) != first).all()
