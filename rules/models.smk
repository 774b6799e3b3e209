rule fit_models:
    input:
        cohort=cohort_of_model,
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
        stamp=stamp_of_model,
        code=code_version("dyads.analysis.answers"),
    script:
        "../workflow/scripts/fit_models.py"


rule answer_plan:
    input:
        models=[
            results(f"shareable/models/{model}") for model in SETTINGS.primary_models
        ],
    output:
        table=results("shareable/plan/primary.csv"),
    log:
        log_of("answer_plan"),
    benchmark:
        benchmark_of("answer_plan")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        settings=settings_of("plan"),
        stamp=stamp_of("primary"),
        code=code_version("dyads.plan.primary"),
    script:
        "../workflow/scripts/answer_plan.py"


rule check_models:
    input:
        cohort=cohort_of_model,
    output:
        folder=directory(results("shareable/checks/{model}")),
        residuals=results("private/checks/{model}/residuals.parquet"),
        random_effects=results("private/checks/{model}/random_effects.parquet"),
        without_dyad=results("private/checks/{model}/without_dyad.parquet"),
    log:
        log_of("check_models", "{model}"),
    benchmark:
        benchmark_of("check_models", "{model}")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        groups=GROUPS,
        settings=model_settings,
        minimum_cell=SETTINGS.report.minimum_cell,
        stamp=stamp_of_model,
        code=code_version("dyads.analysis.sensitivity", "dyads.analysis.checks"),
    script:
        "../workflow/scripts/check_models.py"


rule check_bounds:
    input:
        cohort=cohort_of_model,
    output:
        bounds=results("shareable/bounds/{model}.csv"),
    log:
        log_of("check_bounds", "{model}"),
    benchmark:
        benchmark_of("check_bounds", "{model}")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        groups=GROUPS,
        settings=model_settings,
        pairs=settings_of("congruence")["pairs"],
        stamp=stamp_of_model,
        code=code_version("dyads.analysis.bounded"),
    script:
        "../workflow/scripts/check_bounds.py"


rule simulate_power:
    input:
        **power_sources(),
    output:
        table=results("shareable/power/{dyads}_{segments}_{reliability}.csv"),
        world=results("shareable/power/{dyads}_{segments}_{reliability}.json"),
    log:
        log_of("simulate_power", "{dyads}_{segments}_{reliability}"),
    benchmark:
        benchmark_of("simulate_power", "{dyads}_{segments}_{reliability}")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        correction=SETTINGS.models[slopes_model()].correction,
        seed=SETTINGS.study.seed,
        settings=power_world(),
        code=code_version("dyads.power.curves"),
    script:
        "../workflow/scripts/simulate_power.py"
