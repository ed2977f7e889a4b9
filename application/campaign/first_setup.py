"""What a new instance starts with: the campaign, its documents, the 14 towns and the departments. 初始设置"""

from __future__ import annotations

from uuid import uuid4

from application.campaign.documents import AdoptDocument, OpenCampaign
from application.core.ledger import Ledger
from application.registers.registers import RegisterUnit
from domain import data
from domain.values import Actor


def set_up(ledger: Ledger, administrator: Actor) -> None:
    """Ordinary commands by the administrator."""
    ledger.handle(OpenCampaign(id=uuid4(), actor=administrator, **data.read("campaign")))
    for kind in ("catalogue", "calendar", "score_table"):
        ledger.handle(AdoptDocument(id=uuid4(), actor=administrator, kind=kind, members=data.read(kind)))
    for unit in data.read("units"):
        ledger.handle(RegisterUnit(id=uuid4(), actor=administrator, **unit))
