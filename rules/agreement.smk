rule score_further_ratings:
    input:
        sessions=results("private/study/sessions.parquet"),
        consent=results("private/study/consent.parquet"),
        ratings=results("private/study/ratings.parquet"),
        instruments=f"{STUDY_FOLDER}/instruments.yaml",
    output:
        judgements=results("private/ratings_of_others.parquet"),
        moments=results("private/ratings_of_moments.parquet"),
    log:
        log_of("score_further_ratings"),
    benchmark:
        benchmark_of("score_further_ratings")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        scoring=keys_of_instruments(),
        code=code_version(
            "dyads.ratings.further_scores",
            "dyads.ratings.reading",
            "dyads.study.consent",
        ),
    script:
        "../workflow/scripts/score_further_ratings.py"


rule compare_judgements:
    input:
        cohort=results("private/cohort/cohort.parquet"),
        judgements=results("private/ratings_of_others.parquet"),
    output:
        rows=results("private/cohort/judgements.parquet"),
        persons=results("private/cohort/judgement_persons.parquet"),
        groups=results("shareable/ratings/judgements.csv"),
    log:
        log_of("compare_judgements"),
    benchmark:
        benchmark_of("compare_judgements")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        seed=SETTINGS.study.seed,
        settings=settings_of("congruence"),
        stamp=stamp_of("congruence"),
        code=code_version("dyads.analysis.judgements"),
    script:
        "../workflow/scripts/compare_judgements.py"


rule measure_moments:
    input:
        trace=results("private/traces/{dyad}/{session}.parquet"),
        speech=speech_of,
    output:
        expressions=results("private/moments/{dyad}/{session}.parquet"),
    log:
        log_of("measure_moments", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("measure_moments", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        times_s=moments_of,
        segments=segments_of,
        strata=STRATA,
        windows=settings_of("moments"),
        settings=settings_of("expressions"),
        code=code_version("dyads.analysis.moments"),
    script:
        "../workflow/scripts/measure_moments.py"


rule compare_moments:
    input:
        participants=results("private/study/participants.parquet"),
        sessions=results("private/study/sessions.parquet"),
        scores=results("private/ratings_of_moments.parquet"),
        expressions=sessions_in(MOMENTS, "private/moments/{dyad}/{session}.parquet"),
    output:
        rows=results("private/cohort/moments.parquet"),
        persons=results("private/cohort/moment_persons.parquet"),
        groups=results("shareable/ratings/moments.csv"),
    log:
        log_of("compare_moments"),
    benchmark:
        benchmark_of("compare_moments")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        seed=SETTINGS.study.seed,
        settings=settings_of("congruence"),
        stamp=stamp_of("congruence"),
        code=code_version("dyads.analysis.moments"),
    script:
        "../workflow/scripts/compare_moments.py"


rule place_continuous:
    input:
        files=stream_files_of,
        instruments=f"{STUDY_FOLDER}/instruments.yaml",
    output:
        ratings=results("private/continuous/{dyad}/{session}.parquet"),
    log:
        log_of("place_continuous", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("place_continuous", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        scoring=keys_of_instruments(),
        streams=streams_of,
        study=settings_of("study"),
        rate_hz=SETTINGS.cleaning.rate_hz,
        fill_gap_s=SETTINGS.continuous.fill_gap_s,
        code=code_version("dyads.ratings.continuous", "dyads.ratings.reading"),
    script:
        "../workflow/scripts/place_continuous.py"


rule measure_continuous:
    input:
        ratings=results("private/continuous/{dyad}/{session}.parquet"),
        trace=results("private/traces/{dyad}/{session}.parquet"),
    output:
        agreement=results("private/agreement/{dyad}/{session}.parquet"),
    log:
        log_of("measure_continuous", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("measure_continuous", "{dyad}", "{session}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        meeting=meeting_of,
        composites=settings_of("expressions")["composites"],
        settings=settings_of("continuous"),
        code=code_version("dyads.analysis.continuous"),
    script:
        "../workflow/scripts/measure_continuous.py"


rule compare_continuous:
    input:
        participants=results("private/study/participants.parquet"),
        sessions=results("private/study/sessions.parquet"),
        agreement=sessions_in(STREAMS, "private/agreement/{dyad}/{session}.parquet"),
    output:
        persons=results("private/cohort/continuous_persons.parquet"),
        groups=results("shareable/ratings/continuous.csv"),
    log:
        log_of("compare_continuous"),
    benchmark:
        benchmark_of("compare_continuous")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        seed=SETTINGS.study.seed,
        samples=SETTINGS.congruence.bootstrap_samples,
        stamp=stamp_of("agreement"),
        code=code_version("dyads.analysis.continuous", "dyads.analysis.agreement"),
    script:
        "../workflow/scripts/compare_continuous.py"
