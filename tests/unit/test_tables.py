"""Tables that pass between stages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dyads import tables
from dyads.channels import ChannelType
from dyads.contracts import Flow
from dyads.errors import StudyError

FLOW = pd.DataFrame(
    {
        "order": [0],
        "stage": ["recruited"],
        "group": ["ASD"],
        "people": [8],
        "rows": [96],
        "lost_people": [0],
        "lost_rows": [0],
        "reason": [""],
    }
)


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "flow.parquet"
    tables.write(FLOW, path, Flow)
    pd.testing.assert_frame_equal(tables.read(path, Flow), FLOW, check_dtype=False)


def test_what_a_table_says_of_itself_comes_back(tmp_path: Path) -> None:
    about = tables.About(
        channel_types={"AU12": ChannelType.PROBABILITY}, stamp="demo weights", remarks=("Why.",)
    )
    tables.write(FLOW, tmp_path / "flow.parquet", Flow, about)
    assert tables.read_about(tmp_path / "flow.parquet") == about


def test_a_table_that_says_nothing_of_itself_is_empty_about_it(tmp_path: Path) -> None:
    tables.write(FLOW, tmp_path / "flow.parquet", Flow)
    assert tables.read_about(tmp_path / "flow.parquet") == tables.About()


def test_every_broken_promise_of_a_table_is_named(tmp_path: Path) -> None:
    broken = FLOW.assign(people=-1, surprise=1).drop(columns="reason")
    with pytest.raises(StudyError) as fault:
        tables.write(broken, tmp_path / "flow.parquet", Flow)
    for word in ("Flow", "people", "-1", "surprise", "reason"):
        assert word in str(fault.value)
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_checked_when_it_is_read(tmp_path: Path) -> None:
    FLOW.drop(columns="reason").to_parquet(tmp_path / "flow.parquet")
    with pytest.raises(StudyError, match="reason"):
        tables.read(tmp_path / "flow.parquet", Flow)


def test_no_text_of_a_csv_can_run_as_a_formula_and_numbers_stay_exact(tmp_path: Path) -> None:
    commands = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"]
    numbers = ["-0.5", "+3", "-1e-3", "7", ".5"]
    table = pd.DataFrame({"=name": [*commands, *numbers], "value": -1.25})
    tables.write_csv(table, tmp_path / "a.csv")
    read = pd.read_csv(tmp_path / "a.csv", dtype={"'=name": str})
    one_line = [text.replace("\r", " ") for text in commands]
    assert read["'=name"].tolist() == [f"'{text}" for text in one_line] + numbers
    assert read["value"].eq(-1.25).all()


def test_what_is_no_text_is_written_as_it_was(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"a": [1, None, -2], "b": pd.Categorical(["-x", "y", "y"]), "c": [True, False, True]}
    )
    tables.write_csv(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a,b,c\n1,'-x,True\n,y,False\n-2,y,True\n"
