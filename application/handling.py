"""Every module whose handlers, and with them every event, register themselves when they are imported. 用例总表"""

from application import (
    access,
    deductions,
    disclosures,
    documents,
    genesis,
    handovers,
    imports,
    keys,
    officials,
    problems,
    public_tips,
    recusals,
    registers,
    second_factors,
    shredding,
    tips,
)

MODULES = (
    access,
    deductions,
    disclosures,
    documents,
    genesis,
    handovers,
    imports,
    keys,
    officials,
    problems,
    public_tips,
    recusals,
    registers,
    second_factors,
    shredding,
    tips,
)
