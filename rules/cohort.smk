rule assemble_cohort:
    input:
        participants=results("private/study/participants.parquet"),
        sessions=results("private/study/sessions.parquet"),
        segments=results("private/study/segments.parquet"),
        recordings=results("private/study/recordings.parquet"),
        consent=results("private/study/consent.parquet"),
        scores=results("private/ratings.parquet"),
        expressions=every_session("private/expressions/{dyad}/{session}.parquet"),
        synchrony=every_session("private/synchrony/{dyad}/{session}.parquet"),
        clocks=every_session("private/clock/{dyad}/{session}.json"),
    output:
        left_out=results("private/cohort/left_out.parquet"),
        cohort=results("private/cohort/cohort.parquet"),
        flow=results("private/cohort/flow.parquet"),
        expressions=results("private/cohort/expressions.parquet"),
        synchrony=results("private/cohort/synchrony.parquet"),
    log:
        log_of("assemble_cohort"),
    benchmark:
        benchmark_of("assemble_cohort")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        groups=GROUPS,
        pairs=settings_of("congruence")["pairs"],
        stamps={name: stamp_of(name) for name in ("cohort", "expressions", "synchrony")},
        code=code_version(
            "dyads.analysis.cohort", "dyads.recordings.clock", "dyads.study.consent"
        ),
    script:
        "../workflow/scripts/assemble_cohort.py"


rule measure_congruence:
    input:
        cohort=results("private/cohort/cohort.parquet"),
        expressions=results("private/cohort/expressions.parquet"),
    output:
        persons=results("private/cohort/persons.parquet"),
        groups=results("private/cohort/groups.parquet"),
    log:
        log_of("measure_congruence"),
    benchmark:
        benchmark_of("measure_congruence")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        seed=SETTINGS.study.seed,
        settings=settings_of("congruence"),
        stamp=stamp_of("congruence"),
        code=code_version("dyads.analysis.congruence"),
    script:
        "../workflow/scripts/measure_congruence.py"


if SETTINGS.sample.matching:

    rule match_groups:
        input:
            participants=results("private/study/participants.parquet"),
            cohort=results("private/cohort/cohort.parquet"),
        output:
            sets=results("private/cohort/sets.parquet"),
            cohort=results("private/cohort/matched.parquet"),
        log:
            log_of("match_groups"),
        benchmark:
            benchmark_of("match_groups")
        conda:
            "../envs/tables.yaml"
        threads: 1
        resources:
            mem_mb=1000,
        params:
            groups=GROUPS,
            seed=SETTINGS.study.seed,
            settings=settings_of("sample")["matching"],
            code=code_version("dyads.analysis.matching", "dyads.analysis.sample"),
        script:
            "../workflow/scripts/match_groups.py"


rule assemble_sessions:
    input:
        cohort=results("private/cohort/cohort.parquet"),
        synchrony=results("private/cohort/synchrony.parquet"),
    output:
        sessions=results("private/cohort/sessions.parquet"),
    log:
        log_of("assemble_sessions"),
    benchmark:
        benchmark_of("assemble_sessions")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        channel=SETTINGS.synchrony.channels[0],
        code=code_version("dyads.analysis.session_rows"),
    script:
        "../workflow/scripts/assemble_sessions.py"


rule describe_sample:
    input:
        participants=results("private/study/participants.parquet"),
        cohort=results("private/cohort/cohort.parquet"),
        quality=every_session("private/quality/{dyad}/{session}.parquet"),
        sets=matched_sets(),
    output:
        folder=directory(results("shareable/sample")),
    log:
        log_of("describe_sample"),
    benchmark:
        benchmark_of("describe_sample")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        settings=settings_of("sample"),
        minimum_cell=SETTINGS.report.minimum_cell,
        stamp=stamp_of("sample"),
        code=code_version("dyads.analysis.sample"),
    script:
        "../workflow/scripts/describe_sample.py"


rule profile_people:
    input:
        participants=results("private/study/participants.parquet"),
        cohort=results("private/cohort/cohort.parquet"),
    output:
        people=results("private/cohort/profiles.parquet"),
        folder=directory(results("shareable/heterogeneity")),
    log:
        log_of("profile_people"),
    benchmark:
        benchmark_of("profile_people")
    conda:
        "../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        groups=GROUPS,
        seed=SETTINGS.study.seed,
        settings=settings_of("profiles"),
        stamp=stamp_of("profiles"),
        minimum_rows=SETTINGS.congruence.minimum_segments,
        minimum_cell=SETTINGS.report.minimum_cell,
        code=code_version("dyads.analysis.heterogeneity"),
    script:
        "../workflow/scripts/profile_people.py"
