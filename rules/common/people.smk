# Who is to be told apart in films that show two people.


def frames_of(wildcards):
    """Name the folder that holds the frames of each person of a session."""
    if shared_films_of(wildcards):
        return results(f"private/people/{wildcards.dyad}/{wildcards.session}")
    return extracted_frames_of(wildcards)


def shared_films_of(wildcards):
    """Describe the rows of a session's films in which people are to be told apart."""
    rows = recordings_of(wildcards)
    is_given = any(row["frames_path"] for row in rows)
    return [row for row in rows if row["view"] == "auto" and not is_given]


def everybody_is_in(rows, wildcards):
    """Tell whether everybody in a session's shared films is among the rows by session."""
    people = {row["person_id"] for row in shared_films_of(wildcards)}
    return people <= {row["person_id"] for row in of_session(rows, wildcards)}


def may_show_pictures(wildcards):
    """Tell whether pictures of a session's shared films may be shown for review."""
    return everybody_is_in(SHOWABLE_ROWS, wildcards)


def identity_lock(wildcards):
    """Name the lock of the published weights where faces are compared with pictures."""
    has_pictures = any(row["reference"] for row in shared_films_of(wildcards))
    is_wanted = SETTINGS.people.identity and has_pictures
    return (
        LOCK.as_posix()
        if is_wanted and everybody_is_in(IDENTIFIED_ROWS, wildcards)
        else []
    )


def films_to_look_at(wildcards):
    """Name the shared films of a session, and its pictures where faces are compared."""
    rows = shared_films_of(wildcards)
    names = [row["path"] for row in rows]
    if identity_lock(wildcards):
        names += [row["reference"] for row in rows if row["reference"]]
    return [f"{RECORDINGS_FOLDER}/{name}" for name in dict.fromkeys(names)]


def answers_of(wildcards):
    """Describe what was answered about faces of a session."""
    return of_session(FACE_ROWS, wildcards)


FACE_ROWS = by_session(STUDY.faces)
SHOWABLE_ROWS = by_session(STUDY.usable_recordings("review_images"))
IDENTIFIED_ROWS = by_session(STUDY.usable_recordings(IDENTIFY))
