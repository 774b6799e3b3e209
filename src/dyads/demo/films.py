"""Render the demo study's recordings: painted people in front of simulated cameras.

A film depends on the known truth and on its rows in the recordings table, never on the ratings.
Every film says in its container that it is a rendering.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
import pandas as pd

from dyads.channels import ACTION_UNITS
from dyads.demo.acting import Performance, Pose, perform
from dyads.demo.face_shape import face_model
from dyads.demo.faces import FaceIdentity, draw_identity, paint_face, paint_nobody
from dyads.demo.study import ABSENCE, shown_levels
from dyads.demo.truth import FILM_END_S, Truth, generator
from dyads.files import whole_file

Picture = npt.NDArray[np.uint8]

COMMENT: Final = "dyads demo rendering"
"""Comment in the container by which a film is known as a rendering."""

RATE_HZ: Final = 10
SIZE_PX: Final = (240, 320)
"""Height and width of what one camera, or one half of a split screen, shows."""

DROPS_FRAMES: Final = "D02/S1_P02.mp4"
"""A camera that could not keep up: some frames are missing and the rate varies."""

NOISE_SD: Final = 2.5
"""Noise of the sensor, in steps of 255."""

_NOISE_FIELDS: Final = 16
_DROPPED_SHARE: Final = 0.12
_CLOCK: Final = Fraction(1, 1000)


@dataclass(frozen=True)
class Shot:
    """One person in front of a camera.

    Parameters
    ----------
    identity
        Who.
    performance
        What the person does.
    centre_px
        Place of the head (right, down).
    face_width_px
        Size of the face.
    light
        Brightness relative to the person's usual light.
    """

    identity: FaceIdentity
    performance: Performance
    centre_px: tuple[float, float]
    face_width_px: float
    light: float


def films(recordings: pd.DataFrame) -> pd.DataFrame:
    """List the media files of a recordings table.

    Returns
    -------
    DataFrame
        `path`, `dyad_id`, `session_id`, and `persons`: who is seen, from left to right, as one
        text with blanks between.
    """
    by_file = recordings.sort_values(["path", "view"]).groupby("path", sort=False)
    return by_file.agg(
        dyad_id=("dyad_id", "first"),
        session_id=("session_id", "first"),
        persons=("person_id", " ".join),
    ).reset_index()


def render_recording(
    recordings: pd.DataFrame, path: str, truth: Truth, destination: str | Path
) -> None:
    """Render one media file of the demo study.

    Parameters
    ----------
    recordings
        The recordings table.
    path
        Which file of its column `path`.
    truth
        The known truth.
    destination
        File to write (MP4, H.264). The same truth gives the same pictures.
    """
    rows = recordings[recordings["path"].eq(path)].sort_values("view")
    dyad_id, session_id = (str(rows[name].iloc[0]) for name in ("dyad_id", "session_id"))
    played = perform(shown_levels(truth), dyad_id, session_id, truth, ABSENCE)
    shots = [
        _shot(str(person_id), session_id, played[str(person_id)], truth.seed)
        for person_id in rows["person_id"]
    ]
    rng = generator(truth.seed, "camera noise", path)
    frames = np.arange(round((FILM_END_S - float(rows["offset_s"].iloc[0])) * RATE_HZ))
    if path == DROPS_FRAMES:
        is_kept = rng.random(len(frames)) >= _DROPPED_SHARE
        is_kept[0] = True
        frames = frames[is_kept]
    with whole_file(destination) as unfinished:
        render_film(unfinished, shots, frames / RATE_HZ, float(rows["offset_s"].iloc[0]), rng)


def render_film(
    destination: str | Path,
    shots: list[Shot],
    time_s: npt.NDArray[np.float64],
    offset_s: float,
    rng: np.random.Generator,
) -> None:
    """Paint and encode a film.

    Parameters
    ----------
    destination
        File to write (MP4, H.264).
    shots
        People from left to right; two of them make a split screen.
    time_s : ndarray (n,)
        Presentation time of each frame.
    offset_s
        Second of the session clock at which the camera starts.
    rng
        Source of the sensor's noise.
    """
    height, width = SIZE_PX
    width *= len(shots)
    poses = [shot.performance.at(time_s + offset_s) for shot in shots]
    rooms = [paint_nobody(SIZE_PX, shot.identity) for shot in shots]
    noise = rng.normal(0, NOISE_SD, (_NOISE_FIELDS, height, width, 3)).astype(np.float32)
    fields = rng.integers(_NOISE_FIELDS, size=len(time_s))
    with av.open(str(destination), "w", format="mp4") as container:
        container.metadata["comment"] = COMMENT
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = _CLOCK
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "veryfast", "crf": "23", "bf": "0"}
        for number, second in enumerate(time_s):
            halves = [
                _picture(shot, pose, number, room)
                for shot, pose, room in zip(shots, poses, rooms, strict=True)
            ]
            noisy = np.hstack(halves) + noise[fields[number]]
            image = np.clip(noisy, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(second / _CLOCK), _CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _shot(person_id: str, session_id: str, performance: Performance, seed: int) -> Shot:
    """Place a person before the camera: who it is stays, how the camera stands does not."""
    rng = generator(seed, "shot", person_id, session_id)
    return Shot(
        identity=draw_identity(generator(seed, "face", person_id)),
        performance=performance,
        centre_px=(160 + float(rng.uniform(-12, 12)), 111 + float(rng.uniform(-4, 4))),
        face_width_px=float(rng.uniform(96, 107)),
        light=float(rng.uniform(0.92, 1.08)),
    )


def _picture(shot: Shot, pose: Pose, number: int, room: Picture) -> Picture:
    """Paint one person in one frame."""
    away = float(pose.away[number])
    if away >= 1:
        return room
    out_of_view_px = 2.2 * shot.face_width_px + SIZE_PX[1] / 2
    pitch, yaw, roll = (float(angle) for angle in pose.pose_deg[number])
    up, right = (float(angle) for angle in pose.gaze_deg[number])
    x, y = shot.centre_px + pose.shift[number] * shot.face_width_px
    return paint_face(
        room,
        pose.action_units[number][_painters_order()],
        (pitch, yaw, roll),
        (float(x) + away * out_of_view_px, float(y)),
        shot.face_width_px,
        shot.identity,
        gaze_deg=(up, right),
        light=shot.light,
    ).image


def _painters_order() -> list[int]:
    return [ACTION_UNITS.index(unit) for unit in face_model().units]
