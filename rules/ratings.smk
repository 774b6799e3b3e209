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
    params:
        code=code_version("dyads.scores", "dyads.instruments"),
    threads: 1
    resources:
        mem_mb=2000,
    conda:
        "../envs/tables.yaml"
    script:
        "../workflow/scripts/score_ratings.py"
