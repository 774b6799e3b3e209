"""Who speaks when, held against talks of which it is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from film_making import make_film
from talks import (
    NO_TRACE,
    is_clear,
    mouths,
    one_microphone,
    own_microphones,
    speaks,
    states_at,
    states_of,
    talk,
    told,
    traces,
)

from dyads.config import RecordingSettings, SpeechSettings
from dyads.contracts import Speech
from dyads.recordings.clock import RecordingClock, SessionClock
from dyads.recordings.heaps import two_heaps
from dyads.recordings.loudness import STEP_S, loudness
from dyads.recordings.probing import ProbedSession, check_recording
from dyads.recordings.sound import RATE_HZ, Sound
from dyads.recordings.speech import find_speech, speech_of
from dyads.tables import check

SETTINGS = SpeechSettings()
DURATION_S = 120.0


def share_right(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of the clear steps in which the state is right; what is not told is wrong."""
    asked = is_clear(truth)
    return float((found == states_of(truth)[: len(found)])[:, asked].mean())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("bleed_db", "snr_db"), [(-12, 20), (-3, 20), (-30, 20), (-12, 10)])
def test_a_microphone_each_tells_who_speaks(seed: int, bleed_db: float, snr_db: float) -> None:
    # The truth is who was put into the sound, with pauses up to 0.3 s filled; both speak at times.
    rng = np.random.default_rng(seed)
    voices = talk(DURATION_S, rng, interjections=12)
    truth = speaks(voices)
    assert truth.all(axis=0).mean() > 0.02
    found = told(own_microphones(voices, rng, bleed_db, snr_db))
    assert share_right(found, truth) >= 0.95
    both = is_clear(truth) & truth.all(axis=0)
    assert (found[:, both] == "speaking").mean() >= 0.75


def test_the_gain_of_a_microphone_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    voices = talk(60, rng)
    heard = own_microphones(voices, rng, gains=(1.0, 1.0))
    louder = told([heard[0] * np.float32(0.5), heard[1] * np.float32(0.005)])
    assert (told(heard) == louder).mean() > 0.999


def test_somebody_who_speaks_a_twentieth_of_the_time_is_found() -> None:
    rng = np.random.default_rng(6)
    voices = talk(300, rng)
    voices[1, round(0.1 * voices.shape[1]) :] = 0
    truth = speaks(voices)
    assert truth[1].mean() < 0.06
    assert share_right(told(own_microphones(voices, rng)), truth) >= 0.95


@pytest.mark.parametrize("bleed_db", [-12, -30])
def test_one_person_alone_who_speaks_cannot_be_told_by_microphones(bleed_db: float) -> None:
    # The gains are not known, so that one voice at two levels can be anybody's.
    rng = np.random.default_rng(7)
    voices = talk(DURATION_S, rng) * [[1], [0]]
    found = told(own_microphones(voices, rng, bleed_db))
    assert not np.isin(found, ["speaking", "listening"]).any()
    assert (found == "unknown").mean() > 0.3


def test_two_cameras_that_hear_the_same_are_not_told_apart_by_their_sound() -> None:
    rng = np.random.default_rng(8)
    voices = talk(DURATION_S, rng)
    twice = own_microphones(voices, rng, bleed_db=0, snr_db=30)
    assert not np.isin(told(twice), ["speaking", "listening"]).any()
    # The mouths are asked instead.
    found = told(twice, mouths(speaks(voices), rng))
    assert share_right(found, speaks(voices)) > 0.85


def test_sounds_of_two_conversations_tell_nothing() -> None:
    rng = np.random.default_rng(9)
    one, other = (own_microphones(talk(DURATION_S, rng), rng) for _ in range(2))
    assert not np.isin(told([one[0], other[1]]), ["speaking", "listening"]).any()


@pytest.mark.parametrize("seed", range(2))
def test_mouths_tell_who_speaks_where_one_sound_is_shared(seed: int) -> None:
    rng = np.random.default_rng([1, seed])
    voices = talk(DURATION_S, rng)
    truth = speaks(voices)
    found = told([one_microphone(voices, rng)], mouths(truth, rng))
    asked = is_clear(truth)
    is_told = found != "unknown"
    assert is_told[:, asked].mean() > 0.85
    right = (found == states_of(truth))[is_told & asked]
    assert right.mean() >= 0.97


def test_still_mouths_tell_nothing_but_silence() -> None:
    rng = np.random.default_rng(10)
    voices = talk(DURATION_S, rng)
    still = 0.2 + rng.normal(0, 0.03, (2, round(DURATION_S * 10)))
    found = told([one_microphone(voices, rng)], still)
    assert set(np.unique(found)) == {"silence", "unknown"}


@pytest.mark.parametrize("seed", range(2))
def test_mouths_that_do_not_go_with_the_sound_tell_nothing(seed: int) -> None:
    rng = np.random.default_rng([2, seed])
    voices, other = talk(DURATION_S, rng), talk(DURATION_S, rng)
    found = told([one_microphone(voices, rng)], mouths(speaks(other), rng))
    assert not np.isin(found, ["speaking", "listening"]).any()


def test_one_face_in_one_film_tells_of_its_own_person_alone() -> None:
    rng = np.random.default_rng(11)
    voices = talk(300, rng)
    truth = speaks(voices)
    sound = loudness(Sound(0.0, one_microphone(voices, rng)), lambda time_s: time_s)
    trace = traces(mouths(truth, rng)[:1])
    table = speech_of(["P01", "Q01"], {"P01": sound, "Q01": sound}, trace, SETTINGS)
    own, other = (states_at(table, person, truth.shape[1]) for person in ("P01", "Q01"))
    asked = is_clear(truth) & (own != "unknown")
    assert (own == states_of(truth)[0])[asked].mean() > 0.95
    assert set(other) == {"silence", "unknown"}


def test_noise_alone_is_silence() -> None:
    rng = np.random.default_rng(12)
    hiss = rng.normal(0, 0.01, (2, 30 * RATE_HZ)).astype(np.float32)
    assert set(np.unique(told(hiss))) == {"silence"}
    # A click of 50 ms is no speech.
    hiss[0, 80_000:80_400] += 0.5
    assert set(np.unique(told(hiss))) == {"silence"}


def test_a_recording_that_begins_and_ends_without_sound_is_not_all_speech() -> None:
    # A camera that fades in and out: its noise is what lies between.
    rng = np.random.default_rng(18)
    hiss = rng.normal(0, 0.01, (2, 40 * RATE_HZ)).astype(np.float32)
    hiss[:, : RATE_HZ // 2] = hiss[:, -RATE_HZ // 2 :] = 0
    assert set(np.unique(told(hiss))) == {"silence"}


def test_a_fan_that_is_switched_on_is_not_speech_for_long() -> None:
    rng = np.random.default_rng(13)
    hiss = rng.normal(0, 0.001, (2, 240 * RATE_HZ)).astype(np.float32)
    hiss[:, 120 * RATE_HZ :] *= 10
    found = told(hiss, np.full((2, 2400), 0.2))
    assert (found[:, : round(119 / STEP_S)] == "silence").all()
    assert (found[:, round(180 / STEP_S) :] == "silence").all()


def test_without_sound_nothing_is_known() -> None:
    table = speech_of(["P01", "Q01"], {}, traces(np.full((2, 50), 0.3)), SETTINGS)
    assert table[["onset_s", "offset_s"]].to_numpy() == pytest.approx(np.array([[0, 5], [0, 5]]))
    assert set(table["state"]) == {"unknown"}
    assert set(table["source"]) == {"none"}


def test_people_without_sound_and_trace_have_no_rows() -> None:
    assert speech_of(["P01"], {}, NO_TRACE, SETTINGS).empty
    assert speech_of([], {}, NO_TRACE, SETTINGS).empty


def test_recordings_are_compared_on_the_session_clock(tmp_path: Path) -> None:
    # The second camera started 3.5 s after the first, and its clock runs 200 millionths slow.
    rng = np.random.default_rng(14)
    voices = talk(60, rng)
    truth = speaks(voices)
    heard = own_microphones(voices, rng)
    later = np.interp(
        (np.arange(56 * RATE_HZ) / RATE_HZ * (1 + 2e-4) + 3.5) * RATE_HZ,
        np.arange(heard.shape[1]),
        heard[1],
    ).astype(np.float32)
    for name, samples in (("a.mkv", heard[0]), ("b.mkv", later)):
        make_film(tmp_path / name, np.arange(0, 2, 0.2).tolist(), samples=samples)
    table = find(
        tmp_path,
        ("P01", "a.mkv", RecordingClock(offset_s=0.0, source="reference")),
        ("Q01", "b.mkv", RecordingClock(offset_s=3.5, drift_ppm=200, source="sound")),
    )
    assert set(table["source"]) == {"own_sound", "none"}
    inner = slice(round(4 / STEP_S), round(59 / STEP_S))
    steps = truth.shape[1]
    found = np.stack([states_at(table, person, steps) for person in ("P01", "Q01")])
    assert share_right(found[:, inner], truth[:, inner]) >= 0.95
    # Before the second camera ran, nothing is known of anybody.
    assert set(found[:, : round(3.4 / STEP_S)].ravel()) == {"unknown"}


def test_a_camera_without_sound_leaves_the_other_as_the_sound_of_both(tmp_path: Path) -> None:
    rng = np.random.default_rng(15)
    voices = talk(DURATION_S, rng)
    truth = speaks(voices)
    make_film(tmp_path / "a.mkv", [0.0, 0.2, 0.4], samples=one_microphone(voices, rng))
    make_film(tmp_path / "b.mkv", [0.0, 0.2, 0.4])
    at_once = RecordingClock(offset_s=0.0, source="table")
    trace = traces(mouths(truth, rng))
    table = find(tmp_path, ("P01", "a.mkv", at_once), ("Q01", "b.mkv", at_once), trace=trace)
    assert set(table["source"]) == {"mouth", "none"}
    assert set(table.loc[table["person_id"] == "Q01", "state"]) >= {"speaking", "listening"}


def find(
    folder: Path, *rows: tuple[str, str, RecordingClock], trace: pd.DataFrame = NO_TRACE
) -> pd.DataFrame:
    """Find who speaks in films of a folder, given as person, name and clock."""
    recordings = pd.DataFrame(
        {
            "person_id": [person for person, _, _ in rows],
            "path": [name for _, name, _ in rows],
            "frames_path": "",
        }
    )
    settings = RecordingSettings()
    probed = ProbedSession(
        recordings={name: check_recording(folder / name, settings) for _, name, _ in rows}
    )
    people = {person: clock for person, _, clock in rows}
    clock = SessionClock(dyad_id="D01", session_id="S1", people=people)
    table = check(find_speech(recordings, probed, folder, clock, trace, SETTINGS), Speech, "speech")
    for _, own in table.groupby("person_id"):
        assert own["offset_s"].to_numpy()[:-1] == pytest.approx(own["onset_s"].to_numpy()[1:])
    assert table["state"].eq("unknown").equals(table["source"].eq("none"))
    return table


def test_one_heap_and_an_even_spread_are_not_two_heaps() -> None:
    rng = np.random.default_rng(16)
    assert two_heaps(rng.normal(0, 1, 20_000), 0.0, 100) is None
    assert two_heaps(rng.uniform(0, 1, 20_000), 0.0, 100) is None
    assert two_heaps(np.repeat([0.0, 9.0], [50, 20_000]), 0.0, 100) is None


def test_two_heaps_are_found_where_they_lie_also_if_one_is_small() -> None:
    # Medians of normal heaps about -6 and 6; 3 in 100 values lie in the upper one.
    rng = np.random.default_rng(17)
    values = np.concatenate([rng.normal(-6, 1, 9_700), rng.normal(6, 1, 300)])
    heaps = two_heaps(values, 3.0, 100)
    assert heaps is not None
    assert (heaps.low, heaps.high) == pytest.approx((-6, 6), abs=0.2)
    assert (heaps.lower_third, heaps.upper_third) == pytest.approx((-2, 2), abs=0.2)
