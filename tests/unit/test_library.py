"""The published ranges and keys: each number is the source's own, named in the instrument."""

import pandas as pd
import pytest

from dyads.ratings.instruments import Instruments
from dyads.ratings.reading import load_instruments
from dyads.ratings.scores import score_ratings
from dyads.ratings.shelf import shelved
from dyads.study.faults import StudyFaults

LIBRARY = Instruments.model_validate(shelved())
SCALES = LIBRARY.scale_table().set_index(["instrument", "scale"])
SESSIONS = pd.DataFrame(
    {"dyad_id": ["D1"], "session_id": ["S1"], "participant_id": ["P1"], "partner_id": [""]}
)


def scored(instrument, answers):
    rows = [
        {"person_id": "P1", "dyad_id": "D1", "session_id": "S1", "segment_id": "",
         "instrument": instrument, "item": str(item), "value": float(value)}
        for item, value in answers.items()
    ]  # fmt: skip
    scores = score_ratings(pd.DataFrame(rows), SESSIONS, LIBRARY)
    return dict(zip(scores["scale"], scores["score"], strict=True))


@pytest.mark.parametrize("name", shelved())
def test_an_instrument_names_its_source_its_owner_and_its_rule_for_missing_items(name):
    instrument = LIBRARY.root[name]
    assert instrument.source
    assert instrument.licence
    assert instrument.missing_rule


# Ranges as the sources give them (SRS-2: the manual's 0 to 195, plus 65 for answers from 1).
@pytest.mark.parametrize(
    ("instrument", "scale", "lowest", "highest"),
    [
        ("panas", "positive", 10, 50),
        ("panas", "negative", 10, 50),
        ("ipanas_sf", "positive", 5, 25),
        ("sam", "valence", 1, 9),
        ("mdes", "positive", 0, 4),
        ("affect_grid", "pleasure", 1, 9),
        ("aq10", "total", 0, 10),
        ("aq", "total", 0, 50),
        ("aq", "imagination", 0, 10),
        ("srs2", "total", 65, 260),
        ("panss", "positive", 7, 49),
        ("panss", "negative", 7, 49),
        ("panss", "general", 16, 112),
        ("panss", "total", 30, 210),
        ("sans", "summary", 0, 25),
        ("bnss", "total", 0, 78),
        ("cains", "motivation_pleasure", 0, 36),
        ("cains", "expression", 0, 16),
        ("tas20", "total", 20, 100),
        ("bdi2", "total", 0, 63),
        ("stai_state", "total", 20, 80),
        ("phq9", "total", 0, 27),
    ],
)
def test_a_scale_runs_over_its_published_range(instrument, scale, lowest, highest):
    row = SCALES.loc[(instrument, scale)]
    assert (row["minimum"], row["maximum"]) == (lowest, highest)


@pytest.mark.parametrize(
    ("instrument", "parts"),
    [
        ("panas", ["positive", "negative"]),
        ("aq", ["social_skill", "attention_switching", "attention_to_detail", "communication",
                "imagination"]),
        ("srs2", ["awareness", "cognition", "communication", "motivation",
                  "restricted_repetitive"]),
        ("panss", ["positive", "negative", "general"]),
        ("bnss", ["anhedonia", "distress", "asociality", "avolition", "blunted_affect", "alogia"]),
        ("tas20", ["difficulty_identifying", "difficulty_describing", "external_thinking"]),
        ("sans", ["affective_flattening", "alogia", "avolition", "anhedonia", "attention",
                  "summary"]),
    ],
)  # fmt: skip
def test_subscales_share_out_the_items_of_an_instrument(instrument, parts):
    scales = LIBRARY.root[instrument].scales
    items = [item for part in parts for item in scales[part].items]
    assert len(items) == len(set(items))
    assert set(items) == {item for scale in scales.values() for item in scale.items}


@pytest.mark.parametrize("name", shelved())
def test_a_subscale_keys_an_item_as_the_total_does(name):
    scales = LIBRARY.root[name].scales
    if "total" in scales:
        for scale in scales.values():
            assert set(scale.reverse) == set(scales["total"].reverse) & set(scale.items)


def test_the_aq10_counts_agreement_on_four_items_and_disagreement_on_six():
    # Allison et al. (2012): agreement on 1, 7, 8 and 10, disagreement on the rest.
    agreeing = scored("aq10", dict.fromkeys(range(1, 11), 1))
    disagreeing = scored("aq10", dict.fromkeys(range(1, 11), 3))
    assert (agreeing["total"], disagreeing["total"]) == (4, 6)


def test_the_aq_counts_twenty_four_agreements():
    # Baron-Cohen et al. (2001): 24 of the 50 items are keyed to agreement.
    assert scored("aq", dict.fromkeys(range(1, 51), 2))["total"] == 24


def test_whoever_always_ticks_the_same_box_scores_by_the_reversed_items():
    # All 1: STAI 10 x 1 + 10 x 4; TAS-20 15 x 1 + 5 x 5; SRS-2 48 x 1 + 17 x 4 (by hand).
    assert scored("stai_state", dict.fromkeys(range(1, 21), 1))["total"] == 50
    assert scored("tas20", dict.fromkeys(range(1, 21), 1))["total"] == 40
    assert scored("srs2", dict.fromkeys(range(1, 66), 1))["total"] == 116


def test_the_stai_is_the_sum_of_hand_scoring():
    # Hand scoring of form Y-1, as users publish it: the ten direct items added up, minus the ten
    # reversed ones, plus 50.
    answers = {item: 1 + item % 4 for item in range(1, 21)}
    turned = {1, 2, 5, 8, 10, 11, 15, 16, 19, 20}
    by_hand = sum(-answer if item in turned else answer for item, answer in answers.items()) + 50
    assert scored("stai_state", answers)["total"] == by_hand


def test_the_phq_counts_ticks_by_the_value_of_their_column():
    # Scoring card of the PHQ-9: ticks in each column times the column's value. Two in the second
    # column, three in the third, two in the last: 2 x 1 + 3 x 2 + 2 x 3.
    ticks = dict(zip(range(1, 10), [0, 1, 2, 3, 0, 1, 2, 3, 2], strict=True))
    assert scored("phq9", ticks)["total"] == 14


@pytest.mark.parametrize("instrument", ["panas", "ipanas_sf"])
def test_positive_and_negative_affect_are_sums_of_their_own_items(instrument):
    # Watson et al. (1988): 1, 3, 5, 9, 10, 12, 14, 16, 17, 19 are positive; Thompson (2007):
    # 3, 5, 7, 8, 10. Positive items answered 4 and the others 2: 4 or 2 times their number.
    positive = {"panas": {1, 3, 5, 9, 10, 12, 14, 16, 17, 19}, "ipanas_sf": {3, 5, 7, 8, 10}}
    own = positive[instrument]
    answers = {item: 4 if item in own else 2 for item in range(1, 2 * len(own) + 1)}
    assert scored(instrument, answers) == {"positive": 4 * len(own), "negative": 2 * len(own)}


def test_the_five_factors_of_the_panss_are_those_of_the_consensus_model():
    # Wallwork et al. (2012), table of the consensus model: 4, 6, 3, 4 and 3 items, none twice.
    scales = LIBRARY.root["panss"].scales
    factors = {name: scale.items for name, scale in scales.items() if name.endswith("_factor")}
    assert {name: len(items) for name, items in factors.items()} == {
        "positive_factor": 4, "negative_factor": 6, "disorganised_factor": 3,
        "excited_factor": 4, "depressed_factor": 3,
    }  # fmt: skip
    assert len({item for items in factors.values() for item in items}) == 20
    # Everything absent is 1: the lowest sum of a factor is its number of items.
    absent = scored("panss", dict.fromkeys(scales["total"].items, 1))
    assert absent["negative_factor"] == 6


def test_sliders_are_their_own_scores():
    assert scored("emotion_sliders", {"joy": 62.5, "anger": 0})["joy"] == 62.5


def test_two_unanswered_items_of_the_phq_are_prorated_and_three_are_not():
    # Nine items of 2 give 18; with seven answered the mean, 2, stands for all nine.
    assert scored("phq9", dict.fromkeys(range(1, 8), 2))["total"] == 18
    assert pd.isna(scored("phq9", dict.fromkeys(range(1, 7), 2))["total"])


def test_a_study_takes_an_instrument_from_the_library_and_may_set_a_key_anew(tmp_path):
    path = tmp_path / "instruments.yaml"
    path.write_text("mood: {library: panas, missing_share: 0.2}\n", encoding="utf-8")
    instrument = load_instruments(path).root["mood"]
    assert instrument.missing_share == 0.2
    assert instrument.scales == LIBRARY.root["panas"].scales


def test_an_instrument_that_the_library_lacks_is_named_with_those_it_has(tmp_path):
    path = tmp_path / "instruments.yaml"
    path.write_text("\nmood: {library: panass}\n", encoding="utf-8")
    with pytest.raises(StudyFaults) as caught:
        load_instruments(path)
    (fault,) = caught.value.faults
    assert (fault.row, fault.column, fault.value) == (2, "mood.library", "panass")
    assert "panas, panss, phq9" in fault.expected


def test_a_response_that_cannot_be_answered_is_refused():
    with pytest.raises(ValueError, match="responses that can be answered, not 6"):
        Instruments.model_validate({"a": {**shelved()["panas"], "responses": {6: "more"}}})
