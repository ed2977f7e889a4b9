"""问题: verified, in the ledger, to be struck off.

`evidence` is a list of {sha256, size, media_type}; `shows` names which of the kinds of evidence that the item demands
(catalogue.adopted) are among what was handed in.
"""

import re
from typing import Any

from domain.base import CreatedEvent, DomainEvent

COMPANY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a company's id; a unit's code has digits only
Evidence = list[dict[str, str | int]]


class ProblemOpened(CreatedEvent):
    """问题已入账: with 责任单位, 责任人 and 完成时限. `owner` is a person's id; `unit` the town that answers for it.

    kind (整改类型): at_once 立行立改 | by_deadline 限期整改 | by_plan 整改计划. `calendar` and `catalogue` are the versions it
    was decided by; `due_tentative` (暂定): the deadline lies beyond the last adopted calendar year; `import` {batch, row} if
    it came with a list.
    """

    TOPIC = "problem.opened"
    number: str
    unit: str
    estate: str
    item: str
    title: str
    description: str
    found_on: str
    kind: str
    responsible: str  # 责任单位: id of a company, or code of a unit
    owner: str
    measures: str
    due_on: str
    catalogue: int
    calendar: int
    company: str | None = None
    secondary: list[str] | None = None
    tip: str | None = None
    due_tentative: bool | None = None
    evidence: Evidence | None = None
    import_: dict[str, str | int] | None = None


class ProblemAssigned(DomainEvent):
    """问题已交办: to the official who handles it (经办人)."""

    TOPIC = "problem.assigned"
    handler: str
    note: str | None = None


class ProblemCorrected(DomainEvent):
    """问题登记已更正: what was entered wrongly; the members that change, and only they. What stood there stays in the log."""

    TOPIC = "problem.corrected"
    reason: str
    title: str | None = None
    item: str | None = None
    description: str | None = None
    found_on: str | None = None
    kind: str | None = None
    responsible: str | None = None
    owner: str | None = None
    measures: str | None = None


def company_after(company: str | None, responsible: str, correction: dict[str, Any]) -> str | None:
    """物业服务企业 of a problem once the data of a correction hold: a company that is the right 责任单位 answers for itself;
    where a unit is, a company that stood there only because it was thought to be responsible has nothing to do with it.
    """
    now = correction.get("responsible", responsible)
    if now == responsible:
        return company
    return now if COMPANY.fullmatch(now) else None if company == responsible else company


class ProblemOwnerChanged(DomainEvent):
    """责任人已变更: another person answers for it from now on; who answered until then was entered rightly."""

    TOPIC = "problem.owner_changed"
    owner: str
    reason: str


class ProblemStepRecorded(DomainEvent):
    """整改步骤已记录"""

    TOPIC = "problem.step_recorded"
    note: str
    evidence: Evidence | None = None
    shows: list[str] | None = None


class ProblemCompletionReported(DomainEvent):
    """整改完成已报告: completed_on is the day the company finished."""

    TOPIC = "problem.completion_reported"
    note: str
    completed_on: str
    evidence: Evidence | None = None
    shows: list[str] | None = None


class ProblemRectificationVerified(DomainEvent):
    """整改核查通过: method is on_site 现场 | on_paper 书面."""

    TOPIC = "problem.rectification_verified"
    method: str
    note: str
    evidence: Evidence | None = None


class ProblemRectificationRefused(DomainEvent):
    """整改核查不通过: says what is missing (补充要求)."""

    TOPIC = "problem.rectification_refused"
    reason: str
    evidence: Evidence | None = None


class ProblemClosed(DomainEvent):
    """问题已销号"""

    TOPIC = "problem.closed"
    note: str | None = None


class ProblemReopened(DomainEvent):
    """问题已重开: it came back, or a re-check found it unmended; the close-out stands as it was."""

    TOPIC = "problem.reopened"
    reason: str
    due_on: str


class ProblemClosureRevoked(DomainEvent):
    """销号已撤销: the close-out was false from the start; published figures are corrected (更正). `closed` is its version."""

    TOPIC = "problem.closure_revoked"
    reason: str
    closed: int
    due_on: str
