"""A tiny valid study to be written into a folder, whole or with one thing changed."""

from __future__ import annotations

from pathlib import Path

from dyads.config import StudySettings

PARTICIPANTS = """\
participant_id	group	age	sex	iq	site
P01	control	25	female	101	north
P02	ASD	31.5	male	98	south
Q01	partner	27	male	104	north
Q02	partner		female		south
"""
SESSIONS = """\
dyad_id	session_id	participant_id	partner_id	session_number	date_offset_days
D01	S1	P01	Q01	1	0
D01	S2	P01	Q01	2	28
D02	S1	P02	Q02	1	3.5
"""
RECORDINGS = """\
dyad_id	session_id	person_id	path	view	offset_s
D01	S1	P01	D01/S1_P01.mp4	full	0
D01	S1	Q01	D01/S1_Q01.mp4		-0.75
D02	S1	P02	D02/S1.mp4	left	0
D02	S1	Q02	D02/S1.mp4	right	0
"""
SEGMENTS = """\
dyad_id	session_id	segment_id	label	onset_s	duration_s
D01	S1	joyful	joyful	1	5
D01	S1	sad	sad	6.5	5
D01	S2	joyful	joyful	1	5
D02	S1	joyful	joyful	1	5
D02	S1	sad	sad	6.5	5
"""
RATINGS = """\
person_id	dyad_id	session_id	segment_id	instrument	item	value
P01	D01	S1	joyful	feelings	joy	80
P01	D01	S1	joyful	feelings	sadness	5
P01	D01	S1	sad	feelings	joy	12.5
P01	D01	S1	sad	feelings	sadness	70
Q01	D01	S1	joyful	feelings	joy	66
Q01	D01	S1	joyful	feelings	sadness	n/a
P02	D02	S1	joyful	feelings	joy	71
P02	D02	S1		rapport	close	4
P02	D02	S1		rapport	bored	2
"""
CONSENT = """\
participant_id	use	granted	withdrawn_on	version
P01	process	yes		2
P02	process	yes		2
Q01	process	yes		2
Q02	process	yes		2
P01	share_features	no		2
"""
INSTRUMENTS = """\
feelings:
  title: Emotion rating sliders
  source: made for this test
  minimum: 0
  maximum: 100
  scales:
    joy: {items: [joy], valence: positive}
    sadness: {items: [sadness], valence: negative}
rapport:
  title: Rapport
  minimum: 1
  maximum: 5
  missing_share: 0.5
  scales:
    rapport:
      items: [close, bored]
      reverse: [bored]
"""
FILES = {
    "participants": PARTICIPANTS,
    "sessions": SESSIONS,
    "recordings": RECORDINGS,
    "segments": SEGMENTS,
    "ratings": RATINGS,
    "consent": CONSENT,
    "instruments": INSTRUMENTS,
}
FILMS = ("D01/S1_P01.mp4", "D01/S1_Q01.mp4", "D02/S1.mp4")


def write_study(folder: Path, **changes: str | bytes | None) -> StudySettings:
    """Write the study's tables and films that are no films, and give its settings.

    Parameters
    ----------
    folder
        Where `study/` and `recordings/` are made.
    changes
        Text of a table (or of `instruments`) that replaces the valid one; None leaves it out.
    """
    tables = folder / "study"
    tables.mkdir(parents=True)
    for name, content in {**FILES, **changes}.items():
        if content is not None:
            file = tables / (f"{name}.yaml" if name == "instruments" else f"{name}.tsv")
            file.write_bytes(content.encode() if isinstance(content, str) else content)
    recordings = folder / "recordings"
    for film in FILMS:
        (recordings / film).parent.mkdir(parents=True, exist_ok=True)
        (recordings / film).write_bytes(b"film")
    return StudySettings(
        name="A tiny study",
        folder=tables,
        recordings_folder=recordings,
        groups=("control", "ASD"),
        seed=1,
    )
