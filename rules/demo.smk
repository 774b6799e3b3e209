rule render_film:
    input:
        truth=(SETTINGS.study.folder.parent / "truth.json").as_posix(),
    output:
        film=f"{RECORDINGS_FOLDER}/{{film}}.mp4",
    log:
        log_of("render_film", "{film}"),
    benchmark:
        benchmark_of("render_film", "{film}")
    conda:
        "../envs/extraction.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        cast=cast_of,
        study_folder=STUDY_FOLDER,
        code=code_version("dyads.demo.films"),
    script:
        "../workflow/scripts/render_film.py"
