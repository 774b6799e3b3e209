"""What is said of identifiers that another table writes otherwise."""

from __future__ import annotations

import pandas as pd
import pytest

from dyads.study.identifiers import looks_like, odd_sign, unknown_remedies

KNOWN = ["P01", "P02", "007", "D10"]


def remedy(name: str) -> str:
    (told,) = unknown_remedies(pd.Series([name]), KNOWN, "participants.tsv")
    return str(told)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("p01", "P01"),
        ("P 01", "P01"),
        ("PO1", "P01"),
        ("P0l", "P01"),
        ("\N{CYRILLIC CAPITAL LETTER ER}02", "P02"),
        ("\N{GREEK CAPITAL LETTER RHO}02", "P02"),
        ("d-10", "D10"),
    ],
)
def test_the_identifier_that_is_meant_is_named(name: str, meant: str) -> None:
    assert remedy(name) == f"participants.tsv has {meant}: write it in the same way in both tables."


def test_lost_zeros_are_laid_to_the_spreadsheet_program() -> None:
    assert "takes the zeros off" in remedy("7")


@pytest.mark.parametrize("name", ["P03", "X", ""])
def test_an_identifier_that_is_like_none_is_only_called_unknown(name: str) -> None:
    assert remedy(name) == "Correct the identifier, or add it there."


def test_of_two_that_look_alike_none_is_suggested() -> None:
    (told,) = unknown_remedies(pd.Series(["p01"]), ["P01", "PO1"], "participants.tsv")
    assert told == "Correct the identifier, or add it there."


def test_an_identifier_of_another_alphabet_can_be_taken_for_a_plain_one() -> None:
    odd = ["\N{CYRILLIC CAPITAL LETTER ER}02"]
    assert looks_like(pd.Series(["P01", "P02"]), odd).tolist() == [False, True]
    assert looks_like(pd.Series(["P01", "P02"]), []).tolist() == [False, False]


def test_the_sign_that_nobody_sees_is_named() -> None:
    assert odd_sign("P01") == ""
    assert "cyrillic capital letter er" in odd_sign("\N{CYRILLIC CAPITAL LETTER ER}01")
    assert "zero width space" in odd_sign("P01\N{ZERO WIDTH SPACE}")
    assert "a line break" in odd_sign("P\n01")
    assert "U+001B" in odd_sign("P\x1b01")
