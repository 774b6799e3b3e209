rule write_dyad_pages:
    input:
        segments=results("private/study/segments.parquet"),
        scores=results("private/ratings.parquet"),
        cells=results("private/ratings_items.parquet"),
        cohort=results("private/cohort/cohort.parquet"),
        left_out=results("private/cohort/left_out.parquet"),
        traces=every_session("private/traces/{dyad}/{session}.parquet"),
    output:
        folder=directory(results("private/report")),
    log:
        log_of("write_dyad_pages"),
    benchmark:
        benchmark_of("write_dyad_pages")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        config=SETTINGS.model_dump(mode="json"),
        meetings=MEETINGS,
        channel=smile_channel(),
        parts=SETTINGS.expressions.composites.get(smile_channel(), ()),
        templates=TEMPLATES,
        stamp=stamp_of("paired_traces"),
        code=code_version("dyads.report.dyad_pages", "dyads.figures.paired_traces"),
    script:
        "../workflow/scripts/write_dyad_pages.py"


rule write_quality_page:
    input:
        quality=every_session("private/quality/{dyad}/{session}.parquet"),
        clocks=every_session("private/clock/{dyad}/{session}.json"),
        probes=every_session("private/recordings/{dyad}/{session}.json"),
    output:
        page=results("private/quality/index.html"),
    log:
        log_of("write_quality_page"),
    benchmark:
        benchmark_of("write_quality_page")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        study=SETTINGS.study.name,
        recordings=plain_rows(RECORDINGS),
        settings=settings_of("quality"),
        templates=TEMPLATES,
        stamp=stamp_of("quality"),
        code=code_version("dyads.report.quality_page", "dyads.recordings.probing"),
    script:
        "../workflow/scripts/write_quality_page.py"


rule write_report:
    input:
        sessions=results("private/study/sessions.parquet"),
        participants=results("private/study/participants.parquet"),
        cohort=results("private/cohort/cohort.parquet"),
        flow=results("private/cohort/flow.parquet"),
        groups=results("private/cohort/groups.parquet"),
        models=[results(f"shareable/models/{model}") for model in SETTINGS.models],
        primary=results("shareable/plan/primary.csv"),
        sample=results("shareable/sample"),
        checks=every_model("shareable/checks/{model}"),
        bounds=every_model("shareable/bounds/{model}.csv"),
        heterogeneity=results("shareable/heterogeneity"),
        power=power_files("csv") if SETTINGS.power.in_report else [],
        plan=PLAN_FILE,
        multiverse=multiverse_products(),
        reliability=rules.measure_reliability.output,
        judgements=told_of("judgements"),
        moments=told_of("moments"),
        continuous=told_of("continuous"),
        figures=[results(f"shareable/figures/{figure}.svg") for figure in FIGURES],
    output:
        page=report(
            results("shareable/report/index.html"),
            caption=f"{TEMPLATES}/cohort.rst",
            category="Report",
        ),
    log:
        log_of("write_report"),
    benchmark:
        benchmark_of("write_report")
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        config=SETTINGS.model_dump(mode="json"),
        templates=TEMPLATES,
        plan=PLAN.model_dump(mode="json"),
        code=code_version("dyads.report.cohort_page"),
    script:
        "../workflow/scripts/write_report.py"


rule seal:
    input:
        study=results("shareable/study_check.html"),
        report=results("shareable/report/index.html"),
        pages=results("private/report"),
        quality=results("private/quality/index.html"),
        agreement=agreement_tables(),
    output:
        ledger=results("shareable/audit/ledger.jsonl"),
        sums=results("shareable/audit/files.sha256"),
        seal=results("shareable/audit/seal.json"),
    log:
        log_of("seal"),
    benchmark:
        benchmark_of("seal")
    conda:
        "../envs/tables.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        code=code_version("dyads.audit"),
    script:
        "../workflow/scripts/seal.py"
