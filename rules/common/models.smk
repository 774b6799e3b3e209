# What models and power are made of.


def model_settings(wildcards):
    """Give the settings of one model as plain data."""
    return SETTINGS.models[wildcards.model].model_dump(mode="json")


def stamp_of_model(wildcards):
    """Say what the results of a model must carry."""
    return PLAN.stamp(f"models.{wildcards.model}")


def every_model(pattern):
    """Expand a pattern over all models."""
    return [results(pattern.format(model=model)) for model in SETTINGS.models]


def cohort_of_model(wildcards):
    """Name the analysis rows of a model: of people, of matched participants, or of sessions."""
    model = SETTINGS.models[wildcards.model]
    name = "matched" if model.sample == "matched" else "cohort"
    return results(
        f"private/cohort/{'sessions' if model.rows == 'sessions' else name}.parquet"
    )


def matched_sets():
    """Name the table of matched participants, where the settings ask for one."""
    return results("private/cohort/sets.parquet") if SETTINGS.sample.matching else []


def slopes_model():
    """Name the first model that compares slopes: the one that congruence figures show."""
    names = [
        name for name, model in SETTINGS.models.items() if model.compare == "slopes"
    ]
    if not names:
        raise WorkflowError("config.yaml: models: none compares slopes. Add one.")
    return names[0]


def power_sources():
    """Name what power takes slopes and spreads from; nothing where the settings assume them."""
    if SETTINGS.power.source == "assumed":
        return {}
    return {
        "model": results(f"shareable/models/{slopes_model()}"),
        "cohort": results("private/cohort/cohort.parquet"),
    }


def power_world():
    """Give what a simulated study depends on beside its size, as plain data."""
    settings = settings_of("power")
    return {name: settings[name] for name in ("source", "assumed", "studies")}


def power_files(ending):
    """Name the results of every size of study that the settings ask for."""
    power = SETTINGS.power
    return [
        results(f"shareable/power/{dyads}_{segments}_{reliability:g}.{ending}")
        for reliability in power.reliability
        for segments in power.segments
        for dyads in power.dyads_per_group
    ]
