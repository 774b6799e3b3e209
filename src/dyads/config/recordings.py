"""From a recording to a trace."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from dyads.config.base import Settings, Share


class RecordingSettings(Settings):
    """What a recording may be, and what checking it may cost."""

    max_pixels: int = Field(
        default=7680 * 4320, ge=1, description="Largest picture that is decoded (px); default 8K."
    )
    max_duration_h: float = Field(default=8.0, gt=0, description="Longest recording (h).")
    lost_share_max: Share = Field(
        default=0.05,
        description="A recording of whose frames a larger share cannot be decoded is not used.",
    )
    check_memory_mb: float = Field(
        default=4000.0,
        gt=0,
        description="Memory (MB of address space) of the process that decodes a recording for "
        "the first time.",
    )
    check_time_s: float = Field(
        default=3600.0, gt=0, description="Longest time (s) that this process may take."
    )


class SyncSettings(Settings):
    """How recordings of one session are put on one clock by their sound."""

    agreement_min: Share = Field(
        default=0.5,
        description="Smallest share of the stretches of sound that must agree on one offset.",
    )
    contrast_min: float = Field(
        default=1.3,
        ge=1,
        description="How many times the best offset must stand out from the next, as a median.",
    )
    drift_max_ppm: float = Field(
        default=500.0,
        ge=0,
        description="Largest drift between two cameras that is believed (millionths).",
    )


class ExtractionSettings(Settings):
    """How faces are found and read, frame by frame."""

    detector: Literal["Detectorv2", "Detectorv1", "MPDetector"] = Field(
        default="Detectorv2",
        description="py-feat detector that reads the faces. They differ in weights, in channels "
        "and in what the numbers mean: see docs/weights.md.",
    )
    weights: Literal["hub", "demo"] = Field(
        default="hub",
        description="`hub`: py-feat's published weights, fetched once by `dyads weights fetch` "
        "and locked in models.lock.yaml beside this file (docs/weights.md). "
        "`demo`: the small checkpoint trained on painted faces, refused outside the demo study.",
    )
    device: Literal["cpu", "cuda", "mps"] = Field(
        default="cpu", description="Device of the detector."
    )
    sample_rate_hz: float | None = Field(
        default=None, gt=0, description="Frames read per second (1/s); empty: every frame."
    )
    search_interval_s: float = Field(
        default=1.0,
        ge=0,
        description="A followed face is searched anew at this interval (s); 0: in every frame.",
    )
    face_score_min: float = Field(
        default=0.5, ge=0, description="Smallest score of the face finder that counts as a face."
    )
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="Numbers of the network. `bfloat16` is faster where the device has it, and "
        "changes what is read a little: see docs/performance.md before you use it.",
    )
    batch_frames: int | None = Field(
        default=None,
        ge=1,
        description="Faces handed to the network at once; empty: chosen for the device (2 on a "
        "processor, 64 on a graphics card).",
    )
    sessions_per_job: int = Field(
        default=1,
        ge=1,
        description="Sessions that one job reads; loading py-feat takes about ten seconds a job, "
        "so that short films are better read several at a time.",
    )
    tiers: tuple[Literal["landmarks", "mesh", "embeddings"], ...] = Field(
        default=(),
        description="What is kept of each face beside the channels: `landmarks` (68 points), "
        "`mesh` (478 points), `embeddings` (512 numbers that tell whose face it is, only of people "
        "who granted `identify`). They take 0.5, 4 and 2 KB a frame, and nothing here reads them.",
    )
    given_action_units: Literal["intensity", "presence"] = Field(
        default="intensity",
        description="Number that is taken from files of `frames_path` whose program gives two for "
        "an action unit (OpenFace, LibreFace).",
    )

    @property
    def faces_at_once(self) -> int:
        """Faces handed to the network at once."""
        return self.batch_frames or (2 if self.device == "cpu" else 64)

    @model_validator(mode="after")
    def _fits_the_detector(self) -> Self:
        if self.detector != "Detectorv2":
            if self.weights == "demo":
                raise ValueError("weights: demo is a model of Detectorv2; use weights: hub")
            if self.precision != "float32":
                raise ValueError("precision: bfloat16 is for Detectorv2 alone; use float32")
        if self.detector == "Detectorv1" and "mesh" in self.tiers:
            raise ValueError("tiers: Detectorv1 gives landmarks and no mesh")
        if self.weights == "demo" and "embeddings" in self.tiers:
            raise ValueError(
                "tiers: the demo's weights give no embeddings; take them out, or use weights: hub"
            )
        return self


class PeopleSettings(Settings):
    """How faces are given to people where a film shows several (view `auto`)."""

    certainty_min: float = Field(
        default=0.999,
        gt=0.5,
        lt=1,
        description="Smallest probability with which a face is given to somebody; below it the "
        "face stays unknown and is put down for review.",
    )
    review_min_s: float = Field(
        default=1.0, ge=0, description="Shortest unknown stretch (s) that is put down for review."
    )
    identity: bool = Field(
        default=False,
        description="Whether faces are compared with the `reference` pictures of recordings.tsv. "
        "It is done only where everybody in the session granted `identify` in consent.tsv.",
    )


class QualitySettings(Settings):
    """Limits beyond which a face that was read is not trusted; by default there are none.

    Which limit is right depends on the camera and the detector: look at the quality page first.
    """

    face_width_min_px: float | None = Field(
        default=None, gt=0, description="Smallest face (px of the picture); empty: any."
    )
    turn_max_deg: float | None = Field(
        default=None,
        gt=0,
        description="Largest turn of the head to the side, up or down (degrees); empty: any.",
    )
    sharpness_min: float | None = Field(
        default=None, ge=0, description="Least sharpness, as in the table of frames; empty: any."
    )
    light_min: float | None = Field(
        default=None, ge=0, le=1, description="Least brightness of a face, 0 to 1; empty: any."
    )
    light_max: float | None = Field(
        default=None, ge=0, le=1, description="Largest brightness of a face, 0 to 1; empty: any."
    )
    speed_max: float | None = Field(
        default=None,
        gt=0,
        description="Largest speed of the face (face widths per second); empty: any.",
    )


class CleaningSettings(Settings):
    """How detector rows become a regular trace on the session clock."""

    rate_hz: float = Field(default=10.0, gt=0, description="Steps of the trace per second (1/s).")
    fill_gap_s: float = Field(
        default=0.5, ge=0, description="Longest gap (s) that is filled by linear interpolation."
    )
    smooth_s: float = Field(
        default=0.0,
        ge=0,
        description="Standard deviation (s) of the normal curve that smooths a trace within its "
        "unbroken stretches; 0: not smoothed.",
    )


class SpeechSettings(Settings):
    """How it is found who speaks when, where expressions of speaking or listening are wanted."""

    over_noise_db: float = Field(
        default=6.0,
        gt=0,
        description="Sound that is louder than a recording's own noise by this much (dB, 200 to "
        "3500 Hz) counts as speech.",
    )
    pause_s: float = Field(
        default=0.3, ge=0, description="Shorter pauses (s) belong to the speech around them."
    )
    speech_min_s: float = Field(
        default=0.2, ge=0, description="Shorter sounds (s) are no speech: a cough, a cup."
    )
    mouth_window_s: float = Field(
        default=1.0,
        gt=0,
        description="Window (s) over which movement of the mouth is measured, where two people "
        "share one sound.",
    )
