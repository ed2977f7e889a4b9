"""Matters for tests: tips and problems brought to where a test begins, by the ordinary commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Receipt
from application.problems.commands import (
    AssignProblem,
    CloseProblem,
    CorrectProblem,
    Findings,
    OpenProblem,
    RecordStep,
    ReportCompletion,
    VerifyRectification,
)
from application.problems.evidence import Upload
from application.tips.commands import AcceptTip, AcknowledgeTip, AssignTip, RegisterTip, VerifyTip
from domain.problems.problem import Problem
from domain.tips.tip import Tip
from domain.values import Actor
from tests.cities import TOWN, City

PHOTO = Upload("image/png", b"\x89PNG not looked into by the ledger")
LATER = Upload("image/png", b"\x89PNG taken afterwards")
TOLD = "楼道里的灯坏了三个月，打电话给物业一直没有人来修，老人晚上下楼摔了一跤"


@dataclass
class Matters:
    city: City

    def do(self, kind: type[Command], actor: Actor, /, **members: Any) -> Receipt:
        return self.city.ledger.handle(kind(id=uuid4(), actor=actor, **members))

    def tip(self, **members: Any) -> UUID:
        members = {"channel": "12345", "received_on": self.city.ledger.today, "text": TOLD} | members
        return self.do(RegisterTip, self.city.desk, **members).stream

    def seen(self, kind: type, id: UUID) -> int:
        return self.city.ledger.fetch(kind, id).version

    def on_tip(self, kind: type[Command], actor: Actor, tip: UUID, /, **members: Any) -> Receipt:
        return self.do(kind, actor, tip=tip, **{"seen": self.seen(Tip, tip)} | members)

    def verified_tip(self, result: str = "true", evidence: tuple[Upload, ...] = ()) -> UUID:
        tip, handler = self.tip(), self.city.actor("town_handler")
        self.on_tip(AcceptTip, self.city.desk, tip)
        self.on_tip(AssignTip, self.city.desk, tip, unit=TOWN, due_on=self.in_days(10))
        self.on_tip(AcknowledgeTip, handler, tip)
        estate = None if result == "false" else self.city.estate()
        found = {"finding": "现场查看，照明缺失", "estate": estate, "evidence": evidence}
        self.on_tip(VerifyTip, handler, tip, result=result, **found)
        return tip

    def in_days(self, days: int) -> date:
        return self.city.ledger.today + timedelta(days)

    def findings(self, **members: Any) -> Findings:
        company = self.city.company()
        return Findings(
            **{
                "estate": self.city.estate(),
                "item": "1.1",
                "title": "楼道照明损坏未修复",
                "description": "三号楼楼道照明损坏",
                "found_on": self.city.ledger.today,
                "kind": "by_deadline",
                "responsible": str(company),
                "owner": self.city.person(self.city.actor("town_handler")),
                "measures": "更换灯具并建立巡查",
                "due_on": self.in_days(14),
                "company": company,
            }
            | members
        )

    def stands(self, problem: UUID, **members: Any) -> Findings:
        """What the ledger says of a problem now, but for these members: what a correction begins with."""
        said = self.city.ledger.fetch(Problem, problem).stated
        ids = {
            name: said[name] and UUID(said[name])
            for name in ("estate", "owner", "company", "supervisor", "case_leader")
        }
        days = {name: date.fromisoformat(said[name]) for name in ("found_on", "due_on")}
        return Findings(**said | ids | days | {"secondary": tuple(said["secondary"] or ())} | members)

    def correct(self, problem: UUID, reason: str = "登记时填错", **members: Any) -> Receipt:
        now = self.stands(problem, **members)
        return self.on_problem(CorrectProblem, self.city.actor("town_handler"), problem, reason=reason, findings=now)

    def problem(self, **members: Any) -> UUID:
        return self.do(OpenProblem, self.city.actor("town_handler"), findings=self.findings(**members)).stream

    def on_problem(self, kind: type[Command], actor: Actor, problem: UUID, /, **members: Any) -> Receipt:
        return self.do(kind, actor, problem=problem, **{"seen": self.seen(Problem, problem)} | members)

    def reported_problem(self, **members: Any) -> UUID:
        problem, handler = self.problem(**members), self.city.actor("town_handler")
        self.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
        self.on_problem(RecordStep, handler, problem, note="已更换灯具", evidence=(PHOTO,))
        self.on_problem(ReportCompletion, handler, problem, note="已完成", completed_on=self.city.ledger.today)
        return problem

    def verified_problem(self, **members: Any) -> UUID:
        problem = self.reported_problem(**members)
        verifier = self.city.actor("town_verifier")
        self.on_problem(VerifyRectification, verifier, problem, method="on_site", note="照明正常")
        return problem

    def closed_problem(self) -> UUID:
        problem = self.verified_problem()
        self.on_problem(CloseProblem, self.city.actor("town_closer"), problem)
        return problem
