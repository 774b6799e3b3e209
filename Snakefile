# The whole way from recordings and questionnaires to the answer of the study.
#
#   snakemake                             everything that config.yaml asks for
#   snakemake figure_congruence_slopes    one figure and what it needs
#   snakemake power                       how large the next study should be
#   snakemake multiverse                  the answer under other reasonable choices
#   snakemake --configfile my/config.yaml another study
from snakemake.utils import min_version

min_version("9.10")

if not workflow.overwrite_configfiles:

    configfile: "config.yaml"


include: "rules/common.smk"
include: "rules/study.smk"
include: "rules/recordings.smk"
include: "rules/people.smk"
include: "rules/expressions.smk"
include: "rules/ratings.smk"
include: "rules/cohort.smk"
include: "rules/agreement.smk"
include: "rules/models.smk"
include: "rules/figures.smk"
include: "rules/report.smk"


if SETTINGS.study.demo:

    include: "rules/demo.smk"


if MULTIVERSE:

    include: "rules/multiverse.smk"

    localrules:
        multiverse,

    rule multiverse:
        input:
            multiverse_products(),
            results("shareable/figures/specification_curve.svg"),


onstart:
    remove_withdrawn()


localrules:
    all,
    power,


rule all:
    default_target: True
    input:
        results("shareable/audit/seal.json"),


rule power:
    input:
        results("shareable/figures/power.pdf"),
