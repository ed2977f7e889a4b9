"""What can be asked of the ledger of problems. 问题命令"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.core.command import Command
from application.problems.evidence import Upload


@dataclass(frozen=True)
class Mended:
    """What was mended on the spot (立行立改), and how it looks now."""

    note: str
    evidence: tuple[Upload, ...]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What has to be said of a problem: `responsible` is a company's id or a unit's code; owner, supervisor (监管责任人) and
    case_leader (包案领导) are persons' ids. `handler`, an official's, is whom it is assigned to as it is entered; `mended`: there is nothing left to do but to close it.
    """

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
    supervisor: UUID | None = None
    case_leader: UUID | None = None
    found_by: str | None = None
    source: str | None = None
    handler: UUID | None = None
    mended: Mended | None = None


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
    """更正问题登记: what ought to stand there, all of it; what is the same already is not written."""

    reason: str
    findings: Findings


@dataclass(frozen=True, kw_only=True)
class VoidProblem(OnProblem):
    """作废问题: `duplicate_of` is the number in the ledger of the problem that it was entered twice with."""

    reason: str
    duplicate_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class VoidProblems(Command):
    """批量作废: of an import that should not have been; the rows that they came from are unknown from now on."""

    problems: tuple[UUID, ...]
    reason: str


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
class RectifyAtOnce(OnProblem):
    """当场整改: of 立行立改, what was mended on the spot."""

    note: str
    evidence: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inspection(OnProblem):
    """`second_inspector` is the person who was there too (双人核查)."""

    evidence: tuple[Upload, ...] = ()
    inspected_on: date | None = None
    second_inspector: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class VerifyRectification(Inspection):
    """核查通过"""

    method: str
    note: str


@dataclass(frozen=True, kw_only=True)
class RefuseRectification(Inspection):
    """核查退回"""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CloseProblem(OnProblem):
    """销号"""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefuseClosure(OnProblem):
    """销号退回"""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReopenProblem(OnProblem):
    """重新整改: cause is relapse, recheck, complaint or order."""

    cause: str
    reason: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class RevokeClosure(OnProblem):
    """撤销销号"""

    reason: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class RequestExtension(OnProblem):
    """申请延期"""

    due_on: date
    reason: str
    measures: str


@dataclass(frozen=True, kw_only=True)
class GrantExtension(OnProblem):
    """批准延期"""

    due_on: date
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefuseExtension(OnProblem):
    """不予延期"""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PauseProblem(OnProblem):
    """暂停整改"""

    reason: str
    until: date


@dataclass(frozen=True, kw_only=True)
class ResumeProblem(OnProblem):
    """恢复整改"""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class UrgeProblem(OnProblem):
    """催办"""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class UrgeProblems(Command):
    """批量催办: one event for each; what was closed meanwhile is left as it is."""

    problems: tuple[UUID, ...]
    note: str | None = None
