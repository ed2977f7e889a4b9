"""What some problems have beside their steps: more time, a pause, a reminder, a correction, an inspection of the city's. 演练情节"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from application.problems.commands import (
    CorrectProblem,
    Findings,
    GrantExtension,
    OpenProblem,
    PauseProblem,
    RequestExtension,
    ResumeProblem,
    UrgeProblem,
    VoidProblem,
)
from domain.problems.problem import Problem
from domain.problems.terms import TOWN_EXTENDS

Life = Generator[timedelta, None, Any]
CITY = "320581"


def turns(matter: Any, problem: UUID) -> Life:
    """Most have none; it is assigned, and its deadline is to come."""
    turn = matter.rng.choices([None, extended, paused, urged, corrected], [62, 14, 6, 10, 8])[0]
    if turn is not None:
        yield from turn(matter, problem)


def extended(matter: Any, problem: UUID) -> Life:
    found = matter.city.ledger.fetch(Problem, problem)
    today, due = matter.city.ledger.today, date.fromisoformat(found.due_on)
    if today > due:
        return
    until = due + timedelta(matter.rng.choice([10, 15, 20, TOWN_EXTENDS + 15]))
    matter.on_problem(
        RequestExtension, matter.actor("town_handler"), problem,
        due_on=until, reason="配件采购周期较长，预计到货后十日内完成", measures="先行设置警示，并在公示栏告知业主",
    )  # fmt: skip
    yield matter.days(0.2, 2)
    longer = (until - due).days > TOWN_EXTENDS
    decider = matter.actor("city_decider", CITY) if longer else matter.actor("town_closer")
    matter.on_problem(GrantExtension, decider, problem, due_on=until, note="同意，请按新的时限完成")


def paused(matter: Any, problem: UUID) -> Life:
    found, today = matter.city.ledger.fetch(Problem, problem), matter.city.ledger.today
    if today.isoformat() > found.due_on:
        return
    matter.on_problem(
        PauseProblem, matter.actor("town_closer"), problem, reason="低温雨雪，室外无法施工", until=today + timedelta(20)
    )
    yield matter.days(4, 15)
    matter.on_problem(ResumeProblem, matter.actor("town_handler"), problem, note="天气转好，恢复施工")


def urged(matter: Any, problem: UUID) -> Life:
    yield matter.days(1, 4)
    matter.on_problem(UrgeProblem, matter.desk, problem, note="请抓紧办理，按时申报")


def corrected(matter: Any, problem: UUID) -> Life:
    """Entered with the wrong estate."""
    yield matter.days(0.1, 1)
    found, handler = matter.city.ledger.fetch(Problem, problem), matter.actor("town_handler")
    said = found.stated
    others = [estate for estate, _company in matter.city.estates[matter.town] if str(estate) != said["estate"]]
    findings = Findings(
        estate=matter.rng.choice(others), item=said["item"], title=said["title"], description=said["description"],
        found_on=date.fromisoformat(said["found_on"]), kind=said["kind"], responsible=said["responsible"],
        owner=UUID(said["owner"]), measures=said["measures"], due_on=date.fromisoformat(said["due_on"]),
        company=said["company"] and UUID(said["company"]), found_by=said["found_by"], source=said["source"],
    )  # fmt: skip
    matter.on_problem(CorrectProblem, handler, problem, reason="登记时小区选错", findings=findings)


def inspected(matter: Any, findings: Findings) -> UUID:
    """监督检查: the city's desk finds it, and the town has it from then on."""
    receipt = matter.do(OpenProblem, matter.desk, findings=findings, evidence=(matter.photo("整改前"),))
    return UUID(str(receipt.stream))


def entered_twice(matter: Any, findings: Findings, original: UUID) -> Life:
    """Somebody enters it once more, and it is voided."""
    yield matter.days(1, 3)
    number = matter.city.ledger.fetch(Problem, original).number
    double = matter.do(OpenProblem, matter.actor("town_verifier"), findings=findings).stream
    yield matter.days(0.5, 3)
    matter.on_problem(
        VoidProblem, matter.actor("town_closer"), double, reason="与已入账的问题为同一件事", duplicate_of=number
    )
