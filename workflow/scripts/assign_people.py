"""Say whose face is whose where a film shows several people, and what somebody must look at."""

from pathlib import Path

from dyads import tables
from dyads.config import PeopleSettings
from dyads.contracts import Frames, People
from dyads.people.loading import load_embedder
from dyads.people.naming import named, with_remark
from dyads.people.session import assign_session, shared_films, write_review
from dyads.recordings import probing
from dyads.steps import digest_file, step
from dyads.study.optional_tables import OPTIONAL_TABLES
from dyads.study.tables import STUDY_TABLES

with step(snakemake) as job:
    session = job.wildcards.dyad, job.wildcards.session
    name = "{}_{}.parquet".format(*session)
    recordings = job.rows("recordings", STUDY_TABLES["recordings"])
    frames = tables.read(f"{job.input.frames}/{name}", Frames)
    films = shared_films(probing.usable_rows(recordings, probing.load(job.input.probe)))
    folder = Path(job.output.folder)
    found = assign_session(
        frames,
        films,
        job.rows("faces", OPTIONAL_TABLES["faces"]),
        Path(job.params.folder),
        job.settings(PeopleSettings),
        session,
        digest_file,
        embedder=load_embedder(job.input.lock),
        sheets=folder if job.params.may_show else None,
        threads=job.threads,
    )
    rows = named(frames, found.people, {film.number: film.person_ids for film in films})
    about = with_remark(tables.read_about(f"{job.input.frames}/{name}"), rows)
    tables.write(rows, folder / name, Frames, about)
    tables.write(found.people, folder / "people.parquet", People)
    write_review(found.review, folder / "review.tsv")
    print(f"{len(found.review)} stretches are to be looked at: {folder / 'review.tsv'}")
    if not job.params.may_show:
        print("No pictures were made: not everybody in the films granted `review_images`.")
