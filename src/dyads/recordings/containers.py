"""Open a film as what its first bytes say it is, and as nothing else.

FFmpeg reads far more than films, and some of what it reads leads to other files: a text
playlist under a film's name would be followed. So the kind of container is recognised here,
FFmpeg is told to read that kind only, and codec and picture size are checked before decoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dyads.recordings.findings import RecordingError, RecordingFault

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

MAX_PIXELS: Final = 7680 * 4320
"""Largest picture that is decoded: 8K. More is taken for a broken or hostile file."""

CONTAINERS: Final = {
    "mov": "mp4 or mov",
    "matroska": "matroska or webm",
    "avi": "avi",
    "asf": "wmv",
    "mpeg": "mpeg",
    "mpegts": "mpeg transport stream",
    "wav": "wav",
}
"""FFmpeg's readers that may be used, and what people call the files."""

CODECS: Final = frozenset(
    {
        *("h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9"),
        *("mpeg4", "mpeg1video", "mpeg2video", "mjpeg", "prores", "dvvideo", "h263"),
        *("wmv1", "wmv2", "wmv3", "vc1", "msmpeg4v2", "msmpeg4"),
        *("ffv1", "huffyuv", "utvideo", "rawvideo"),
    }
)

SOUND_CODECS: Final = frozenset(
    {
        *(
            "aac",
            "mp3",
            "mp3float",
            "mp2",
            "opus",
            "libopus",
            "vorbis",
            "ac3",
            "eac3",
            "flac",
            "alac",
        ),
        *("wmav1", "wmav2", "amrnb", "amrwb", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms"),
        *("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le"),
        *("pcm_u8", "pcm_alaw", "pcm_mulaw"),
    }
)

_MOV_ATOMS: Final = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
_TS_PACKET_BYTES: Final = 188


@contextmanager
def opened(
    path: str | Path, max_pixels: int = MAX_PIXELS
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a film and choose its main picture stream.

    Yields
    ------
    tuple
        The container and the stream of pictures; neither may be used after the block.

    Raises
    ------
    RecordingError
        If the file is missing, empty, no film, without pictures, coded in an unknown way, or
        if its pictures are larger than the limit.
    """
    with _open(path) as container:
        stream = _main_stream(path, container)
        context = stream.codec_context
        if context.name not in CODECS:
            raise RecordingError(
                RecordingFault.UNKNOWN_CODEC,
                f"{path}: pictures are coded as {context.name}, which is not among the codecs "
                "that are read. Convert the film to H.264.",
            )
        if context.width * context.height > max_pixels:
            raise RecordingError(
                RecordingFault.TOO_MANY_PIXELS,
                f"{path}: a picture has {context.width} x {context.height} pixels, more than the "
                f"limit of {max_pixels}. Reduce the film.",
            )
        context.options = {"max_pixels": str(max_pixels)}
        yield container, stream


@contextmanager
def opened_sound(path: str | Path) -> Iterator[tuple[InputContainer, AudioStream] | None]:
    """Open a recording and choose its main sound.

    Yields
    ------
    tuple or None
        The container and the stream of sound, neither to be used after the block; None if the
        recording is silent.

    Raises
    ------
    RecordingError
        If the file is missing, empty or of an unknown kind, or its sound coded in an unknown way.
    """
    from av.audio.stream import AudioStream

    with _open(path) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream):
            yield None
            return
        if stream.codec_context.name not in SOUND_CODECS:
            raise RecordingError(
                RecordingFault.UNKNOWN_CODEC,
                f"{path}: sound is coded as {stream.codec_context.name}, which is not among the "
                "codecs that are read. Convert the sound to AAC.",
            )
        yield container, stream


@contextmanager
def _open(path: str | Path) -> Iterator[InputContainer]:
    import av
    from av.error import FFmpegError

    kind = container_of(path)
    try:
        container = av.open(
            str(path), format=kind, options={"protocol_whitelist": "file"}, metadata_errors="ignore"
        )
    except FFmpegError as fault:
        raise RecordingError(
            RecordingFault.CANNOT_OPEN,
            f"{path}: cannot be opened as {CONTAINERS[kind]} ({fault.strerror}). The file is cut "
            "off, damaged or still being written: copy it anew from the camera.",
        ) from None
    with container:
        yield container


def container_of(path: str | Path) -> str:
    """Name FFmpeg's reader for a file, from the file's first bytes.

    Raises
    ------
    RecordingError
        If the file is missing, empty or none of the containers that are read.
    """
    file = Path(path)
    if file.exists() and not file.is_file():
        raise RecordingError(
            RecordingFault.NOT_A_FILE,
            f"{path}: a folder or a device, not a file. Correct the path in recordings.tsv.",
        )
    if not file.is_file():
        raise RecordingError(
            RecordingFault.MISSING, f"{path}: no such file. Correct the path in recordings.tsv."
        )
    with file.open("rb") as stream:
        head = stream.read(2 * _TS_PACKET_BYTES)
    if not head:
        raise RecordingError(
            RecordingFault.EMPTY, f"{path}: the file is empty. Copy it anew from the camera."
        )
    if head[4:8] in _MOV_ATOMS:
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        return "asf"
    if head.startswith(b"\x00\x00\x01\xba"):
        return "mpeg"
    if head[:1] == head[_TS_PACKET_BYTES : _TS_PACKET_BYTES + 1] == b"\x47":
        return "mpegts"
    raise RecordingError(
        RecordingFault.NOT_A_FILM,
        f"{path}: not a film that is read here (begins with {head[:12]!r}). "
        f"Give one of: {', '.join(CONTAINERS.values())}.",
    )


def _main_stream(path: str | Path, container: InputContainer) -> VideoStream:
    """Choose the pictures that a player would show; a cover picture is no film."""
    from av.stream import Disposition
    from av.video.stream import VideoStream

    best = container.streams.best("video")
    if not isinstance(best, VideoStream) or best.disposition & Disposition.attached_pic:
        what, code = "neither picture nor sound", RecordingFault.NO_STREAM
        if container.streams.audio:
            what, code = "sound only", RecordingFault.SOUND_ONLY
        raise RecordingError(code, f"{path}: holds {what}. Name a film that shows the person.")
    return best
