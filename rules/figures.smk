if EXAMPLE:

    rule figure_paired_traces:
        input:
            segments=results("private/study/segments.parquet"),
            scores=results("private/ratings.parquet"),
            trace=example_trace,
        output:
            **figure_files("paired_traces", "One dyad"),
        log:
            log_of("figure_paired_traces"),
        benchmark:
            benchmark_of("figure_paired_traces")
        conda:
            "../envs/figures.yaml"
        threads: 1
        resources:
            mem_mb=1000,
        params:
            meeting=EXAMPLE,
            channel=smile_channel(),
            parts=SETTINGS.expressions.composites.get(smile_channel(), ()),
            groups=GROUPS,
            stamp=stamp_of("paired_traces"),
            code=code_version("dyads.figures.paired_traces"),
        script:
            "../workflow/scripts/figure_paired_traces.py"


rule figure_expressivity:
    input:
        participants=results("private/study/participants.parquet"),
        expressions=results("private/cohort/expressions.parquet"),
    output:
        **figure_files("expressivity", "Expression"),
    log:
        log_of("figure_expressivity"),
    benchmark:
        benchmark_of("figure_expressivity")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        channel=smile_channel(),
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_PEOPLE,
        stamp=stamp_of("expressivity"),
        code=code_version("dyads.figures.expressivity"),
    script:
        "../workflow/scripts/figure_expressivity.py"


rule figure_congruence_slopes:
    input:
        cohort=results("private/cohort/cohort.parquet"),
        model=results(f"shareable/models/{slopes_model()}"),
    output:
        **figure_files("congruence_slopes", "Congruence"),
    log:
        log_of("figure_congruence_slopes"),
    benchmark:
        benchmark_of("figure_congruence_slopes")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        unit=SETTINGS.congruence.pairs[0].measure,
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_PEOPLE,
        code=code_version("dyads.figures.congruence_slopes"),
    script:
        "../workflow/scripts/figure_congruence_slopes.py"


rule figure_congruence_by_group:
    input:
        persons=results("private/cohort/persons.parquet"),
        groups=results("private/cohort/groups.parquet"),
        model=results(f"shareable/models/{slopes_model()}"),
    output:
        **figure_files("congruence_by_group", "Congruence"),
    log:
        log_of("figure_congruence_by_group"),
    benchmark:
        benchmark_of("figure_congruence_by_group")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_PEOPLE,
        code=code_version("dyads.figures.congruence_by_group"),
    script:
        "../workflow/scripts/figure_congruence_by_group.py"


rule figure_model_contrasts:
    input:
        models=[results(f"shareable/models/{model}") for model in SETTINGS.models],
    output:
        **figure_files("model_contrasts", "Models"),
    log:
        log_of("figure_model_contrasts"),
    benchmark:
        benchmark_of("figure_model_contrasts")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        code=code_version("dyads.figures.model_contrasts"),
    script:
        "../workflow/scripts/figure_model_contrasts.py"


rule figure_data_flow:
    input:
        flow=results("private/cohort/flow.parquet"),
    output:
        **figure_files("data_flow", "Sample"),
    log:
        log_of("figure_data_flow"),
    benchmark:
        benchmark_of("figure_data_flow")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        code=code_version("dyads.figures.data_flow"),
    script:
        "../workflow/scripts/figure_data_flow.py"


rule figure_synchrony:
    input:
        sessions=results("private/study/sessions.parquet"),
        participants=results("private/study/participants.parquet"),
        synchrony=results("private/cohort/synchrony.parquet"),
    output:
        **figure_files("synchrony", "Synchrony"),
    log:
        log_of("figure_synchrony"),
    benchmark:
        benchmark_of("figure_synchrony")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        channel=SETTINGS.synchrony.channels[0],
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_DYADS,
        code=code_version("dyads.figures.synchrony"),
    script:
        "../workflow/scripts/figure_synchrony.py"


rule figure_judgements:
    input:
        persons=results("private/cohort/judgement_persons.parquet"),
        groups=results("shareable/ratings/judgements.csv"),
    output:
        **figure_files("judgements", "Ratings of each other"),
    log:
        log_of("figure_judgements"),
    benchmark:
        benchmark_of("figure_judgements")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_DYADS,
        code=code_version("dyads.figures.judgements"),
    script:
        "../workflow/scripts/figure_judgements.py"


rule figure_continuous:
    input:
        persons=results("private/cohort/continuous_persons.parquet"),
        groups=results("shareable/ratings/continuous.csv"),
    output:
        **figure_files("continuous", "Continuous ratings"),
    log:
        log_of("figure_continuous"),
    benchmark:
        benchmark_of("figure_continuous")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        delay_s=SETTINGS.continuous.delay_s,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_DYADS,
        code=code_version("dyads.figures.continuous"),
    script:
        "../workflow/scripts/figure_continuous.py"


rule figure_seen_time:
    input:
        segments=results("private/study/segments.parquet"),
        expressions=results("private/cohort/expressions.parquet"),
    output:
        **figure_files("seen_time", "Sample"),
    log:
        log_of("figure_seen_time"),
    benchmark:
        benchmark_of("figure_seen_time")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        minimum_seen_share=SETTINGS.expressions.minimum_seen_share,
        sharing=SHARING_PEOPLE,
        code=code_version("dyads.figures.seen_time"),
    script:
        "../workflow/scripts/figure_seen_time.py"


rule figure_quality:
    input:
        quality=every_session("private/quality/{dyad}/{session}.parquet"),
    output:
        **figure_files("quality", "Sample"),
    log:
        log_of("figure_quality"),
    benchmark:
        benchmark_of("figure_quality")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        settings=settings_of("quality"),
        minimum_cell=SETTINGS.report.minimum_cell,
        stamp=stamp_of("quality"),
        code=code_version("dyads.figures.quality"),
    script:
        "../workflow/scripts/figure_quality.py"


rule figure_sample_balance:
    input:
        sample=results("shareable/sample"),
    output:
        **figure_files("sample_balance", "Sample"),
    log:
        log_of("figure_sample_balance"),
    benchmark:
        benchmark_of("figure_sample_balance")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        code=code_version("dyads.figures.sample_balance"),
    script:
        "../workflow/scripts/figure_sample_balance.py"


rule figure_model_checks:
    input:
        models=every_model("shareable/models/{model}"),
        residuals=every_model("private/checks/{model}/residuals.parquet"),
        random_effects=every_model("private/checks/{model}/random_effects.parquet"),
    output:
        **figure_files("model_checks", "Models"),
    log:
        log_of("figure_model_checks"),
    benchmark:
        benchmark_of("figure_model_checks")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        sharing=SHARING_PEOPLE,
        code=code_version("dyads.figures.model_checks"),
    script:
        "../workflow/scripts/figure_model_checks.py"


rule figure_influence:
    input:
        models=every_model("shareable/models/{model}"),
        without_dyad=every_model("private/checks/{model}/without_dyad.parquet"),
    output:
        **figure_files("influence", "Models"),
    log:
        log_of("figure_influence"),
    benchmark:
        benchmark_of("figure_influence")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        sharing=SHARING_DYADS,
        code=code_version("dyads.figures.influence"),
    script:
        "../workflow/scripts/figure_influence.py"


rule figure_profiles:
    input:
        folder=results("shareable/heterogeneity"),
    output:
        **figure_files("profiles", "Profiles"),
    log:
        log_of("figure_profiles"),
    benchmark:
        benchmark_of("figure_profiles")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        minimum_cell=SETTINGS.report.minimum_cell,
        code=code_version("dyads.figures.profiles"),
    script:
        "../workflow/scripts/figure_profiles.py"


rule figure_power:
    input:
        tables=power_files("csv"),
        worlds=power_files("json"),
    output:
        **figure_files("power", "Power"),
    log:
        log_of("figure_power"),
    benchmark:
        benchmark_of("figure_power")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        code=code_version("dyads.figures.power"),
    script:
        "../workflow/scripts/figure_power.py"
