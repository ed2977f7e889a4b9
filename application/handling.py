"""Every module whose handlers, and with them every event, register themselves when they are imported. 用例总表"""

from application import (
    access,
    deductions,
    documents,
    genesis,
    imports,
    officials,
    problems,
    public_tips,
    registers,
    tips,
)

MODULES = (access, deductions, documents, genesis, imports, officials, problems, public_tips, registers, tips)
