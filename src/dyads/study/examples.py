"""A small study as it is handed in: an example of every table, for pages and new studies."""

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
D01	S2	P01	D01/S2.mp4	auto	0
D01	S2	Q01	D01/S2.mp4	auto	0
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
        "faces": """\
dyad_id	session_id	path	track	first_time_s	last_time_s	face_of	why	picture	shown
D01	S2	D01/S2.mp4	2	84.3	131.9	Q01	too little is known	sheet001.png	\
c585ec6aa0ce5c8ca39923a232d40b9f7650fbc4d7aa25c4b4271f3d4cd7f595
D01	S2	D01/S2.mp4	5	140.2	146.8	nobody	too little is known	sheet001.png	\
6182a3f959266dea449a28f11a1cc996b0a00247a718647c239da17e72861f21
""",
        "continuous": """\
dyad_id	session_id	person_id	target	instrument	scale	path	offset_s
D01	S1	P01	self	feelings	joy	streams/D01_S1_P01.tsv	12.4
D01	S1	P01	other	feelings	joy	streams/D01_S1_P01_of_Q01.tsv	12.4
""",
    }
)
"""Text of each table by its name. The last two are of tables that a study may do without."""

STREAM_EXAMPLE: Final = """\
time_s	value
0.00	50
0.25	52
0.50	n/a
0.75	55
"""
"""Text of a file that the example of continuous ratings names."""

STREAM_PATHS: Final = ("streams/D01_S1_P01.tsv", "streams/D01_S1_P01_of_Q01.tsv")

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
