import pytest
import studies

from dyads.ratings.reading import load_instruments
from dyads.study.faults import StudyFaults


def write(tmp_path, text):
    path = tmp_path / "instruments.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path):
    with pytest.raises(StudyFaults) as caught:
        load_instruments(path)
    return caught.value.faults


def test_scales_and_items_are_listed_with_their_ranges_and_keys(tmp_path):
    instruments = load_instruments(write(tmp_path, studies.INSTRUMENTS))
    assert instruments.scale_table().to_numpy().tolist() == [
        ["feelings", "joy", 1, 0.0, "mean", 0.0, 100.0, "positive"],
        ["feelings", "sadness", 1, 0.0, "mean", 0.0, 100.0, "negative"],
        ["rapport", "rapport", 2, 0.5, "mean", 1.0, 5.0, ""],
    ]
    items = instruments.item_table().query("instrument == 'rapport'")
    assert items[["item", "is_reversed"]].to_numpy().tolist() == [["close", False], ["bored", True]]


def test_items_may_be_numbers_and_belong_to_several_scales(tmp_path):
    text = (
        "a: {title: A, minimum: 0, maximum: 4, scales: {one: {items: [1, 2]}, all: {items: [1]}}}"
    )
    items = load_instruments(write(tmp_path, text)).item_table()
    assert items[["scale", "item"]].to_numpy().tolist() == [
        ["one", "1"],
        ["one", "2"],
        ["all", "1"],
    ]


# What is replaced in the valid file, by what; then line, key and value of the fault.
SEEDED = {
    "unknown key": ("title: Rapport", "titel: Rapport", 10, "rapport.titel", "titel"),
    "missing key": ("  maximum: 5\n", "", 10, "rapport.maximum", None),
    "key twice": (
        "  maximum: 5\n", "  maximum: 5\n  maximum: 7\n", 13, "rapport.maximum", "maximum"),
    "instrument twice": ("rapport:\n  title", "feelings:\n  title", 9, "feelings", "feelings"),
    "no range": ("maximum: 5", "maximum: 1", 10, "rapport", None),
    "range in words": ("maximum: 5", "maximum: five", 12, "rapport.maximum", "five"),
    "endless range": ("maximum: 5", "maximum: .inf", 12, "rapport.maximum", ".inf"),
    "share above one": ("0.5", "50", 13, "rapport.missing_share", "50"),
    "unknown valence": ("negative", "bad", 8, "feelings.scales.sadness.valence", "bad"),
    "item that YAML reads as no": (
        "[close, bored]", "[close, bored, no]", 16, "rapport.scales.rapport.items.2", "no"),
    "item with a blank": (
        "items: [joy]", "items: [great joy]", 7, "feelings.scales.joy.items.0", "great joy"),
    "item twice in a scale": (
        "[close, bored]", "[close, bored, close]", 16, "rapport.scales.rapport", None),
    "reverse key that is no item": (
        "reverse: [bored]", "reverse: [boring]", 16, "rapport.scales.rapport", None),
    "scale name with a sign": (
        "    sadness: {", "    sad-ness: {", 8, "feelings.scales.sad-ness", "sad-ness"),
}  # fmt: skip


@pytest.mark.parametrize("case", SEEDED.values(), ids=SEEDED.keys())
def test_a_seeded_fault_is_named_by_line_key_and_value(tmp_path, case):
    old, new, *expected = case
    assert studies.INSTRUMENTS.count(old) == 1
    path = write(tmp_path, studies.INSTRUMENTS.replace(old, new))
    faults = faults_of(path)
    assert expected in [[fault.row, fault.column, fault.value] for fault in faults]
    assert {fault.file for fault in faults} == {"instruments.yaml"}
    # the missing title of a misspelt one is the only second fault
    assert len(faults) == (2 if "titel" in new else 1)


def test_all_faults_of_the_file_are_told_at_once(tmp_path):
    text = studies.INSTRUMENTS.replace("maximum: 5", "maximum: five").replace("[joy]", "[]")
    assert len(faults_of(write(tmp_path, text))) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [1, 2\nb: 3\n", 2), ("a: !!python/object:os.system x\n", 1), ("", None), ("- a\n", 1)],
    ids=["broken", "code", "empty", "list"],
)
def test_what_is_no_plain_mapping_is_a_fault_and_no_traceback(tmp_path, text, line):
    (fault,) = faults_of(write(tmp_path, text))
    assert fault.row == line


def test_what_is_taken_in_from_another_instrument_may_be_set_anew(tmp_path):
    text = (
        "a: &a {title: A, minimum: 0, maximum: 4, scales: {one: {items: [x]}}}\n"
        "b:\n  <<: *a\n  title: B\n"
    )
    instruments = load_instruments(write(tmp_path, text)).root
    assert (instruments["b"].title, instruments["b"].maximum) == ("B", 4)


def test_a_mapping_that_contains_itself_is_a_fault(tmp_path):
    (fault, *_) = faults_of(write(tmp_path, "a: &a\n  title: A\n  scales: *a\n"))
    assert fault.file == "instruments.yaml"


def test_a_missing_file_and_one_in_another_encoding_are_faults(tmp_path):
    (fault,) = faults_of(tmp_path / "instruments.yaml")
    assert "Add the file" in fault.remedy
    path = tmp_path / "instruments.yaml"
    path.write_bytes("a: {title: Gefühle}".encode("latin-1"))
    (fault,) = faults_of(path)
    assert "UTF-8" in fault.remedy
