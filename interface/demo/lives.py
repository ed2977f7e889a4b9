"""The life of one generated matter, act by act; each `yield` is the time until the next one. 演练事项"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from random import Random
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageDraw

from application.campaign.documents import in_force
from application.deductions.deductions import DecideDeduction, DeclineDeduction, ProposeDeduction, ServeDeduction
from application.problems.commands import (
    AssignProblem,
    CloseProblem,
    Findings,
    Mended,
    RecordStep,
    RefuseClosure,
    RefuseRectification,
    ReopenProblem,
    ReportCompletion,
    RevokeClosure,
    VerifyRectification,
)
from application.problems.evidence import Upload
from application.tips.commands import (
    AnswerTip,
    TurnTipIntoProblems,
    VerifyTip,
)
from domain.campaign.documents import Calendar, Catalogue, ScoreTable
from domain.deductions.deduction import WAYS, Deduction
from domain.problems.problem import Problem
from domain.problems.values import specific
from domain.tips.tip import Tip
from domain.values import Actor
from interface.demo.people import City
from interface.demo.texts import FINDINGS, MATTERS, REFUSALS, STEPS
from interface.demo.tip_turns import answered, handed_on
from interface.demo.turns import entered_twice, inspected, turns

Life = Generator[timedelta, None, Any]


class Matter:
    """One tip and what becomes of it, decided by dice."""

    def __init__(self, city: City, rng: Random, number: int, claims: Any) -> None:
        self.city, self.rng, self.number, self.claims = city, rng, number, claims
        self.town = rng.choice(city.towns)
        self.item = rng.choice(list(MATTERS))
        self.title, self.wrong, self.measures, self.told = MATTERS[self.item]

    def actor(self, role: str, unit: str | None = None) -> Actor:
        return self.city.actors[role, unit or self.town]

    @property
    def desk(self) -> Actor:
        return self.actor("city_desk", "320581")

    def do(self, kind: type, actor: Actor, /, **members: Any) -> Any:
        return self.city.do(kind, actor, **members, **self.claims())

    def days(self, least: float, most: float) -> timedelta:
        return timedelta(days=self.rng.uniform(least, most))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def due(self, working_days: int) -> Any:
        return in_force(self.city.ledger, Calendar).days.after(self.city.ledger.today, working_days)

    def live(self) -> Life:
        if self.chance(0.08):
            estate, company = self.rng.choice(self.city.estates[self.town])
            found = self._findings(estate, company, found_by="inspection", source="督导检查反馈清单")
            yield from self._rectified(inspected(self, found), UUID(str(company)))
            return
        tip = yield from handed_on(self)
        if tip is None:
            return
        yield self.days(1, 6)
        result = self.rng.choices(["true", "partly", "false"], [70, 18, 12])[0]
        estate, company = self.rng.choice(self.city.estates[self.town])
        handler = self.actor("town_handler")
        self.on_tip(
            VerifyTip,
            handler,
            tip,
            result=result,
            finding=FINDINGS[result],
            estate=None if result == "false" else estate,
            evidence=() if result == "false" else (self.photo("整改前"),),
        )
        yield self.days(0.1, 1.5)
        if result == "false":
            self.on_tip(AnswerTip, handler, tip, answer="经核查未发现所反映情况，感谢监督")
            yield from answered(self, tip)
            return
        findings = self._findings(estate, company)
        problem = self.on_tip(TurnTipIntoProblems, handler, tip, problems=(findings,)).stream
        if self.chance(0.04):
            yield from entered_twice(self, replace(findings, found_on=self.city.ledger.today, mended=None), problem)
        yield from self._rectified(problem, UUID(str(company)))

    def _findings(self, estate: UUID, company: UUID, **more: Any) -> Findings:
        handler = self.actor("town_handler")
        kind, term = self.rng.choice([("at_once", 5), ("by_deadline", 15), ("by_deadline", 22), ("by_plan", 45)])
        alike = not specific(in_force(self.city.ledger, Catalogue).item(self.item)["evidence"])
        if kind == "at_once" and alike and not more and self.chance(0.6):
            more = {"mended": Mended("现场督促，当场整改到位", (self.photo("整改后"),))}
        return Findings(
            estate=estate,
            item=self.item,
            title=self.title,
            description=self.wrong,
            found_on=self.city.ledger.today,
            kind=kind,
            responsible=str(company),
            owner=self.city.persons[handler.id],
            measures=self.measures,
            due_on=self.due(term),
            company=company,
            **more,
        )

    def _rectified(self, problem: UUID, company: UUID) -> Life:
        handler = self.actor("town_handler")
        yield self.days(0.1, 2)
        if self.city.ledger.fetch(Problem, problem).state == "verified":  # mended on the spot
            self.on_problem(CloseProblem, self.actor("town_closer"), problem)
            return
        self.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
        yield from turns(self, problem)
        if self.chance(0.12):
            yield from self._deducted(problem)
        slow = self.rng.choice([1, 1, 1, 2, 4])
        for note in self.rng.sample(STEPS, self.rng.randint(1, 3)):
            yield self.days(1, 6) * slow
            taken = drawing(0, "") if self.chance(USED_TWICE) else self.photo(note)
            self.on_problem(RecordStep, handler, problem, note=note, evidence=(taken,))
        yield self.days(1, 5) * slow
        yield from self._judged(problem)
        if self.chance(0.05):
            yield self.days(20, 60)
            again = {"reason": "复查发现问题仍然存在", "due_on": self.due(15)}
            if self.chance(0.5):
                self.on_problem(ReopenProblem, self.actor("town_closer"), problem, cause="recheck", **again)
            else:
                self.on_problem(RevokeClosure, self.actor("city_decider", "320581"), problem, **again)
            yield self.days(2, 9)
            self.on_problem(RecordStep, handler, problem, note="再次整改", evidence=(self.photo("再次整改"),))
            yield from self._judged(problem)

    def _judged(self, problem: UUID) -> Life:
        handler, verifier = self.actor("town_handler"), self.actor("town_verifier")
        self._report(handler, problem)
        yield self.days(0.5, 4)
        while self.chance(0.15):
            self.on_problem(RefuseRectification, verifier, problem, reason=self.rng.choice(REFUSALS))
            yield self.days(1, 6)
            self._report(handler, problem)
            yield self.days(0.5, 3)
        self.on_problem(VerifyRectification, verifier, problem, method="on_site", note="现场查看，已按要求整改")
        yield self.days(0.2, 4)
        if self.chance(0.06):
            self.on_problem(
                RefuseClosure, self.actor("town_closer"), problem, reason="缺业主代表签字的验收记录，请补充"
            )
            yield self.days(1, 4)
            yield from self._judged(problem)
            return
        self.on_problem(CloseProblem, self.actor("town_closer"), problem)

    def _report(self, handler: Actor, problem: UUID) -> None:
        self.on_problem(
            ReportCompletion,
            handler,
            problem,
            note="已完成整改，申请核查",
            completed_on=self.city.ledger.today,
            evidence=(self.photo("整改后"),),
            shows=tuple(in_force(self.city.ledger, Catalogue).item(self.item)["evidence"]),
        )

    def _deducted(self, problem: UUID) -> Life:
        table = in_force(self.city.ledger, ScoreTable)
        rows = [row for row in table.members["rows"] if row["item"] == self.item] or table.members["rows"][:1]
        receipt = self.on_problem(
            ProposeDeduction,
            self.actor("town_handler"),
            problem,
            score_code=rows[0]["code"],
            points_x10=rows[0]["points_x10"],
            reason="督促后仍未及时整改",
        )
        deduction = receipt.stream
        yield self.days(2, 8)
        housing = self.actor("housing_decider", "320581-housing")
        seen = self.city.ledger.fetch(Deduction, deduction).version
        if self.chance(0.15):
            self.do(DeclineDeduction, housing, deduction=deduction, seen=seen, reason="情节轻微，予以提醒")
            return
        self.do(
            DecideDeduction,
            housing,
            deduction=deduction,
            seen=seen,
            points_x10=rows[0]["points_x10"],
            document=f"演练信用〔{self.city.ledger.today.year}〕{receipt.position}号",
            decided_on=self.city.ledger.today,
        )
        yield self.days(1, 5)
        self.do(
            ServeDeduction,
            self.actor("town_handler"),
            deduction=deduction,
            seen=self.city.ledger.fetch(Deduction, deduction).version,
            served_on=self.city.ledger.today,
            way=self.rng.choice(list(WAYS)),
        )

    def on_tip(self, kind: type, actor: Actor, tip: UUID, /, **members: Any) -> Any:
        return self.do(kind, actor, tip=tip, seen=self.city.ledger.fetch(Tip, tip).version, **members)

    def photo(self, label: str) -> Upload:
        """A new one each time, though many look alike."""
        return signed(drawing(self.number % 8, label), uuid4().hex)

    def on_problem(self, kind: type, actor: Actor, problem: UUID, /, **members: Any) -> Any:
        return self.do(kind, actor, problem=problem, seen=self.city.ledger.fetch(Problem, problem).version, **members)


USED_TWICE = 0.05  # the share of steps with one and the same photo, for whoever oversees to find
_PHOTOS: dict[tuple[int, str], Upload] = {}


def drawing(number: int, label: str) -> Upload:
    """A drawing that nobody takes for a real place."""
    if (number, label) not in _PHOTOS:
        rng = Random(number * 1000 + len(label))  # noqa: S311 (a drawing)
        image = Image.new("RGB", (640, 480), (214, 226, 238))
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 330, 640, 480), fill=(176, 186, 172))
        for floor in range(5):
            for window in range(7):
                left, top = 60 + window * 76, 40 + floor * 56
                lit = (250, 226, 150) if rng.random() < 0.6 else (98, 118, 140)
                draw.rectangle((left, top, left + 48, top + 36), fill=lit, outline=(70, 86, 104), width=2)
        draw.rectangle((0, 440, 640, 480), fill=(19, 54, 104))
        draw.text((16, 452), f"DRILL {number}", fill=(255, 255, 255))
        out = BytesIO()
        image.save(out, "JPEG", quality=70)
        _PHOTOS[number, label] = Upload("image/jpeg", out.getvalue())
    return _PHOTOS[number, label]


def signed(drawing: Upload, words: str) -> Upload:
    """The same picture as another file: with these words as its comment (JPEG, ITU-T T.81 B.2.4.5)."""
    start, rest = drawing.content[:2], drawing.content[2:]
    return Upload(drawing.media_type, start + b"\xff\xfe" + (2 + len(words)).to_bytes(2) + words.encode("ascii") + rest)
