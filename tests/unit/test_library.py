"""The published ranges and keys: each number is the source's own, named in the instrument."""

import pandas as pd
import pytest

from dyads.ratings.instruments import Instruments
from dyads.ratings.library_page import library_page
from dyads.ratings.reading import load_instruments
from dyads.ratings.scores import score_ratings
from dyads.ratings.shelf import shelved
from dyads.ratings.worked_examples import worked_examples
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


# Ranges as the sources give them.
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
        ("srs2", "total", 0, 195),
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


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, example) for name, examples in worked_examples().items() for example in examples],
)
def test_an_instrument_scores_its_worked_examples(name, example):
    # Counted by hand, by the rule of the source that the example names.
    assert scored(name, example.answered(LIBRARY.root[name])) == pytest.approx(example.scores)


def test_every_instrument_has_a_worked_example_on_the_page():
    page = library_page()
    assert set(worked_examples()) == set(shelved())
    for name, examples in worked_examples().items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert LIBRARY.root[name].source in section
        assert all(f"| `{scale}` |" in section for scale in LIBRARY.root[name].scales)
        assert all(example.counted in section for example in examples)


def test_the_page_names_the_instruments_whose_answers_have_no_words():
    said = library_page().partition("in place of words:\n")[2].partition(".\n")[0]
    without = {f"`{name}`" for name, it in LIBRARY.root.items() if not it.responses}
    assert set(said.split(", ")) == without
    assert "`tas20`" in without


def test_the_srs2_scores_answers_of_1_to_4_as_0_to_3_as_the_manual_does():
    # By hand: 3 on item 1 counts 2; 2 on item 3, keyed the other way round, counts 3 - 1 = 2; the
    # 63 others are answered 1: 47 direct ones count 0, the 16 reversed ones 3 each.
    answers = dict.fromkeys(range(1, 66), 1) | {1: 3, 3: 2}
    assert scored("srs2", answers)["total"] == 2 + 2 + 16 * 3


def test_points_that_are_counted_from_elsewhere_do_not_move_what_may_be_answered():
    assert not LIBRARY.root["srs2"].is_possible(0)
    assert LIBRARY.root["srs2"].is_possible(4)


def test_the_five_factors_of_the_panss_are_those_of_the_consensus_model():
    # Wallwork et al. (2012), table of the consensus model: 4, 6, 3, 4 and 3 items, none twice.
    scales = LIBRARY.root["panss"].scales
    factors = {name: scale.items for name, scale in scales.items() if name.endswith("_factor")}
    assert {name: len(items) for name, items in factors.items()} == {
        "positive_factor": 4, "negative_factor": 6, "disorganised_factor": 3,
        "excited_factor": 4, "depressed_factor": 3,
    }  # fmt: skip
    assert len({item for items in factors.values() for item in items}) == 20


def test_two_unanswered_items_of_the_phq_are_prorated_and_three_are_not():
    # Its worked examples have two; one more is more than the instruction allows.
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
