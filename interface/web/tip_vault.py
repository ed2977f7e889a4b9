"""What stands beside a tip of its vault: requests for the identity, who has read it. 线索的保密情况"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g

from interface.web import readings
from interface.web.disclosures import may_ask
from projections import disclosures
from projections.tips_desk import TipItem


def beside(cursor: Any, item: TipItem) -> dict[str, Any]:
    """For the template: `disclosures`, `may_ask`, `readings` (None: not for this role), `recused` in words."""
    return {
        "disclosures": disclosures.disclosures(cursor, g.scope, tip=item.id, at=g.at).rows,
        "may_ask": may_ask() and item.tip.shredded_on is None,
        "readings": readings.of_tip(UUID(item.id)) if g.at is None else None,
        "recused": "、".join(g.people.unit(code) for code in (item.tip.recused or "").split()),
    }
