"""Ratings of the other person, of moments and of every instant go the whole way to their tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from other_programs import pyfeat_2
from runs import demo_folder, snakemake, write_config

pytestmark = pytest.mark.workflow

SECONDS, SEGMENTS, LAG_S = 200, 8, 1.5
PEOPLE = (("D01", "P01", "Q01", "control"), ("D02", "P02", "Q02", "ASD"))
KEYS = ("dyad_id", "session_id", "person_id")
KEYS_OF_A_MEAN = ("emotion", "target", "comparison", "measure", "group", "role")


def face(generator: np.random.Generator) -> np.ndarray:
    """A course of AU12 at 10 Hz that keeps its value for some seconds."""
    noise = np.convolve(generator.normal(size=10 * SECONDS + 29), np.ones(30) / 30, mode="valid")
    return np.asarray((noise - noise.min()) / np.ptp(noise))


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    pd.DataFrame(rows).to_csv(folder / f"{name}.tsv", sep="\t", index=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dyads whose faces, judgements and joysticks follow known courses, run to the end."""
    folder = tmp_path_factory.mktemp("rated")
    study, recordings = folder / "study", folder / "recordings"
    (study / "streams").mkdir(parents=True)
    recordings.mkdir()
    generator = np.random.default_rng(1)
    time_s = np.arange(10 * SECONDS) / 10
    recorded, segments, ratings, streams = [], [], [], []
    for dyad, participant, partner, _ in PEOPLE:
        both = (participant, partner)
        shown = {person: face(generator) for person in both}
        for person in both:
            where = dict(zip(KEYS, (dyad, "S1", person), strict=True))
            table = pyfeat_2(len(time_s)).assign(AU12=shown[person])
            table.to_csv(recordings / f"{person}.csv", index=False)
            recorded.append({**where, "path": "", "offset_s": 0, "frame_rate_hz": 10,
                             "frames_path": f"{person}.csv"})  # fmt: skip
            other = shown[partner if person == participant else participant]
            for number in range(SEGMENTS):
                steps = slice(200 * number + 50, 200 * number + 250)
                felt, of_other = (100 * it[steps].mean() for it in (shown[person], other))
                answer = {"instrument": "feelings", "item": "joy"}
                at_s = 20.0 * number + 15
                around = shown[person][(time_s >= at_s - 5) & (time_s < at_s + 5)]
                ratings += [
                    {**where, "segment_id": f"g{number}", **answer, "value": felt,
                     "target": "self", "time_s": ""},
                    {**where, "segment_id": f"g{number}", **answer, "value": of_other * 0.5 + 5,
                     "target": "other", "time_s": ""},
                    {**where, "segment_id": "", **answer, "value": 100 * around.mean(),
                     "target": "self", "time_s": at_s},
                ]  # fmt: skip
            rated_s = np.arange(0, SECONDS - 20, 0.25)
            handle = 100 * np.interp(rated_s + 10 - LAG_S, time_s, shown[person])
            file = pd.DataFrame({"time_s": rated_s, "value": handle})
            file.to_csv(study / f"streams/{person}.tsv", sep="\t", index=False)
            streams.append({**where, "instrument": "feelings", "scale": "joy",
                            "path": f"streams/{person}.tsv", "offset_s": 10})  # fmt: skip
        segments += [
            {"dyad_id": dyad, "session_id": "S1", "segment_id": f"g{number}", "label": f"g{number}",
             "onset_s": 20 * number + 5, "duration_s": 20}
            for number in range(SEGMENTS)
        ]  # fmt: skip
    everybody = [(it[1], it[3]) for it in PEOPLE] + [(it[2], "partner") for it in PEOPLE]
    write(study, "participants", [
        {"participant_id": name, "group": group, "age": 30, "sex": "f"}
        for name, group in everybody
    ])  # fmt: skip
    write(study, "sessions", [
        {"dyad_id": dyad, "session_id": "S1", "participant_id": participant,
         "partner_id": partner, "session_number": 1}
        for dyad, participant, partner, _ in PEOPLE
    ])  # fmt: skip
    write(study, "consent", [
        {"participant_id": name, "use": "process", "granted": "yes"} for name, _ in everybody
    ])  # fmt: skip
    write(study, "recordings", recorded)
    write(study, "segments", segments)
    write(study, "ratings", ratings)
    write(study, "continuous", streams)
    (study / "instruments.yaml").write_text(
        "feelings:\n  title: Sliders\n  minimum: 0\n  maximum: 100\n"
        "  scales:\n    joy: {items: [joy]}\n"
    )
    pair = {"emotion": "joy", "instrument": "feelings", "scale": "joy", "channel": "AU12"}
    write_config(
        folder,
        continuous={"pairs": [pair], "delay_variants_s": [LAG_S]},
        report={"minimum_cell": 1},
    )
    targets = [f"results/shareable/ratings/{name}.csv"
               for name in ("judgements", "moments", "continuous")]  # fmt: skip
    targets += ["figure_judgements", "figure_continuous"]
    ended = snakemake(folder, *targets, "--configfile", "config.yaml")
    assert ended.returncode == 0, ended.stdout
    return folder / "results"


def test_a_judgement_that_halves_what_the_other_felt_has_half_the_slope(made: Path) -> None:
    table = pd.read_csv(made / "shareable/ratings/judgements.csv")
    line = table[table["comparison"].eq("accuracy") & table["measure"].eq("slope")]
    # written: judgement = 5 + half of what the other felt, without noise
    assert line["value"].tolist() == pytest.approx([0.5] * 4)
    assert set(line["role"]) == {"participant", "partner"}
    assert set(table["stamp"].dropna()) == {"exploratory: no plan was locked"}


def test_a_rated_moment_is_joined_to_the_face_around_it(made: Path) -> None:
    rows = pd.read_parquet(made / "private/cohort/moments.parquet")
    assert len(rows) == 2 * len(PEOPLE) * SEGMENTS
    # written: the rating is a hundred times the mean of the face from 5 s before to 5 s after
    assert (rows["x"] / 100).tolist() == pytest.approx(rows["e"].tolist(), abs=1e-6)


def test_the_lag_of_the_handle_is_found_and_taken_off_by_the_variant(made: Path) -> None:
    table = pd.read_csv(made / "shareable/ratings/continuous.csv")
    lag_s = table[table["measure"].eq("lag_s")].set_index(["delay_s", "group", "role"])["value"]
    # written: the handle follows the face by 1.5 s, in a file that began 10 s later
    assert lag_s[0.0].tolist() == pytest.approx([LAG_S] * 4, abs=0.11)
    assert lag_s[LAG_S].tolist() == pytest.approx([0.0] * 4, abs=0.11)


def test_the_figures_show_what_the_tables_of_groups_say(made: Path) -> None:
    for name in ("judgements", "continuous"):
        told = pd.read_csv(made / f"shareable/ratings/{name}.csv")
        drawn = pd.read_csv(made / f"shareable/figures/{name}.csv")
        means = drawn[drawn["kind"].eq("mean")]
        keys = [column for column in KEYS_OF_A_MEAN if column in means]
        wanted = told[told["delay_s"].fillna(0).eq(0)].set_index(keys)["value"]
        values = means.set_index(keys)["value"]
        assert values.tolist() == pytest.approx(wanted.loc[values.index].tolist())
        assert set(drawn["stamp"]) == {"exploratory: no plan was locked"}
        assert not set(drawn["kind"]) - {"mean"}  # nobody agreed to be shown singly


def test_the_report_needs_such_ratings_and_their_figures(made: Path) -> None:
    planned = snakemake(
        made.parent, "-n", "-F", "results/shareable/report/index.html", "--configfile",
        "config.yaml",
    ).stdout  # fmt: skip
    for rule in ("figure_judgements", "figure_continuous", "compare_moments"):
        assert rule in planned


def test_what_was_said_of_the_other_or_of_a_moment_is_no_experience(made: Path) -> None:
    cohort = pd.read_parquet(made / "private/cohort/cohort.parquet")
    rows = cohort[cohort["exclusion"].eq("")]
    assert len(rows) == 2 * len(PEOPLE) * SEGMENTS
    # written: what was felt is a hundred times the mean of one's own face in the segment
    assert (rows["x"] / 100).tolist() == pytest.approx(rows["e"].tolist(), abs=1e-6)


def test_a_figure_of_ratings_that_nobody_gives_any_more_does_not_stay(tmp_path: Path) -> None:
    figures = demo_folder(tmp_path) / "results/shareable/figures"
    figures.mkdir(parents=True)
    for name in ("judgements.svg", "judgements.pdf.ledger.json", "continuous.csv", "synchrony.csv"):
        (figures / name).write_text("drawn earlier")
    ended = snakemake(tmp_path, "results/shareable/study_check.html")
    assert ended.returncode == 0, ended.stdout
    assert [path.name for path in figures.iterdir()] == ["synchrony.csv"]


def test_a_study_without_such_ratings_has_nothing_more_to_do(tmp_path: Path) -> None:
    said = snakemake(demo_folder(tmp_path), "-n", "--quiet", "rules").stdout
    planned = snakemake(tmp_path, "-n").stdout
    assert "assemble_cohort" in planned, said
    for rule in ("compare_judgements", "measure_moments", "place_continuous", "figure_judgements",
                 "figure_continuous"):  # fmt: skip
        assert rule not in planned
