"""Small films for tests: each picture's brightness says which one it is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from dyads.recordings.sound import RATE_HZ

BRIGHTNESS_STEP = 7
SOUND_RATE_HZ = 16000


def shade(index: int) -> int:
    """Brightness of the picture with this index."""
    return 20 + BRIGHTNESS_STEP * (index % 30)


def shown_index(image: npt.NDArray[np.uint8]) -> int:
    """Which picture this is, from its brightness."""
    return round((float(image.mean()) - 20) / BRIGHTNESS_STEP)


def make_film(
    path: Path,
    times_s: Sequence[float],
    *,
    pictures: Sequence[npt.NDArray[np.uint8]] | None = None,
    size: tuple[int, int] = (96, 128),
    codec: str = "libx264",
    comment: str = "",
    sound: bool = False,
    samples: npt.NDArray[np.float32] | None = None,
    sound_pause: tuple[float, float] = (0.0, 0.0),
) -> Path:
    """Encode a film whose pictures are shown at the given times.

    Parameters
    ----------
    path
        Its suffix chooses the container.
    times_s
        Presentation times (s), ascending.
    pictures
        One per time; grey ones by default.
    size
        Height and width of the grey pictures (px).
    sound
        Whether there is silence beside the pictures.
    samples
        Sound, `dyads.recordings.sound.RATE_HZ` samples a second.
    sound_pause
        Begin and length (s) of a stretch that the sound's time stamps leap over.
    """
    clock = Fraction(1, 1000)
    options = {"movflags": "faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=options) as container:
        if comment:
            container.metadata["comment"] = comment
        stream = container.add_stream(codec, rate=1000)
        height, width = size if pictures is None else pictures[0].shape[:2]
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        stream.time_base = stream.codec_context.time_base = clock
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = 12
        silence = _sound_stream(container) if sound else None
        if samples is not None:
            coded = "pcm_s16le" if path.suffix == ".mkv" else "aac"
            voice = container.add_stream(coded, rate=RATE_HZ, layout="mono")
        for index, time_s in enumerate(times_s):
            image = (
                np.full((height, width, 3), shade(index), dtype=np.uint8)
                if pictures is None
                else pictures[index]
            )
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(time_s / clock), clock
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if silence is not None:
            _fill_with_silence(container, silence, times_s[-1])
        if samples is not None:
            _fill_with(container, voice, samples, sound_pause)
    return path


def make_sound(path: Path, duration_s: float = 1.0) -> Path:
    """Write a file with sound and no pictures."""
    with av.open(str(path), "w") as container:
        _fill_with_silence(container, _sound_stream(container), duration_s)
    return path


def _sound_stream(container: av.container.OutputContainer) -> av.audio.stream.AudioStream:
    return container.add_stream("aac", rate=SOUND_RATE_HZ, layout="mono")


def _fill_with(
    container: av.container.OutputContainer,
    stream: av.audio.stream.AudioStream,
    samples: npt.NDArray[np.float32],
    pause: tuple[float, float],
) -> None:
    begin, length = (round(part * RATE_HZ) for part in pause)
    shape = stream.codec_context.format.name
    for start in range(0, len(samples) - 1023, 1024 if not length else 1000):
        part = samples[start : start + (1024 if not length else 1000)]
        if shape == "s16":
            part = np.round(part * 32767).clip(-32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(part[None], format=shape, layout="mono")
        frame.sample_rate, frame.pts = RATE_HZ, start + (length if length and start >= begin else 0)
        frame.time_base = Fraction(1, RATE_HZ)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _fill_with_silence(
    container: av.container.OutputContainer,
    stream: av.audio.stream.AudioStream,
    duration_s: float,
) -> None:
    for start in range(0, int(duration_s * SOUND_RATE_HZ), 1024):
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate, frame.pts = SOUND_RATE_HZ, start
        frame.time_base = Fraction(1, SOUND_RATE_HZ)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
