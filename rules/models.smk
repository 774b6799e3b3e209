rule fit_models:
    input:
        cohort=results("private/cohort/cohort.parquet"),
    output:
        folder=directory(results("shareable/models/{model}")),
    log:
        log_of("fit_models", "{model}"),
    benchmark:
        benchmark_of("fit_models", "{model}")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        groups=GROUPS,
        settings=model_settings,
        code=code_version("dyads.analysis.answers"),
    script:
        "../workflow/scripts/fit_models.py"
