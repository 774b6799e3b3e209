use rule clean_frames as multiverse_clean_frames with:
    output:
        trace=results("private/multiverse/traces/{branch}/{dyad}/{session}.parquet"),
    log:
        log_of("multiverse_clean_frames", "{branch}", "{dyad}", "{session}"),
    benchmark:
        benchmark_of("multiverse_clean_frames", "{branch}", "{dyad}", "{session}")
    params:
        cleaning=branch_cleaning,
        quality=branch_quality,
        code=code_version("dyads.traces.cleaning"),


use rule measure_expressions as multiverse_measure_expressions with:
    input:
        trace=branch_trace,
        speech=branch_speech,
    output:
        expressions=results(
            "private/multiverse/expressions/{branch}/{dyad}/{session}.parquet"
        ),
    log:
        log_of("multiverse_measure_expressions", "{branch}", "{dyad}", "{session}"),
    benchmark:
        benchmark_of(
            "multiverse_measure_expressions", "{branch}", "{dyad}", "{session}"
        )
    params:
        segments=segments_of,
        strata=branch_strata,
        settings=branch_expression_settings,
        code=code_version("dyads.measures.expressions"),


rule assemble_multiverse:
    input:
        participants=results("private/study/participants.parquet"),
        sessions=results("private/study/sessions.parquet"),
        segments=results("private/study/segments.parquet"),
        recordings=results("private/study/recordings.parquet"),
        consent=results("private/study/consent.parquet"),
        scores=results("private/ratings.parquet"),
        expressions=branch_expressions,
        clocks=every_session("private/clock/{dyad}/{session}.json"),
    output:
        cohort=results("private/multiverse/cohorts/{branch}.parquet"),
    log:
        log_of("assemble_multiverse", "{branch}"),
    benchmark:
        benchmark_of("assemble_multiverse", "{branch}")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        pairs=branch_pairs,
        stamp=stamp_of("multiverse"),
        code=code_version(
            "dyads.analysis.cohort", "dyads.recordings.clock", "dyads.study.consent"
        ),
    script:
        "../workflow/scripts/assemble_multiverse.py"


rule fit_multiverse:
    input:
        cohort=branch_cohort,
    output:
        fits=results("private/multiverse/fits/{cohort}.parquet"),
    log:
        log_of("fit_multiverse", "{cohort}"),
    benchmark:
        benchmark_of("fit_multiverse", "{cohort}")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        specifications=branch_specifications,
        groups=GROUPS,
        model=SETTINGS.models[MULTIVERSE.model].model_dump(mode="json"),
        plan=settings_of("plan"),
        code=code_version("dyads.multiverse.fits"),
    script:
        "../workflow/scripts/fit_multiverse.py"


rule permute_multiverse:
    input:
        cohorts=[cohort_of_branch(name) for name in MULTIVERSE.cohort_names],
    output:
        curves=results("private/multiverse/permutations/{chunk}.parquet"),
    log:
        log_of("permute_multiverse", "{chunk}"),
    benchmark:
        benchmark_of("permute_multiverse", "{chunk}")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        names=MULTIVERSE.cohort_names,
        specifications=[
            one.model_dump(mode="json") for one in MULTIVERSE.specifications
        ],
        numbers=numbers_of_chunk,
        groups=GROUPS,
        seed=SETTINGS.study.seed,
        model=SETTINGS.models[MULTIVERSE.model].model_dump(mode="json"),
        plan=settings_of("plan"),
        code=code_version("dyads.multiverse.curve"),
    script:
        "../workflow/scripts/permute_multiverse.py"


rule summarise_multiverse:
    input:
        cohort=results("private/cohort/cohort.parquet"),
        fits=[
            results(f"private/multiverse/fits/{cohort}.parquet")
            for cohort in MULTIVERSE.cohort_names
        ],
        curves=[
            results(f"private/multiverse/permutations/{chunk}.parquet")
            for chunk in MULTIVERSE_CHUNKS
        ],
    output:
        folder=directory(results("shareable/multiverse")),
    log:
        log_of("summarise_multiverse"),
    benchmark:
        benchmark_of("summarise_multiverse")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        name=MULTIVERSE.model,
        specifications=[
            one.model_dump(mode="json") for one in MULTIVERSE.specifications
        ],
        model=SETTINGS.models[MULTIVERSE.model].model_dump(mode="json"),
        plan=settings_of("plan"),
        stamp=stamp_of("multiverse"),
        code=code_version("dyads.multiverse.curve", "dyads.multiverse.results"),
    script:
        "../workflow/scripts/summarise_multiverse.py"


rule figure_specification_curve:
    input:
        multiverse=results("shareable/multiverse"),
    output:
        **figure_files("specification_curve", "Models"),
    log:
        log_of("figure_specification_curve"),
    benchmark:
        benchmark_of("figure_specification_curve")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        code=code_version("dyads.figures.specification_curve"),
    script:
        "../workflow/scripts/figure_specification_curve.py"
