"""All read models, in the order of their names, which is the order their positions are locked in."""

from __future__ import annotations

from projections.deductions import CREDIT
from projections.disclosures import DISCLOSURES
from projections.documents import ADOPTED
from projections.engine.fold import ReadModel
from projections.evidence import EVIDENCE
from projections.figures.facts import FACTS
from projections.problem_fold import PROBLEM_LEDGER
from projections.registers import REGISTERS
from projections.timeline import TIMELINE
from projections.tips import TIPS_DESK

MODELS: tuple[ReadModel, ...] = tuple(
    sorted(
        (ADOPTED, CREDIT, DISCLOSURES, EVIDENCE, FACTS, PROBLEM_LEDGER, REGISTERS, TIMELINE, TIPS_DESK),
        key=lambda model: model.name,
    )
)
