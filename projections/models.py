"""All read models, in the order of their names, which is the order their positions are locked in."""

from __future__ import annotations

from projections.adopted import ADOPTED
from projections.credit import CREDIT
from projections.disclosures import DISCLOSURES
from projections.engine import ReadModel
from projections.evidence import EVIDENCE
from projections.facts import FACTS
from projections.problem_ledger import PROBLEM_LEDGER
from projections.registers import REGISTERS
from projections.timeline import TIMELINE
from projections.tips_desk import TIPS_DESK

MODELS: tuple[ReadModel, ...] = tuple(
    sorted(
        (ADOPTED, CREDIT, DISCLOSURES, EVIDENCE, FACTS, PROBLEM_LEDGER, REGISTERS, TIMELINE, TIPS_DESK),
        key=lambda model: model.name,
    )
)
