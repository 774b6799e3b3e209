rule check_study:
    input:
        tables=STUDY_FILES,
    output:
        participants=results("private/study/participants.parquet"),
        sessions=results("private/study/sessions.parquet"),
        recordings=results("private/study/recordings.parquet"),
        segments=results("private/study/segments.parquet"),
        ratings=results("private/study/ratings.parquet"),
        consent=results("private/study/consent.parquet"),
        page=report(
            results("shareable/study_check.html"),
            caption="../workflow/report/study_check.rst",
            category="Study",
        ),
    log:
        log_of("check_study"),
    benchmark:
        benchmark_of("check_study")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        settings=settings_of("study"),
        licences=LICENCES,
        blind=PLAN.is_blind,
        stamp=stamp_of("study_check"),
        templates=TEMPLATES,
        code=code_version(
            "dyads.study.study", "dyads.report.study_page", "dyads.plan.blinding"
        ),
    script:
        "../workflow/scripts/check_study.py"
