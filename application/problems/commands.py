"""What can be asked of the ledger of problems. 问题命令"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.core.command import Command
from application.problems.evidence import Upload


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What has to be said of a problem: `responsible` is a company's id or a unit's code, `owner` a person's id."""

    estate: UUID
    item: str
    title: str
    description: str
    found_on: date
    kind: str
    responsible: str
    owner: UUID
    measures: str
    due_on: date
    company: UUID | None = None
    secondary: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpenProblem(Command):
    """问题入账: `evidence` is how it looked when it was found; `source` and `number` name it in a ledger elsewhere (补录).

    `batch`, `row` if imported. What was entered elsewhere on `occurred_on` has the deadline that it was given then.
    """

    findings: Findings
    evidence: tuple[Upload, ...] = ()
    source: str = ""
    number: str = ""
    batch: UUID | None = None
    row: int = 0


@dataclass(frozen=True, kw_only=True)
class OnProblem(Command):
    """`seen` is the version that the person was looking at."""

    problem: UUID
    seen: int


@dataclass(frozen=True, kw_only=True)
class AssignProblem(OnProblem):
    """交办问题: `handler` is an official's id."""

    handler: UUID
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class CorrectProblem(OnProblem):
    """更正问题登记: what ought to stand there; what is the same already is not written."""

    reason: str
    title: str
    item: str
    description: str
    found_on: date
    kind: str
    responsible: str
    owner: UUID
    measures: str


@dataclass(frozen=True, kw_only=True)
class RecordStep(OnProblem):
    """记录整改步骤: `shows` names the demanded kinds that are among the evidence."""

    note: str
    evidence: tuple[Upload, ...] = ()
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportCompletion(OnProblem):
    """申报整改完成"""

    note: str
    completed_on: date
    evidence: tuple[Upload, ...] = ()
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VerifyRectification(OnProblem):
    """核查通过"""

    method: str
    note: str
    evidence: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RefuseRectification(OnProblem):
    """核查退回"""

    reason: str
    evidence: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CloseProblem(OnProblem):
    """销号"""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReopenProblem(OnProblem):
    """重新整改"""

    reason: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class RevokeClosure(OnProblem):
    """撤销销号"""

    reason: str
    due_on: date
