"""Every use case: which function carries out which kind of command. Whoever imports it knows every event. 用例总表"""

from application.audit import access_record
from application.campaign import documents, genesis
from application.core.ledger import Handlers
from application.deductions import deductions
from application.disclosures import disclosures
from application.imports import imports
from application.officials import keys, officials, second_factors
from application.problems import deadlines, handovers, rectification
from application.problems import handlers as problems
from application.registers import registers
from application.tips import handlers as tips
from application.tips import public_tips, recusals, rerouting, shredding

HANDLERS: Handlers = {
    **access_record.HANDLERS,
    **deadlines.HANDLERS,
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
    **rectification.HANDLERS,
    **recusals.HANDLERS,
    **registers.HANDLERS,
    **rerouting.HANDLERS,
    **second_factors.HANDLERS,
    **shredding.HANDLERS,
    **tips.HANDLERS,
}
