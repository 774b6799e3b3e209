rule assign_people:
    input:
        files=films_to_look_at,
        frames=extracted_frames_of,
        probe=results("private/recordings/{dyad}/{session}.json"),
        faces=FACES_FILE,
        lock=identity_lock,
    output:
        folder=directory(results("private/people/{dyad}/{session}")),
    log:
        log_of("assign_people", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("assign_people", "{dyad}", "{session}")
    conda:
        "../envs/extraction.yaml"
    threads: 1
    resources:
        mem_mb=2500,
    params:
        recordings=recordings_of,
        faces=answers_of,
        folder=RECORDINGS_FOLDER,
        may_show=may_show_pictures,
        settings=settings_of("people"),
        code=code_version(
            "dyads.people.session", "dyads.people.naming", "dyads.people.loading"
        ),
    script:
        "../workflow/scripts/assign_people.py"
