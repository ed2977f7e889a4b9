"""Every module whose handlers, and with them every event, register themselves when they are imported. 用例总表"""

from application import (
    access,
    adopting,
    deductions,
    disclosures,
    documents,
    genesis,
    imports,
    officials,
    problems,
    recusals,
    registers,
    shredding,
    tips,
)

MODULES = (
    access,
    adopting,
    deductions,
    disclosures,
    documents,
    genesis,
    imports,
    officials,
    problems,
    recusals,
    registers,
    shredding,
    tips,
)
