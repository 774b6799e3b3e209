rule probe_recording:
    input:
        files=files_of,
    output:
        probe=results("private/recordings/{dyad}/{session}.json"),
    log:
        log_of("probe_recording", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("probe_recording", "{dyad}", "{session}")
    conda:
        "../envs/extraction.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        recordings=recordings_of,
        folder=RECORDINGS_FOLDER,
        settings=settings_of("recordings"),
        code=code_version("dyads.recordings.gate", "dyads.recordings.child"),
    script:
        "../workflow/scripts/probe_recording.py"


rule synchronise_session:
    input:
        files=files_of,
        probe=results("private/recordings/{dyad}/{session}.json"),
    output:
        clock=results("private/clock/{dyad}/{session}.json"),
    log:
        log_of("synchronise_session", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("synchronise_session", "{dyad}", "{session}")
    conda:
        "../envs/extraction.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        recordings=recordings_of,
        folder=RECORDINGS_FOLDER,
        settings=settings_of("sync"),
        code=code_version("dyads.recordings.synchronise"),
    script:
        "../workflow/scripts/synchronise_session.py"


rule extract_frames:
    input:
        files=files_of_batch,
        probes=probes_of_batch,
        weights=weights_of_batch,
        lock=lock_of_batch,
    output:
        folder=directory(results("private/frames/{batch}")),
    log:
        log_of("extract_frames", "{batch}"),
    benchmark:
        benchmark_of("extract_frames", "{batch}")
    conda:
        "../envs/extraction.yaml"
    threads: 1
    resources:
        mem_mb=2500,
    params:
        sessions=sessions_of_batch,
        identified=identified_of_batch,
        folder=RECORDINGS_FOLDER,
        unfinished=results("private/unfinished/{batch}"),
        settings=settings_of("extraction"),
        code=code_version("dyads.extraction.sessions", "dyads.readers.reading"),
    script:
        "../workflow/scripts/extract_frames.py"
