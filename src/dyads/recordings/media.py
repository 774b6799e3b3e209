"""The pictures of a film with the times they were meant to be shown.

The time of a picture is its presentation time stamp; no time is ever computed from a frame
rate. Every frame that the file speaks of is given: with its image, or with why it has none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dyads.recordings.containers import MAX_PIXELS, opened
from dyads.recordings.findings import RecordingError, RecordingFault
from dyads.recordings.views import Image, Region, region

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


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
        Why there is no image: `not_decoded`, `damaged`, or `repeated_time` if the frame before has
        the same time stamp; empty if there is one.
    """

    index: int
    time_s: float
    image: Image | None
    loss: str = ""


@dataclass(frozen=True)
class Shown:
    """A frame that the file wants shown, before its pixels are looked at.

    Parameters
    ----------
    stamp
        Presentation time stamp, in the stream's unit.
    frame
        What the decoder gave; None if there is no whole picture.
    loss
        As in `Picture`.
    """

    stamp: int
    frame: VideoFrame | None
    loss: str = ""


@dataclass(frozen=True)
class Schedule:
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


def frames(
    path: str | Path,
    view: str = "full",
    *,
    sample_rate_hz: float | None = None,
    threads: int = 1,
    max_pixels: int = MAX_PIXELS,
    tally: Counter[str] | None = None,
    skip: int = 0,
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
    tally
        Counts every frame of the file under `kept`, `skipped` (by sampling) or its loss.
    skip
        Pictures at the beginning that are decoded and not given, for a job that goes on.

    Yields
    ------
    Picture
        In order of display. A frame that the file holds but that cannot be decoded, or only
        in part, comes with its time and without an image.

    Raises
    ------
    RecordingError
        If the film cannot be opened or a picture carries no time stamp.
    """
    tally = Counter() if tally is None else tally
    with opened(path, max_pixels) as (container, stream):
        schedule = schedule_of(container, stream)
    with opened(path, max_pixels) as (container, stream):
        stream.codec_context.thread_count = threads
        where: Region | None = None
        first_s: float | None = None
        last_slot = -1
        for index, shown in enumerate(in_order(path, container, stream, schedule)):
            time_s = shown.stamp * schedule.tick_s
            first_s = time_s if first_s is None else first_s
            if sample_rate_hz is not None:
                slot = math.floor((time_s - first_s) * sample_rate_hz + 1e-6)
                if slot <= last_slot:
                    tally["skipped"] += 1
                    continue
                last_slot = slot if shown.frame is not None else last_slot
            tally[shown.loss or "kept"] += 1
            if skip:
                skip -= 1
                continue
            if shown.frame is None:
                yield Picture(index, time_s, None, shown.loss)
                continue
            image = _upright(shown.frame)
            where = where or region(view, image.shape[1], image.shape[0])
            yield Picture(index, time_s, np.ascontiguousarray(where.of(image)))


def chosen(path: str | Path, indices: Collection[int], *, threads: int = 1) -> Iterator[Picture]:
    """Decode a recording and give some of its pictures, in full.

    Parameters
    ----------
    path
        The film.
    indices
        Pictures wanted, by their place in order of display. What follows the last one is not
        decoded.
    threads
        Threads of the decoder.

    Yields
    ------
    Picture
        Those of them that could be decoded, in order of display.
    """
    wanted = set(indices)
    with opened(path) as (container, stream):
        schedule = schedule_of(container, stream)
    with opened(path) as (container, stream):
        stream.codec_context.thread_count = threads
        for index, shown in enumerate(in_order(path, container, stream, schedule)):
            if not wanted:
                return
            if index in wanted:
                wanted.discard(index)
                if shown.frame is not None:
                    time_s = shown.stamp * schedule.tick_s
                    yield Picture(index, time_s, np.ascontiguousarray(_upright(shown.frame)))


def in_order(
    path: str | Path, container: InputContainer, stream: VideoStream, schedule: Schedule
) -> Iterator[Shown]:
    """Give every frame that the packets speak of, also those the decoder withholds."""
    due = schedule.stamps.tolist()
    due.reverse()
    is_scheduled = bool(due)
    last: int | None = None
    for frame in decoded(container, stream):
        if frame.pts is None:
            raise RecordingError(
                RecordingFault.NO_TIME_STAMPS,
                f"{path}: a picture carries no time stamp, and times are never computed from "
                "frame numbers. Rewrite the film with time stamps and try again.",
            )
        if frame.interlaced_frame:  # two packets may hold the two fields of one picture
            due, is_scheduled = [], False
        while due and due[-1] < frame.pts:
            yield Shown(due.pop(), None, "not_decoded")
        is_due = bool(due) and due[-1] == frame.pts
        if is_due:
            due.pop()
        if is_due or not is_scheduled:
            if frame.pts == last:
                yield Shown(frame.pts, None, "repeated_time")
            elif frame.is_corrupt:
                yield Shown(frame.pts, None, "damaged")
            else:
                yield Shown(frame.pts, frame)
            last = frame.pts
    while due:
        yield Shown(due.pop(), None, "not_decoded")


def decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode on past damaged packets."""
    from av.error import FFmpegError

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except FFmpegError:
            continue


def schedule_of(container: InputContainer, stream: VideoStream) -> Schedule:
    """Read what the packets say; the container stands at its end afterwards."""
    packets = 0
    stamps: list[int | None] = []
    for packet in container.demux(stream):
        if packet.size:
            packets += 1
            if not packet.is_discard:
                stamps.append(packet.pts)
    known = [stamp for stamp in stamps if stamp is not None]
    return Schedule(
        tick_s=float(stream.time_base or 0),
        packets=packets,
        shown=len(stamps),
        stamps=np.sort(np.asarray(known if len(known) == len(stamps) else [], dtype=np.int64)),
    )


def _upright(frame: VideoFrame) -> Image:
    image = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    turns = round(frame.rotation / 90) % 4
    return np.rot90(image, turns) if turns else image
