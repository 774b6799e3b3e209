"""What a recording holds, and its pictures with the times they were meant to be shown.

The time of a picture is its presentation time stamp. A frame rate is measured and told, and
no time is ever computed from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from dyads.errors import StudyError
from dyads.recordings.containers import CONTAINERS, MAX_PIXELS, container_of, opened
from dyads.recordings.views import Image, Region, region

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_EVEN_STEP: Final = 0.1
"""Steps between pictures that differ by less than this part count as one rate."""


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


class ProbedSession(BaseModel):
    """What the recordings of a session hold, by their path in recordings.tsv."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recordings: dict[str, RecordingProbe]


@dataclass(frozen=True)
class Picture:
    """A frame of a recording.

    Parameters
    ----------
    index
        Place in order of display, counted over all frames of the file.
    time_s
        Presentation time stamp (s).
    image
        Red, green and blue, shape (height, width, 3), uint8; None if it could not be decoded.
    loss
        Why there is no image: `not_decoded` or `damaged`; empty if there is one.
    """

    index: int
    time_s: float
    image: Image | None
    loss: str = ""


@dataclass(frozen=True)
class _Schedule:
    """What the packets of a film say, read without decoding.

    Parameters
    ----------
    tick_s
        Unit of the time stamps (s).
    packets
        Packets in the file, those that are not to be shown included.
    shown
        Packets to be shown.
    stamps
        Time stamps of the packets to be shown, in order of display. Empty where packets carry
        no presentation time stamps, as in some avi files.
    """

    tick_s: float
    packets: int
    shown: int
    stamps: npt.NDArray[np.int64]


def probe(path: str | Path, max_pixels: int = MAX_PIXELS) -> RecordingProbe:
    """Learn what a recording holds from its packets and its first picture.

    Raises
    ------
    StudyError
        If the file is missing, empty, no film, cut off, or if no picture of it can be decoded.
    """
    with opened(path, max_pixels) as (container, stream):
        schedule = _schedule(container, stream)
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


def probe_session(recordings: pd.DataFrame, folder: str | Path) -> ProbedSession:
    """Probe every media file of a session; frames that were read elsewhere have none.

    Parameters
    ----------
    recordings
        Rows of one session with `path`.
    folder
        What `path` starts from.

    Raises
    ------
    StudyError
        With the fault of every file that has one.
    """
    found: dict[str, RecordingProbe] = {}
    faults: list[str] = []
    for path in dict.fromkeys(name for name in recordings["path"] if name):
        try:
            found[path] = probe(Path(folder) / path)
        except StudyError as fault:
            faults.append(str(fault))
    if faults:
        raise StudyError("\n".join(faults))
    return ProbedSession(recordings=found)


def frames(
    path: str | Path,
    view: str = "full",
    *,
    sample_rate_hz: float | None = None,
    threads: int = 1,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[Picture]:
    """Decode a recording from beginning to end, one picture at a time.

    Parameters
    ----------
    path
        The film.
    view
        Part of the picture to give, as in :func:`dyads.recordings.views.region`. Where several
        people share a picture, decode it once in full and cut each view with `Region.of`.
    sample_rate_hz
        Pictures wanted per second: of each interval of this length, counted from the first
        picture, the first one is given. None: every picture.
    threads
        Threads of the decoder.
    max_pixels
        Largest picture that is decoded (px).

    Yields
    ------
    Picture
        In order of display. A frame that the file holds but that cannot be decoded, or only
        in part, comes with its time and without an image.

    Raises
    ------
    StudyError
        If the film cannot be opened or a picture carries no time stamp.
    """
    with opened(path, max_pixels) as (container, stream):
        schedule = _schedule(container, stream)
    with opened(path, max_pixels) as (container, stream):
        stream.codec_context.thread_count = threads
        where: Region | None = None
        first_s: float | None = None
        last_slot = -1
        for index, (stamp, frame) in enumerate(_in_order(path, container, stream, schedule)):
            time_s = stamp * schedule.tick_s
            first_s = time_s if first_s is None else first_s
            if sample_rate_hz is not None:
                slot = math.floor((time_s - first_s) * sample_rate_hz + 1e-6)
                if slot <= last_slot:
                    continue
                last_slot = slot if frame is not None else last_slot
            if frame is None:
                yield Picture(index, time_s, None, "not_decoded")
                continue
            image = _upright(frame)
            where = where or region(view, image.shape[1], image.shape[0])
            yield Picture(index, time_s, np.ascontiguousarray(where.of(image)))


def _in_order(
    path: str | Path, container: InputContainer, stream: VideoStream, schedule: _Schedule
) -> Iterator[tuple[int, VideoFrame | None]]:
    """Give every frame that the packets speak of, with None for those the decoder withholds."""
    due = schedule.stamps.tolist()
    due.reverse()
    is_scheduled = bool(due)
    for frame in _decoded(container, stream):
        if frame.pts is None:
            raise StudyError(
                f"{path}: a picture carries no time stamp, and times are never computed from "
                "frame numbers. Rewrite the film with time stamps and try again."
            )
        if frame.interlaced_frame:  # two packets may hold the two fields of one picture
            due, is_scheduled = [], False
        while due and due[-1] < frame.pts:
            yield due.pop(), None
        is_due = bool(due) and due[-1] == frame.pts
        if is_due:
            due.pop()
        if is_due or not is_scheduled:
            yield frame.pts, None if frame.is_corrupt else frame
    while due:
        yield due.pop(), None


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode on past damaged packets."""
    from av.error import FFmpegError

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except FFmpegError:
            continue


def _schedule(container: InputContainer, stream: VideoStream) -> _Schedule:
    packets = 0
    stamps: list[int | None] = []
    for packet in container.demux(stream):
        if packet.size:
            packets += 1
            if not packet.is_discard:
                stamps.append(packet.pts)
    known = [stamp for stamp in stamps if stamp is not None]
    return _Schedule(
        tick_s=float(stream.time_base or 0),
        packets=packets,
        shown=len(stamps),
        stamps=np.sort(np.asarray(known if len(known) == len(stamps) else [], dtype=np.int64)),
    )


def _upright(frame: VideoFrame) -> Image:
    image = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    turns = round(frame.rotation / 90) % 4
    return np.rot90(image, turns) if turns else image


def _first_picture(path: str | Path, container: InputContainer, stream: VideoStream) -> VideoFrame:
    from av.error import FFmpegError

    try:
        container.seek(0)
        first = next(_decoded(container, stream), None)
    except FFmpegError:
        first = None
    if first is None:
        raise StudyError(
            f"{path}: no picture can be decoded. The film is damaged: copy it anew from the camera."
        )
    return first


def _refuse_cut_off(
    path: str | Path, container: InputContainer, stream: VideoStream, schedule: _Schedule
) -> None:
    """Compare what the header announces with what is there.

    Only mp4 and mov announce frames; an avi file counts empty ones in.
    """
    if stream.frames and container_of(path) == "mov":
        if schedule.packets < stream.frames:
            raise StudyError(
                f"{path}: the film is cut off: {stream.frames} frames announced, "
                f"{schedule.packets} found. Copy it anew from the camera."
            )
        return
    announced_s = _announced_duration_s(container, stream)
    if announced_s is not None and len(schedule.stamps) > 1:
        end_s = float(schedule.stamps[-1]) * schedule.tick_s
        if end_s < announced_s - max(0.5, 0.02 * announced_s):
            raise StudyError(
                f"{path}: the film is cut off: {announced_s:.1f} s announced, the last picture "
                f"is at {end_s:.1f} s. Copy it anew from the camera."
            )


def _announced_duration_s(container: InputContainer, stream: VideoStream) -> float | None:
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
