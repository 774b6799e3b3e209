"""What a recording holds, and what is wrong or odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from dyads.config import RecordingSettings
from dyads.recordings.containers import CONTAINERS, MAX_PIXELS, container_of, opened
from dyads.recordings.findings import Finding, RecordingError, RecordingFault, RecordingNotice
from dyads.recordings.media import Schedule, decoded, in_order, schedule_of

if TYPE_CHECKING:
    import pandas as pd
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_EVEN_STEP: Final = 0.1
"""Steps between pictures that differ by less than this part count as one rate."""
_SOUND_APART_S: Final = 1.0
"""Sound that begins or ends this far from the pictures is told of."""


class RecordingProbe(BaseModel):
    """What a recording holds, learnt without decoding more than its first picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    container: str
    codec: str
    width: int = Field(description="Width of a picture as shown, after rotation (px).")
    height: int = Field(description="Height of a picture as shown, after rotation (px).")
    rotation: int = Field(description="Turn that the file asks for, counter-clockwise (degrees).")
    announced_frames: int | None = Field(description="Frames that the header speaks of.")
    frames: int = Field(description="Frames that the file holds and wants shown.")
    mean_rate_hz: float | None = Field(description="Measured mean rate (1/s); no time uses it.")
    duration_s: float = Field(description="From the first picture to the end of the last (s).")
    first_time_s: float = Field(description="Time stamp of the first picture (s).")
    variable_rate: bool = Field(description="True if the steps between pictures differ.")
    has_sound: bool
    sound_rate_hz: int | None
    video_streams: int
    comment: str = Field(description="The container's comment tag; empty if there is none.")


class CheckedRecording(BaseModel):
    """What a recording holds after every frame of it was decoded once.

    Parameters
    ----------
    probe
        What it holds.
    account
        Frames of the file by what became of them: `kept`, or why they are lost.
    notices
        What is odd about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    probe: RecordingProbe
    account: dict[str, int]
    notices: tuple[Finding, ...]


class ProbedSession(BaseModel):
    """What the recordings of a session hold, by their path in recordings.tsv.

    Parameters
    ----------
    dyad_id, session_id
        The session.
    recordings
        Films that can be used.
    tables
        Frames extracted earlier that can be used.
    refused
        Recordings that cannot be used, each with its fault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dyad_id: str = ""
    session_id: str = ""
    recordings: dict[str, CheckedRecording] = {}
    tables: tuple[str, ...] = ()
    refused: dict[str, Finding] = {}


def load(path: str | Path) -> ProbedSession:
    """Read what an earlier step found in the recordings of a session."""
    return ProbedSession.model_validate_json(Path(path).read_text(encoding="utf-8"))


def noticed(sessions: Iterable[ProbedSession]) -> pd.DataFrame:
    """List what is odd about the recordings of sessions.

    Returns
    -------
    DataFrame
        `dyad_id`, `session_id`, `recording`, `code`, `sentence`.
    """
    import pandas as pd

    rows = [
        (one.dyad_id, one.session_id, name, str(notice.code), notice.sentence)
        for one in sessions
        for name, found in one.recordings.items()
        for notice in found.notices
    ]
    columns = ["dyad_id", "session_id", "recording", "code", "sentence"]
    return pd.DataFrame(rows, columns=columns, dtype=str)


def frames_held(recordings: pd.DataFrame, probed: ProbedSession) -> dict[str, int]:
    """Count the frames in the film of each person of a session, lost ones included.

    Frames extracted earlier are not counted: what film they came from is not known.
    """
    names = zip(recordings["person_id"], recording_names(recordings), strict=True)
    return {
        str(person): sum(probed.recordings[name].account.values())
        for person, name in names
        if name in probed.recordings
    }


def recording_names(recordings: pd.DataFrame) -> pd.Series[str]:
    """Name the file that each row of recordings.tsv speaks of: frames given, or a film."""
    given = recordings["frames_path"].fillna("").astype(str)
    film = recordings["path"].fillna("").astype(str)
    return given.where(given.ne(""), film)


def usable_rows(recordings: pd.DataFrame, probed: ProbedSession) -> pd.DataFrame:
    """Choose the rows of a session's recordings that can be used."""
    return recordings[~recording_names(recordings).isin(list(probed.refused))]


def probe(path: str | Path, max_pixels: int = MAX_PIXELS) -> RecordingProbe:
    """Learn what a recording holds from its packets and its first picture.

    Raises
    ------
    RecordingError
        If the file is missing, empty, no film, cut off, or if no picture of it can be decoded.
    """
    with opened(path, max_pixels) as (container, stream):
        schedule = schedule_of(container, stream)
        _refuse_cut_off(path, container, stream, schedule)
        first = _first_picture(path, container, stream)
        times_s = schedule.stamps * schedule.tick_s
        steps_s = np.diff(times_s)
        span_s = float(steps_s.sum())
        turned = first.rotation % 180 == 90
        sound = container.streams.audio
        return RecordingProbe(
            container=CONTAINERS[container_of(path)],
            codec=stream.codec_context.name,
            width=first.height if turned else first.width,
            height=first.width if turned else first.height,
            rotation=first.rotation,
            announced_frames=stream.frames or None,
            frames=schedule.shown,
            mean_rate_hz=len(steps_s) / span_s if span_s > 0 else None,
            duration_s=span_s + (float(np.median(steps_s)) if len(steps_s) else 0.0),
            first_time_s=float(times_s[0]) if len(times_s) else (first.pts or 0) * schedule.tick_s,
            variable_rate=_is_uneven(steps_s, schedule.tick_s),
            has_sound=bool(sound),
            sound_rate_hz=sound[0].codec_context.sample_rate if sound else None,
            video_streams=len(container.streams.video),
            comment=container.metadata.get("comment", container.metadata.get("COMMENT", "")),
        )


def check_recording(path: str | Path, settings: RecordingSettings) -> CheckedRecording:
    """Decode every frame of a recording once and say whether it can be used.

    Parameters
    ----------
    path
        The film.
    settings
        Limits.

    Raises
    ------
    RecordingError
        With the code and the sentence of what makes it useless.
    """
    held = probe(path, settings.max_pixels)
    hours = held.duration_s / 3600
    if hours > settings.max_duration_h:
        raise RecordingError(
            RecordingFault.TOO_LONG,
            f"{path}: lasts {hours:.1f} h, more than recordings.max_duration_h "
            f"({settings.max_duration_h:g} h). Cut the film, or raise the limit.",
        )
    account: Counter[str] = Counter()
    with opened(path, settings.max_pixels) as (container, stream):
        schedule = schedule_of(container, stream)
    with opened(path, settings.max_pixels) as (container, stream):
        for shown in in_order(path, container, stream, schedule):
            account[shown.loss or "kept"] += 1
    lost = sum(account.values()) - account["kept"] - account["repeated_time"]
    if lost > settings.lost_share_max * sum(account.values()):
        raise RecordingError(
            RecordingFault.DAMAGED,
            f"{path}: {lost} of {sum(account.values())} frames cannot be decoded, more than "
            f"{settings.lost_share_max:.0%} (recordings.lost_share_max). Copy it anew from the "
            "camera.",
        )
    with opened(path, settings.max_pixels) as (container, _):
        notices = tuple(_notices(container, held, account, lost))
    return CheckedRecording(probe=held, account=dict(account), notices=notices)


def _notices(
    container: InputContainer, held: RecordingProbe, account: Counter[str], lost: int
) -> list[Finding]:
    found: list[Finding] = []

    def tell(code: RecordingNotice, sentence: str) -> None:
        found.append(Finding(code=code, sentence=sentence))

    sounds = len(container.streams.audio)
    if held.rotation:
        tell(RecordingNotice.ROTATED, f"the file asks for a turn of {held.rotation}°: applied")
    if held.video_streams > 1:
        tell(
            RecordingNotice.SEVERAL_FILMS,
            f"{held.video_streams} picture streams: the one that players show was taken "
            f"({held.width} x {held.height})",
        )
    if sounds > 1:
        tell(RecordingNotice.SEVERAL_SOUNDS, f"{sounds} sounds: the one that players play is used")
    if held.variable_rate:
        tell(RecordingNotice.VARIABLE_RATE, "steps between frames differ: every frame has its time")
    if held.first_time_s > 0.5:
        tell(RecordingNotice.LATE_START, f"the first picture is at {held.first_time_s:.2f} s: kept")
    if account["repeated_time"]:
        tell(
            RecordingNotice.REPEATED_TIMES,
            f"{account['repeated_time']} frames have the time of the frame before: left out",
        )
    if lost:
        tell(RecordingNotice.LOST_FRAMES, f"{lost} frames cannot be decoded: missing in the trace")
    length_s = _sound_length_s(container)
    if length_s is not None and abs(length_s - held.duration_s) > _SOUND_APART_S:
        tell(
            RecordingNotice.SOUND_OF_OTHER_LENGTH,
            f"sound of {length_s:.1f} s with pictures of {held.duration_s:.1f} s",
        )
    return found


def _sound_length_s(container: InputContainer) -> float | None:
    sound = next(iter(container.streams.audio), None)
    if sound is None or sound.duration is None or sound.time_base is None:
        return None
    return float(sound.duration * sound.time_base)


def _first_picture(path: str | Path, container: InputContainer, stream: VideoStream) -> VideoFrame:
    from av.error import FFmpegError

    try:
        container.seek(0)
        first = next(decoded(container, stream), None)
    except FFmpegError:
        first = None
    if first is None:
        raise RecordingError(
            RecordingFault.NOT_DECODABLE,
            f"{path}: no picture can be decoded. The film is damaged: copy it anew.",
        )
    return first


def _refuse_cut_off(
    path: str | Path, container: InputContainer, stream: VideoStream, schedule: Schedule
) -> None:
    """Compare what the header announces with what is there.

    Only mp4 and mov announce frames; an avi file counts empty ones in.
    """
    if stream.frames and container_of(path) == "mov":
        if schedule.packets < stream.frames:
            raise RecordingError(
                RecordingFault.TRUNCATED,
                f"{path}: the film is cut off: {stream.frames} frames announced, "
                f"{schedule.packets} found. Copy it anew from the camera.",
            )
        return
    missing = _missing_bytes(path)
    if missing > 0:
        raise RecordingError(
            RecordingFault.TRUNCATED,
            f"{path}: the film is cut off: {missing} bytes fewer than its header announces. Copy "
            "it anew from the camera.",
        )
    announced_s = announced_duration_s(container, stream)
    if announced_s is not None and len(schedule.stamps) > 1:
        end_s = float(schedule.stamps[-1]) * schedule.tick_s
        if end_s < announced_s - max(0.5, 0.02 * announced_s):
            raise RecordingError(
                RecordingFault.TRUNCATED,
                f"{path}: the film is cut off: {announced_s:.1f} s announced, the last picture "
                f"is at {end_s:.1f} s. Copy it anew from the camera.",
            )


def _missing_bytes(path: str | Path) -> int:
    """How many bytes an avi file lacks of what its first part announces."""
    if container_of(path) != "avi":
        return 0
    with Path(path).open("rb") as stream:
        announced = int.from_bytes(stream.read(8)[4:], "little") + 8
    return announced - Path(path).stat().st_size


def announced_duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Duration of the picture stream as its header gives it; sound may run longer."""
    clock = stream.metadata.get("DURATION", "").split(":")
    if len(clock) == 3:
        hours, minutes, seconds = (float(part) for part in clock)
        return 3600 * hours + 60 * minutes + seconds
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None and not container.streams.audio:
        return container.duration / 1_000_000
    return None


def _is_uneven(steps_s: npt.NDArray[np.float64], tick_s: float) -> bool:
    if len(steps_s) < 2:
        return False
    typical_s = float(np.median(steps_s))
    return bool(np.abs(steps_s - typical_s).max() > max(_EVEN_STEP * typical_s, 1.5 * tick_s))
