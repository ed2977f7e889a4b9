"""What can be asked of a tip, from its registration to its answer. 线索命令"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from application.core.command import Command
from application.problems.commands import Findings
from application.problems.evidence import Upload


@dataclass(frozen=True, kw_only=True)
class RegisterTip(Command):
    """登记线索: `source`, `number` name it elsewhere (12345 工单号); `batch`, `row` if imported; `against` a unit: 回避."""

    channel: str
    received_on: date
    text: str = field(repr=False)
    reporter: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    files: tuple[Upload, ...] = ()
    accuses_official: bool = False
    against: str = ""
    source: str = ""
    number: str = ""
    batch: UUID | None = None
    row: int = 0


@dataclass(frozen=True, kw_only=True)
class OnTip(Command):
    """`seen` is the version that the person was looking at."""

    tip: UUID
    seen: int


@dataclass(frozen=True, kw_only=True)
class AcceptTip(OnTip):
    """受理线索: rests on the articles of its item. `summary` says in the official's own words what it is about."""

    item: str | None = None
    note: str | None = None
    summary: str | None = None
    estate: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DeclineTip(OnTip):
    """不予受理: `basis` is one of the grounds of domain.laws; whoever is responsible stands in `turn_to`."""

    reason: str
    basis: str
    turn_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class AssignTip(OnTip):
    """交办线索: `estate` says why this town; another town than the estate's needs a note."""

    unit: str
    due_on: date
    note: str | None = None
    estate: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class TakeUpTip(OnTip):
    """自办线索: by the town that received it."""

    due_on: date
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecallTip(OnTip):
    """收回线索"""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReassignTip(OnTip):
    """改派线索: to another town."""

    unit: str
    due_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class AcknowledgeTip(OnTip):
    """签收线索"""


@dataclass(frozen=True, kw_only=True)
class ReturnTip(OnTip):
    """退回线索: `basis` is one of the grounds of domain.laws."""

    reason: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class VerifyTip(OnTip):
    """核查线索: `result` is true, partly or false."""

    result: str
    finding: str
    estate: UUID | None = None
    evidence: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TurnTipIntoProblems(OnTip):
    """线索转问题: one tip may hold several."""

    problems: tuple[Findings, ...]


@dataclass(frozen=True, kw_only=True)
class JoinProblem(OnTip):
    """线索并入问题: `number` is the problem's, as the ledger writes it."""

    number: str


@dataclass(frozen=True, kw_only=True)
class InformReporter(OnTip):
    """告知举报人: `kind` is accepted or interim."""

    kind: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class ReopenTip(OnTip):
    """重新办理线索"""

    cause: str
    reason: str
    ordered_by: str | None = None
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class MarkTipUrgent(OnTip):
    """线索列为紧急"""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AnswerTip(OnTip):
    """答复举报人"""

    answer: str


@dataclass(frozen=True, kw_only=True)
class WithdrawTips(Command):
    """撤回线索: all of these or none; each must still be as it was registered."""

    tips: tuple[UUID, ...]
    reason: str
