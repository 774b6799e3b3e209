# The branches of the multiverse and what they share.


def ready_multiverse():
    """List the specifications that the settings ask for; None where they ask for none."""
    try:
        return multiverse_of(SETTINGS) if SETTINGS.multiverse else None
    except StudyError as fault:
        raise WorkflowError(f"The study is not ready to run.\n{fault}") from None


def multiverse_chunks():
    """Share the permutations of the multiverse out among jobs, by their numbers."""
    if MULTIVERSE is None:
        return {}
    count = SETTINGS.multiverse.permutations
    size = SETTINGS.multiverse.permutations_per_job
    return {
        str(first // size): list(range(first, min(first + size, count)))
        for first in range(0, count, size)
    }


def numbers_of_chunk(wildcards):
    """List the permutations of a job."""
    return MULTIVERSE_CHUNKS[wildcards.chunk]


def multiverse_products():
    """Name what the multiverse comes to, where there is one."""
    return results("shareable/multiverse") if MULTIVERSE else []


def branch_of(kind, name, dyad, session):
    """Name a product of a session, the study's own or that of a branch."""
    folder = kind if name == OWN else f"multiverse/{kind}/{name}"
    return results(f"private/{folder}/{dyad}/{session}.parquet")


def branch_cleaning(wildcards):
    """Give the settings by which a branch cleans frames."""
    return MULTIVERSE.traces[wildcards.branch].cleaning.model_dump(mode="json")


def branch_quality(wildcards):
    """Give the limits beyond which a branch does not trust a frame."""
    return MULTIVERSE.traces[wildcards.branch].quality.model_dump(mode="json")


def branch_trace(wildcards):
    """Name the trace that a branch measures expressions of."""
    traces = MULTIVERSE.expressions[wildcards.branch].traces
    return branch_of("traces", traces, wildcards.dyad, wildcards.session)


def branch_speech(wildcards):
    """Name the table of who speaks when, where a branch looks at parts of segments."""
    name = f"private/speech/{wildcards.dyad}/{wildcards.session}.parquet"
    return results(name) if branch_strata(wildcards) != ["all"] else []


def branch_strata(wildcards):
    """List the parts of segments that a branch measures."""
    return list(MULTIVERSE.expressions[wildcards.branch].strata)


def branch_expression_settings(wildcards):
    """Give the settings by which a branch measures expressions."""
    return MULTIVERSE.expressions[wildcards.branch].expressions.model_dump(mode="json")


def branch_expressions(wildcards):
    """Name the expressions of all sessions that a branch of analysis rows is made of."""
    name = MULTIVERSE.cohorts[wildcards.branch].expressions
    return [
        branch_of("expressions", name, row.dyad_id, row.session_id)
        for row in SESSIONS.itertuples()
    ]


def branch_pairs(wildcards):
    """Give the pairs of experience and expression of a branch of analysis rows."""
    return MULTIVERSE.cohorts[wildcards.branch].model_dump(mode="json")["pairs"]


def cohort_of_branch(name):
    """Name the analysis rows of a branch."""
    own = "cohort/cohort" if name == OWN else f"multiverse/cohorts/{name}"
    return results(f"private/{own}.parquet")


def branch_cohort(wildcards):
    """Name the analysis rows that specifications share."""
    return cohort_of_branch(wildcards.cohort)


def branch_specifications(wildcards):
    """Describe the specifications that share analysis rows."""
    return [
        one.model_dump(mode="json") for one in MULTIVERSE.of_cohort(wildcards.cohort)
    ]


MULTIVERSE = ready_multiverse()
MULTIVERSE_CHUNKS = multiverse_chunks()
