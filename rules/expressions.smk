rule clean_frames:
    input:
        frames=frames_of,
        clock=results("private/clock/{dyad}/{session}.json"),
    output:
        trace=results("private/traces/{dyad}/{session}.parquet"),
    log:
        log_of("clean_frames", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("clean_frames", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cleaning=settings_of("cleaning"),
        quality=settings_of("quality"),
        code=code_version("dyads.traces.cleaning"),
    script:
        "../workflow/scripts/clean_frames.py"


rule measure_quality:
    input:
        frames=frames_of,
        clock=results("private/clock/{dyad}/{session}.json"),
        probe=results("private/recordings/{dyad}/{session}.json"),
    output:
        quality=results("private/quality/{dyad}/{session}.parquet"),
    log:
        log_of("measure_quality", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("measure_quality", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        recordings=recordings_of,
        segments=segments_of,
        settings=settings_of("quality"),
        code=code_version("dyads.traces.quality", "dyads.recordings.probing"),
    script:
        "../workflow/scripts/measure_quality.py"


rule find_speech:
    input:
        files=files_of,
        probe=results("private/recordings/{dyad}/{session}.json"),
        clock=results("private/clock/{dyad}/{session}.json"),
        trace=results("private/traces/{dyad}/{session}.parquet"),
    output:
        speech=results("private/speech/{dyad}/{session}.parquet"),
    log:
        log_of("find_speech", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("find_speech", "{dyad}", "{session}")
    conda:
        "../envs/extraction.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        recordings=recordings_of,
        folder=RECORDINGS_FOLDER,
        settings=settings_of("speech"),
        is_heard=is_heard,
        code=code_version("dyads.recordings.speech"),
    script:
        "../workflow/scripts/find_speech.py"


rule measure_expressions:
    input:
        trace=results("private/traces/{dyad}/{session}.parquet"),
        speech=speech_of,
    output:
        expressions=results("private/expressions/{dyad}/{session}.parquet"),
    log:
        log_of("measure_expressions", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("measure_expressions", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        segments=segments_of,
        strata=STRATA,
        settings=settings_of("expressions"),
        code=code_version("dyads.measures.expressions"),
    script:
        "../workflow/scripts/measure_expressions.py"


rule measure_synchrony:
    input:
        trace=results("private/traces/{dyad}/{session}.parquet"),
        others=pseudo_traces,
    output:
        synchrony=results("private/synchrony/{dyad}/{session}.parquet"),
    log:
        log_of("measure_synchrony", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("measure_synchrony", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        meetings=meetings_of,
        segments=segments_together,
        expressions=settings_of("expressions"),
        synchrony=settings_of("synchrony"),
        code=code_version("dyads.measures.synchrony"),
    script:
        "../workflow/scripts/measure_synchrony.py"
