"""Analysis rows and the count of who is left."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyads.analysis import cohort
from dyads.config import EmotionPair
from dyads.errors import StudyError

PAIRS = (
    EmotionPair(emotion="joy", instrument="feelings", scale="joy", channel="AU12"),
    EmotionPair(emotion="anger", instrument="feelings", scale="anger", channel="AU04"),
)
SEGMENTS = ("neutral", "joyful", "sad")


@pytest.fixture
def study() -> dict[str, pd.DataFrame]:
    """Two dyads of different groups, one session of three segments each."""
    participants = pd.DataFrame(
        {
            "participant_id": ["P1", "P2", "Q1", "Q2"],
            "group": ["control", "ASD", "partner", "partner"],
            "age": [20.0, 30.0, 40.0, 50.0],
            "sex": ["f", "m", "f", "m"],
        }
    )
    sessions = pd.DataFrame(
        {
            "dyad_id": ["D1", "D2"],
            "session_id": ["S1", "S1"],
            "participant_id": ["P1", "P2"],
            "partner_id": ["Q1", "Q2"],
            "session_number": [1, 1],
            "date_offset_days": [0.0, 0.0],
        }
    )
    segments = pd.DataFrame(
        [
            {
                "dyad_id": dyad,
                "session_id": "S1",
                "segment_id": label,
                "label": label,
                "onset_s": 10.0 * number,
                "duration_s": 10.0,
            }
            for dyad in ("D1", "D2")
            for number, label in enumerate(SEGMENTS)
        ]
    )
    generator = np.random.default_rng(1)
    people = [("D1", "P1"), ("D1", "Q1"), ("D2", "P2"), ("D2", "Q2")]
    expressions = pd.DataFrame(
        [
            {
                "dyad_id": dyad,
                "session_id": "S1",
                "person_id": person,
                "segment_id": label,
                "label": label,
                "stratum": "all",
                "channel": channel,
                "channel_type": "probability",
                "measure": measure,
                "unit": "channel",
                "value": generator.random(),
                "seen_s": 10.0,
                "seen_share": 1.0,
                "reason": "",
            }
            for dyad, person in people
            for label in SEGMENTS
            for channel in ("AU12", "AU04")
            for measure in ("level", "level_odd", "level_even")
        ]
    )
    scores = pd.DataFrame(
        [
            {
                "dyad_id": dyad,
                "session_id": "S1",
                "person_id": person,
                "segment_id": label,
                "instrument": "feelings",
                "scale": scale,
                "score": float(generator.integers(0, 101)),
            }
            for dyad, person in people
            for label in SEGMENTS
            for scale in ("joy", "anger")
        ]
    )
    recorded = pd.DataFrame(people, columns=["dyad_id", "person_id"]).assign(session_id="S1")
    return {
        "participants": participants,
        "sessions": sessions,
        "segments": segments,
        "recorded": recorded,
        "expressions": expressions,
        "scores": scores,
    }


NOBODY = pd.DataFrame(
    columns=["dyad_id", "session_id", "person_id", "reason", "sentence"], dtype=str
)


def assembled(
    study: dict[str, pd.DataFrame], *without: str, left_out: pd.DataFrame = NOBODY
) -> pd.DataFrame:
    consented = frozenset({"P1", "P2", "Q1", "Q2"} - set(without))
    return cohort.assemble(**study, pairs=PAIRS, consented=consented, left_out=left_out)


def test_every_person_segment_and_emotion_has_its_row(study: dict[str, pd.DataFrame]) -> None:
    rows = assembled(study)
    assert len(rows) == 4 * 3 * 2
    assert not rows.duplicated(["person", "session_id", "segment_id", "emotion"]).any()
    assert rows["exclusion"].eq("").all()
    assert set(rows.loc[rows["person"].eq("Q2"), "group"]) == {"ASD"}
    assert rows.loc[rows["person"].eq("Q2"), "age"].eq(50).all()


def test_a_row_holds_the_score_and_the_level_of_its_own_segment(
    study: dict[str, pd.DataFrame],
) -> None:
    rows = assembled(study).set_index(["person", "segment_id", "emotion"])
    scores = study["scores"].set_index(["person_id", "segment_id", "scale"])["score"]
    levels = study["expressions"].set_index(["person_id", "segment_id", "channel", "measure"])
    assert rows.loc[("P2", "sad", "anger"), "x"] == scores[("P2", "sad", "anger")]
    assert (
        rows.loc[("P2", "sad", "anger"), "e"] == levels.loc[("P2", "sad", "AU04", "level"), "value"]
    )


def test_experience_is_centred_within_person_and_emotion(study: dict[str, pd.DataFrame]) -> None:
    rows = assembled(study)
    means = rows.groupby(["person", "emotion"])[["x_w", "e_w"]].mean().to_numpy()
    assert means == pytest.approx(0, abs=1e-12)
    own = rows[rows["role"].eq("participant")]
    assert own["x_w"].std(ddof=0) == pytest.approx(1)
    assert rows.groupby("emotion")["x_pm"].mean().to_numpy() == pytest.approx(0, abs=1e-12)


def test_centring_is_done_again_after_an_exclusion(study: dict[str, pd.DataFrame]) -> None:
    scores = study["scores"]
    lost = scores["person_id"].eq("P1") & scores["segment_id"].eq("sad")
    scores.loc[lost, "score"] = np.nan
    rows = assembled(study)
    excluded = rows[rows["exclusion"].ne("")]
    assert set(excluded["exclusion"]) == {cohort.NO_EXPERIENCE}
    assert len(excluded) == 2
    assert excluded["x_w"].isna().all()
    left = rows[rows["person"].eq("P1") & rows["exclusion"].eq("")]
    assert left.groupby("emotion")["x_w"].mean().to_numpy() == pytest.approx(0, abs=1e-12)


def test_the_first_reason_counts(study: dict[str, pd.DataFrame]) -> None:
    study["scores"] = study["scores"][study["scores"]["person_id"].ne("P1")]
    study["recorded"] = study["recorded"][study["recorded"]["person_id"].ne("P1")]
    rows = assembled(study)
    assert set(rows.loc[rows["person"].eq("P1"), "exclusion"]) == {cohort.NO_RECORDING}
    rows = assembled(study, "P1")
    assert set(rows.loc[rows["person"].eq("P1"), "exclusion"]) == {cohort.NO_CONSENT}


def test_the_flow_counts_every_row_and_person_once(study: dict[str, pd.DataFrame]) -> None:
    expressions = study["expressions"]
    unseen = expressions["person_id"].eq("P2") & expressions["segment_id"].eq("sad")
    expressions.loc[unseen, "value"] = np.nan
    study["scores"] = study["scores"][study["scores"]["person_id"].ne("P1")]
    table = cohort.flow(assembled(study), ["control", "ASD"]).set_index(["group", "stage"])
    assert table.loc[("ASD", "face seen"), ["people", "rows", "lost_rows"]].tolist() == [1, 4, 2]
    assert table.loc[("ASD", "analysed"), ["people", "rows"]].tolist() == [1, 4]
    assert table.loc[("control", "rated"), ["people", "lost_people"]].tolist() == [0, 1]
    assert table.loc[("control", "analysed"), "rows"] == 0
    by_group = table.groupby("group")
    assert (by_group["lost_rows"].sum() + table.xs("analysed", level="stage")["rows"] == 6).all()


def test_two_types_of_channel_never_enter_one_analysis(study: dict[str, pd.DataFrame]) -> None:
    expressions = study["expressions"]
    expressions.loc[expressions["channel"].eq("AU04"), "channel_type"] = "intensity_0_5"
    with pytest.raises(StudyError, match="AU12: probability, AU04: intensity_0_5"):
        assembled(study)


def test_an_expression_that_was_not_measured_is_named(study: dict[str, pd.DataFrame]) -> None:
    study["expressions"] = study["expressions"][study["expressions"]["channel"].eq("AU12")]
    with pytest.raises(StudyError, match=r"AU04 was not measured\. Name one of: AU12"):
        assembled(study)


def test_a_study_of_which_no_recording_can_be_used_says_so(study: dict[str, pd.DataFrame]) -> None:
    sentence = "a.mp4: the film is cut off."
    left_out = pd.DataFrame(
        [("D1", "S1", "P1", "recording cannot be used", sentence)], columns=NOBODY.columns
    )
    nothing = {**study, "expressions": study["expressions"].iloc[:0]}
    with pytest.raises(StudyError, match="No recording of the study can be used: 1 were left out"):
        assembled(nothing, left_out=left_out)


def test_people_of_unusable_recordings_are_excluded_with_that_reason(
    study: dict[str, pd.DataFrame],
) -> None:
    left_out = pd.DataFrame(
        [("D1", "S1", "P1", "not on the session clock", "no sound")], columns=NOBODY.columns
    )
    rows = assembled(study, left_out=left_out)
    own = rows[rows["person"].eq("P1")]
    assert own["exclusion"].eq("not on the session clock").all()
    assert rows.loc[rows["person"].ne("P1"), "exclusion"].ne("not on the session clock").all()


def with_strata(study: dict[str, pd.DataFrame]) -> tuple[EmotionPair, EmotionPair]:
    """Measure speech too, one higher than the whole segment, and hold joy against that."""
    speaking = study["expressions"].assign(stratum="speaking")
    speaking["value"] += 1
    study["expressions"] = pd.concat([study["expressions"], speaking], ignore_index=True)
    return PAIRS[0].model_copy(update={"stratum": "speaking"}), PAIRS[1]


def test_a_pair_may_hold_against_what_was_shown_while_speaking(
    study: dict[str, pd.DataFrame],
) -> None:
    everything = frozenset({"P1", "P2", "Q1", "Q2"})
    before = assembled(study)
    pairs = with_strata(study)
    rows = cohort.assemble(**study, pairs=pairs, consented=everything, left_out=NOBODY)
    is_joy = rows["emotion"].eq("joy")
    assert (rows["e"] - before["e"])[is_joy].to_numpy() == pytest.approx(1)
    assert (rows["e"] - before["e"])[~is_joy].to_numpy() == pytest.approx(0)
    assert len(rows) == len(before)


def test_who_never_speaks_in_a_segment_is_counted_with_that_reason(
    study: dict[str, pd.DataFrame],
) -> None:
    pairs = with_strata(study)
    shown = study["expressions"]
    silent = shown["stratum"].eq("speaking") & shown["person_id"].eq("P2")
    silent &= shown["segment_id"].eq("sad")
    shown.loc[silent, "value"] = np.nan
    shown.loc[silent, "reason"] = "no speaking in the segment"
    rows = cohort.assemble(
        **study, pairs=pairs, consented=frozenset({"P1", "P2", "Q1", "Q2"}), left_out=NOBODY
    )
    lost = rows[rows["exclusion"].ne("")]
    assert lost[["person", "segment_id", "emotion", "exclusion"]].to_numpy().tolist() == [
        ["P2", "sad", "joy", cohort.NOT_IN_STRATUM]
    ]
    counts = cohort.flow(rows, ["control", "ASD"])
    stage = counts[counts["reason"].eq(cohort.NOT_IN_STRATUM)].set_index("group")
    assert stage["lost_rows"].to_dict() == {"control": 0, "ASD": 1}
    # Where no stratum is asked for, the count has no such stage.
    study["expressions"] = shown[shown["stratum"].eq("all")]
    assert cohort.NOT_IN_STRATUM not in set(
        cohort.flow(assembled(study), ["control", "ASD"])["reason"]
    )


def test_a_stratum_that_was_not_measured_is_named(study: dict[str, pd.DataFrame]) -> None:
    pairs = [PAIRS[0].model_copy(update={"stratum": "listening"})]
    with pytest.raises(StudyError, match=r"not measured for listening alone.*expressions\.strata"):
        cohort.assemble(**study, pairs=pairs, consented=frozenset({"P1"}), left_out=NOBODY)


def test_a_row_says_whom_the_person_met_and_what_that_one_felt(
    study: dict[str, pd.DataFrame],
) -> None:
    study["sessions"].loc[1, "partner_id"] = ""
    rows = assembled(study)
    by_person = rows.set_index(["person", "segment_id", "emotion"]).sort_index()
    met = rows.drop_duplicates("person").set_index("person")["other_person"]
    assert met[["P1", "Q1"]].tolist() == ["Q1", "P1"]
    assert met[["P2"]].isna().all()
    expected = by_person.loc["Q1", "x_w"]
    pd.testing.assert_series_equal(by_person.loc["P1", "x_other"], expected, check_names=False)
    assert by_person.loc["P2", "x_other"].isna().all()


def test_an_excluded_row_is_nothing_that_the_other_one_could_follow(
    study: dict[str, pd.DataFrame],
) -> None:
    is_lost = study["scores"]["person_id"].eq("Q1") & study["scores"]["segment_id"].eq("sad")
    study["scores"] = study["scores"][~is_lost]
    rows = assembled(study).set_index(["person", "segment_id"])
    assert rows.loc[("P1", "sad"), "x_other"].isna().all()
    assert rows.loc[("P1", "joyful"), "x_other"].notna().all()
