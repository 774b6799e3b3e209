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
        code=code_version("dyads.ratings.scores", "dyads.ratings.reading"),
    script:
        "../workflow/scripts/score_ratings.py"
