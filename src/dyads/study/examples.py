"""A small study as it is handed in: the example of every table, for pages and new studies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "participants": """\
participant_id	group	age	sex	iq
P01	control	25	f	101
P02	ASD	31.5	m	98
Q01	partner	27	m	n/a
Q02	partner		f	n/a
""",
        "sessions": """\
dyad_id	session_id	participant_id	partner_id	session_number	date_offset_days
D01	S1	P01	Q01	1	0
D01	S2	P01	Q01	2	28
D02	S1	P02	Q02	1	3
""",
        "recordings": """\
dyad_id	session_id	person_id	path	view	offset_s
D01	S1	P01	D01/S1_P01.mp4	full	0
D01	S1	Q01	D01/S1_Q01.mp4	full	0.25
D02	S1	P02	D02/S1.mp4	left	0
D02	S1	Q02	D02/S1.mp4	right	0
""",
        "segments": """\
dyad_id	session_id	segment_id	label	onset_s	duration_s
D01	S1	1	neutral	0	120
D01	S1	2	happy	130	300
D02	S1	1	neutral	0	120
D02	S1	2	happy	128.5	300
""",
        "ratings": """\
person_id	dyad_id	session_id	segment_id	instrument	item	value
P01	D01	S1	2	feelings	joy	80
P01	D01	S1	2	feelings	sadness	5
Q01	D01	S1	2	feelings	joy	66
Q01	D01	S1	2	feelings	sadness	n/a
P02	D02	S1		mood	1	4
""",
        "consent": """\
participant_id	use	granted	withdrawn_on	version
P01	process	yes		2
P02	process	yes		2
Q01	process	yes		2
Q02	process	yes		2
P01	share_features	no		2
""",
    }
)
"""Text of each table by its name."""

INSTRUMENTS_EXAMPLE: Final = """\
# A published instrument from the library, by its name there.
mood: {library: panas}
# One of your own.
feelings:
  title: Emotion rating sliders
  minimum: 0
  maximum: 100
  scales:
    joy: {items: [joy], valence: positive}
    sadness: {items: [sadness], valence: negative}
"""
