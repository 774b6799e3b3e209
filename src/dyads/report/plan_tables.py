"""What the report says of the plan: how the run stands to it, and the primary family's answer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dyads import wording
from dyads.analysis.results import WELCH
from dyads.config import Config, PlanSettings
from dyads.plan.describing import planned_models
from dyads.plan.products import product_words
from dyads.plan.state import PlanState
from dyads.report.page_tables import PageTable


def plan_sentences(plan: PlanState) -> list[str]:
    """Say whether the run is as planned."""
    if plan.locked_on is None:
        hidden = ["Group labels are permuted until then: nothing here speaks of the real groups."]
        return [
            "No plan was locked before this run, so all of it is exploratory: it can suggest an "
            "answer and cannot confirm one. `dyads plan lock` locks the plan.",
            *(hidden if plan.is_blind else []),
        ]
    said = [
        f"The plan was locked on {plan.locked_on}. SHA-256 of its settings: {plan.digest}; of the "
        f"file plan.lock.yaml, as the audit trail holds it: {plan.file_sha256}. That the day came "
        "before the data were seen is shown by where this digest was registered, not by the file.",
    ]
    if plan.unamended:
        changes = "; ".join(map(str, plan.unamended))
        said.append(f"Settings differ from the plan, and no amendment says why: {changes}.")
    elif plan.amendments:
        said.append("Every difference from the locked plan has its amendment.")
    else:
        said.append("The settings of this run are those of the plan.")
    return said


def planned(config: Config) -> PageTable:
    """List the models of the plan with their outcome, comparison and covariates."""
    head = ("Model", "Role", "Outcome", "Compared between groups", "Held equal", "Random terms",
            "Correction")  # fmt: skip
    return PageTable(
        title="Models of the plan",
        head=head,
        words=head[1:],
        rows=tuple(
            (
                model.name,
                model.role,
                model.outcome,
                model.compared,
                ", ".join(model.covariates) or wording.EN_DASH,
                " + ".join(model.random),
                wording.correction(model.correction),
            )
            for model in planned_models(config)
        ),
    )


def primary(family: pd.DataFrame, settings: PlanSettings) -> PageTable:
    """Show the contrasts of the primary family by the headline test."""
    head = ("Contrast", "Model", "Difference", "p", "p, family", "d", "p, equivalence", "Verdict")
    numbers = ["estimate", "lower", "upper", "p_value", "p_family", "effect_size", "p_equivalence"]
    rows = zip(
        family["contrast"],
        family["model"],
        family["verdict"],
        family[numbers].to_numpy(float),
        strict=True,
    )
    test = "the cluster-robust covariance CR2" if settings.headline == "CR2" else "Satterthwaite"
    by_person = ", ".join(family.loc[family["covariance"].eq(WELCH), "model"].unique())
    if by_person:
        test += f"; for {by_person} Welch's test of slopes person by person, since the mixed model "
        test += "found no optimum"
    bound = (
        "Equivalence was not tested."
        if settings.equivalence_d is None
        else "Equivalence: two one-sided tests against an effect size of "
        f"{settings.equivalence_d:g} in either direction."
    )
    return PageTable(
        title="Primary family",
        head=head,
        words=("Model", "Verdict"),
        rows=tuple(
            (
                wording.contrast(str(contrast)),
                str(model),
                wording.estimate_interval(estimate, lower, upper),
                wording.p_value(p, sign=False),
                wording.p_value(p_family, sign=False),
                wording.fixed(effect_size, 2),
                wording.p_value(p_equivalence, sign=False),
                str(verdict),
            )
            for contrast, model, verdict, (
                estimate, lower, upper, p, p_family, effect_size, p_equivalence,
            ) in rows
        ),
        note=f"Test: {test}. Correction over the family: {wording.correction(settings.correction)}."
        f" Brackets are 95 % intervals of each contrast alone. {bound}",
    )  # fmt: skip


def amendments(plan: PlanState) -> PageTable:
    """List the amendments: when, why, what changed and what that touches."""
    head = ("Amendment", "Made on", "Reason", "What changed", "What it touches", "Digest after")
    return PageTable(
        title="Amendments of the plan",
        head=head,
        words=head[1:],
        rows=tuple(
            (
                str(note.number),
                str(note.made_on),
                note.reason,
                "; ".join(map(str, note.changes)),
                _listed(plan, plan.touched([change.key for change in note.changes])),
                note.digest,
            )
            for note in plan.amendments
        ),
    )


def stamp_sentences(plan: PlanState, stamp: str) -> list[str]:
    """Say of each stamp of a page which of its numbers carry it, where not all do."""
    said = []
    for part in filter(None, stamp.split("; ")):
        carriers = plan.carried_by(part)
        if 0 < len(carriers) < len(plan.products):
            said.append(f"“{part}” is carried by {_listed(plan, carriers)}, and what rests on it.")
    return said


def stamp_of_part(plan: PlanState, product: str) -> str:
    """Give the stamps of a product that the others do not all carry."""
    parts = filter(None, plan.stamp(product).split("; "))
    return "; ".join(part for part in parts if len(plan.carried_by(part)) < len(plan.products))


def _listed(plan: PlanState, products: Sequence[str]) -> str:
    if len(products) == len(plan.products):
        return "every product"
    return wording.listed(list(map(product_words, products))) or "no product"
