"""Every use case: which function carries out which kind of command. Whoever imports it knows every event. 用例总表"""

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
from application.ledger import Handlers

HANDLERS: Handlers = {
    **access.HANDLERS,
    **deductions.HANDLERS,
    **disclosures.HANDLERS,
    **documents.HANDLERS,
    **genesis.HANDLERS,
    **handovers.HANDLERS,
    **imports.HANDLERS,
    **keys.HANDLERS,
    **officials.HANDLERS,
    **problems.HANDLERS,
    **public_tips.HANDLERS,
    **recusals.HANDLERS,
    **registers.HANDLERS,
    **second_factors.HANDLERS,
    **shredding.HANDLERS,
    **tips.HANDLERS,
}
