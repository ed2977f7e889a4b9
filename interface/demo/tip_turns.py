"""The way of a generated tip to the town that verifies it, and what some have besides. 演练线索"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from application.tips.commands import (
    AcceptTip,
    AcknowledgeTip,
    AssignTip,
    DeclineTip,
    InformReporter,
    MarkTipUrgent,
    ReassignTip,
    RecallTip,
    RegisterTip,
    ReopenTip,
    ReturnTip,
    TakeUpTip,
)
from domain.tips.tip import CHANNELS
from interface.demo.texts import DECLINED, RETURNED

Life = Generator[timedelta, None, Any]
OWN = ("hotline", "mail")  # a town has its own telephone and letter box


def handed_on(matter: Any) -> Life:
    """From registration until the town has signed for it; gives the tip's id, or None if it ends here."""
    channel = matter.rng.choices(list(CHANNELS), [25, 8, 40, 10, 7, 10, 0])[0]
    if channel in OWN and matter.chance(0.4):
        tip = registered(matter, channel, matter.actor("town_handler"))
        yield matter.days(0.05, 1)
        matter.on_tip(TakeUpTip, matter.actor("town_handler"), tip, due_on=matter.due(10))
        return tip
    tip = registered(matter, channel, matter.desk)
    yield matter.days(0.05, 1)
    if matter.chance(0.08):
        matter.on_tip(DeclineTip, matter.desk, tip, **matter.rng.choice(DECLINED))
        return None
    matter.on_tip(AcceptTip, matter.desk, tip, item=matter.item, summary=matter.title)
    if matter.item.startswith("1.4") and matter.chance(0.5):
        matter.on_tip(MarkTipUrgent, matter.desk, tip, reason="存在安全隐患，须当日到场查看")
    yield from assigned(matter, tip)
    yield matter.days(0.1, 2)
    matter.on_tip(AcknowledgeTip, matter.actor("town_handler"), tip)
    if matter.chance(0.2):
        matter.on_tip(InformReporter, matter.actor("town_handler"), tip, kind="accepted", answer="已受理，将到现场核查")
    return tip


def registered(matter: Any, channel: str, by: Any) -> UUID:
    """A tip taken down by this desk."""
    receipt = matter.do(
        RegisterTip, by, channel=channel, received_on=matter.city.ledger.today,
        text=f"{matter.told}（演练线索 {matter.number}）", reporter="演练群众", source="演练", number=f"YL-{uuid4()}",
    )  # fmt: skip
    stream: UUID = receipt.stream
    return stream


def assigned(matter: Any, tip: UUID) -> Life:
    """To its town; now and then to a wrong one first, which returns it, or from which the city takes it."""
    if matter.chance(0.1):
        wrong = matter.rng.choice([town for town in matter.city.towns if town != matter.town])
        matter.on_tip(AssignTip, matter.desk, tip, unit=wrong, due_on=matter.due(10))
        yield matter.days(0.3, 2)
        way = matter.rng.choice(["return", "recall", "reassign"])
        if way == "reassign":
            term = {"unit": matter.town, "due_on": matter.due(10), "reason": "所涉小区不在该镇（街道）"}
            matter.on_tip(ReassignTip, matter.desk, tip, **term)
            return
        if way == "recall":
            matter.on_tip(RecallTip, matter.desk, tip, reason="所涉小区不在该镇（街道）")
        else:
            matter.on_tip(ReturnTip, matter.actor("town_handler", wrong), tip, **RETURNED)
    yield matter.days(0.05, 0.6)
    matter.on_tip(AssignTip, matter.desk, tip, unit=matter.town, due_on=matter.due(10))


def answered(matter: Any, tip: UUID) -> Life:
    """Some are not content with an answer: the tip is verified again."""
    if matter.chance(0.2):
        yield matter.days(2, 9)
        term = {"cause": "complaint", "reason": "举报人对答复有异议", "due_on": matter.due(10)}
        matter.on_tip(ReopenTip, matter.desk, tip, **term)
        yield matter.days(1, 4)
