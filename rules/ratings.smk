rule score_ratings:
    input:
        sessions=results("private/study/sessions.parquet"),
        consent=results("private/study/consent.parquet"),
        ratings=results("private/study/ratings.parquet"),
        instruments=f"{STUDY_FOLDER}/instruments.yaml",
    output:
        scores=results("private/ratings.parquet"),
    log:
        log_of("score_ratings"),
    benchmark:
        benchmark_of("score_ratings")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        scoring=keys_of_instruments(),
        code=code_version(
            "dyads.ratings.scores", "dyads.ratings.reading", "dyads.study.consent"
        ),
    script:
        "../workflow/scripts/score_ratings.py"


rule trace_ratings:
    input:
        ratings=results("private/study/ratings.parquet"),
        instruments=f"{STUDY_FOLDER}/instruments.yaml",
    output:
        cells=results("private/ratings_items.parquet"),
    log:
        log_of("trace_ratings"),
    benchmark:
        benchmark_of("trace_ratings")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        scoring=keys_of_instruments(),
        file=STUDY.files["ratings"].name,
        code=code_version("dyads.ratings.tracing", "dyads.ratings.reading"),
    script:
        "../workflow/scripts/trace_ratings.py"


rule measure_reliability:
    input:
        participants=results("private/study/participants.parquet"),
        sessions=results("private/study/sessions.parquet"),
        segments=results("private/study/segments.parquet"),
        ratings=results("private/study/ratings.parquet"),
        scores=results("private/ratings.parquet"),
        instruments=f"{STUDY_FOLDER}/instruments.yaml",
    output:
        scales=results("private/reliability/scales.parquet"),
        by_item=results("private/reliability/items.parquet"),
        retest=results("private/reliability/retest.parquet"),
    log:
        log_of("measure_reliability"),
    benchmark:
        benchmark_of("measure_reliability")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        scoring=keys_of_instruments(),
        groups=GROUPS,
        people_min=SETTINGS.report.reliability_people_min,
        code=code_version("dyads.ratings.reliability", "dyads.ratings.reading"),
    script:
        "../workflow/scripts/measure_reliability.py"
