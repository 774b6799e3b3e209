import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyads.ratings.instruments import Instruments
from dyads.ratings.scores import NO_ANSWER, TOO_FEW_ANSWERS, score_ratings

ITEMS = ["a", "b", "c", "d"]
SESSIONS = pd.DataFrame(
    {
        "dyad_id": ["D01", "D02"],
        "session_id": ["S1", "S1"],
        "participant_id": ["P01", "P02"],
        "partner_id": ["Q01", ""],
    }
)


def instrument(*, reverse=(), missing_share=0.0, minimum=1.0, maximum=5.0):
    scale = {"items": ITEMS, "reverse": list(reverse)}
    content = {"title": "M", "minimum": minimum, "maximum": maximum, "scales": {"mood": scale}}
    return Instruments.model_validate({"mood": {**content, "missing_share": missing_share}})


def answers(values, person="P01", dyad="D01", segment="sad"):
    return pd.DataFrame(
        {
            "person_id": person,
            "dyad_id": dyad,
            "session_id": "S1",
            "segment_id": segment,
            "instrument": "mood",
            "item": ITEMS[: len(values)],
            "value": np.asarray(values, dtype=float),
        }
    )


def score_of(values, person="P01", **keys):
    scores = score_ratings(answers(values), SESSIONS, instrument(**keys))
    return scores.set_index("person_id").loc[person]


def test_a_score_is_the_mean_of_its_items_after_turning_the_reversed_ones():
    # by hand: (4 + 5 + (1 + 5 - 2) + (1 + 5 - 1)) / 4 = 18 / 4
    assert score_of([4, 5, 2, 1], reverse=["c", "d"])["score"] == 4.5


def test_a_score_keeps_the_range_of_its_instrument():
    row = score_of([4, 5, 2, 1])
    assert (row["minimum"], row["maximum"], row["n_items"]) == (1, 5, 4)


def test_items_count_in_every_scale_that_has_them():
    scales = {"all": {"items": ITEMS}, "first": {"items": ["a"], "reverse": ["a"]}}
    content = {"title": "M", "minimum": 1, "maximum": 5, "scales": scales}
    scores = score_ratings(
        answers([4, 5, 2, 1]), SESSIONS, Instruments.model_validate({"mood": content})
    )
    own = scores[scores["person_id"].eq("P01")].set_index("scale")["score"]
    # by hand: (4 + 5 + 2 + 1) / 4 and 1 + 5 - 4
    assert own.to_dict() == {"all": 3.0, "first": 2.0}


@pytest.mark.parametrize(
    ("values", "missing_share", "score", "reason"),
    [
        ([4, 5, 3], 0.0, np.nan, TOO_FEW_ANSWERS),
        ([4, 5, 3], 0.25, 4.0, ""),  # (4 + 5 + 3) / 3
        ([4, 5, np.nan, np.nan], 0.25, np.nan, TOO_FEW_ANSWERS),
        ([4, 5, np.nan, np.nan], 0.5, 4.5, ""),  # (4 + 5) / 2
        ([np.nan, np.nan, np.nan, np.nan], 0.5, np.nan, NO_ANSWER),
    ],
)
def test_missing_items_are_prorated_up_to_the_share_and_not_beyond(
    values, missing_share, score, reason
):
    row = score_of(values, missing_share=missing_share)
    assert row["score"] == pytest.approx(score, nan_ok=True)
    assert row["reason"] == reason
    assert row["n_answered"] == np.isfinite(values).sum()


def test_somebody_who_answered_nothing_is_there_with_a_reason():
    row = score_of([4, 5, 2, 1], person="Q01")
    assert np.isnan(row["score"])
    assert (row["n_answered"], row["reason"]) == (0, NO_ANSWER)


def test_what_nobody_was_asked_about_is_not_expected():
    ratings = pd.concat([answers([4, 5, 2, 1]), answers([3, 3, 3, 3], "P02", "D02", "joyful")])
    scores = score_ratings(ratings, SESSIONS, instrument())
    # the partner of D02 is unknown; each segment was rated in one dyad alone
    assert scores[["dyad_id", "person_id", "segment_id"]].to_numpy().tolist() == [
        ["D01", "P01", "sad"],
        ["D01", "Q01", "sad"],
        ["D02", "P02", "joyful"],
    ]


def test_a_rating_of_the_whole_session_is_scored_without_a_segment():
    scores = score_ratings(answers([4, 5, 2, 1], segment=""), SESSIONS, instrument())
    assert set(scores["segment_id"]) == {""}


def test_only_the_named_people_get_scores():
    scores = score_ratings(answers([4, 5, 2, 1]), SESSIONS, instrument(), people={"Q01"})
    assert scores["person_id"].tolist() == ["Q01"]


def test_without_ratings_there_are_no_scores():
    assert score_ratings(answers([]), SESSIONS, instrument()).empty


values_of_items = st.lists(
    st.one_of(st.none(), st.floats(-3, 7)), min_size=len(ITEMS), max_size=len(ITEMS)
)
keys = st.sets(st.sampled_from(ITEMS))
RANGE = {"minimum": -3.0, "maximum": 7.0}


@settings(deadline=None, max_examples=25)
@given(values_of_items, keys)
def test_turning_items_in_the_table_and_by_key_gives_the_same_score(values, reverse):
    values = [np.nan if value is None else value for value in values]
    turned = [
        RANGE["minimum"] + RANGE["maximum"] - value if item in reverse else value
        for item, value in zip(ITEMS, values, strict=True)
    ]
    twice = score_of(turned, reverse=reverse, missing_share=0.75, **RANGE)["score"]
    plain = score_of(values, missing_share=0.75, **RANGE)["score"]
    assert twice == pytest.approx(plain, abs=1e-12, nan_ok=True)


@settings(deadline=None, max_examples=25)
@given(values_of_items, keys)
def test_a_prorated_score_lies_between_the_lowest_and_the_highest_answer(values, reverse):
    row = score_of(
        [np.nan if value is None else value for value in values],
        reverse=reverse,
        missing_share=0.75,
        **RANGE,
    )
    answered = [
        4 - value if item in reverse else value
        for item, value in zip(ITEMS, values, strict=True)
        if value is not None
    ]
    assert np.isnan(row["score"]) == (not answered)
    if answered:
        assert min(answered) - 1e-12 <= row["score"] <= max(answered) + 1e-12


@settings(deadline=None, max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(random):
    ratings = pd.concat([answers([4, 5, 2, 1]), answers([1, 2], "Q01"), answers([3], "P02", "D02")])
    order = list(range(len(ratings)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        score_ratings(ratings.iloc[order], SESSIONS, instrument()),
        score_ratings(ratings, SESSIONS, instrument()),
    )
