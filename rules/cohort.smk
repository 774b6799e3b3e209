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
        code=code_version("dyads.analysis.cohort", "dyads.recordings.clock"),
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
        code=code_version("dyads.analysis.congruence"),
    script:
        "../workflow/scripts/measure_congruence.py"
