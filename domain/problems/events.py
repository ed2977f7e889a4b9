"""问题: verified, in the ledger, to be struck off.

`evidence` is a list of {sha256, size, media_type, name?}, `name` only of documents, as the file was called; `shows` names which
of the kinds of evidence that the item demands (catalogue.adopted) are among what was handed in.
"""

from domain.base import CreatedEvent, DomainEvent

Evidence = list[dict[str, str | int]]


class ProblemOpened(CreatedEvent):
    """问题已入账: with 责任单位, 责任人 and 完成时限; `unit` is the town that answers for it.

    `owner` (整改责任人), `supervisor` (监管责任人) and `case_leader` (包案领导) are persons' ids. found_by: inspection 监督检查 |
    sweep 镇街排查 | self_check 企业自查 | tip 线索转办; `source` says from where in words, such as the number of a paper.

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
    supervisor: str | None = None
    case_leader: str | None = None
    found_by: str | None = None
    source: str | None = None
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
    """问题登记已更正: what was entered wrongly; the members that change, and only they. What stood there stays in the log.

    `cleared` names the members where nothing stands now. A corrected `due_on` was the deadline from the beginning.
    """

    TOPIC = "problem.corrected"
    reason: str
    title: str | None = None
    item: str | None = None
    secondary: list[str] | None = None
    estate: str | None = None
    description: str | None = None
    found_on: str | None = None
    kind: str | None = None
    responsible: str | None = None
    company: str | None = None
    owner: str | None = None
    supervisor: str | None = None
    case_leader: str | None = None
    measures: str | None = None
    due_on: str | None = None
    found_by: str | None = None
    source: str | None = None
    cleared: list[str] | None = None


class ProblemVoided(DomainEvent):
    """问题已作废: it should not have been entered; `duplicate_of` is the problem that it was entered twice with."""

    TOPIC = "problem.voided"
    reason: str
    duplicate_of: str | None = None


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


class ProblemRectifiedAtOnce(DomainEvent):
    """已当场整改: 立行立改, seen mended by whoever found it; it waits for the close-out by a second person."""

    TOPIC = "problem.rectified_at_once"
    note: str
    evidence: Evidence


class ProblemRectificationVerified(DomainEvent):
    """整改核查通过: method is on_site 现场 | on_paper 书面; `second_inspector` is the person who was there too (双人核查)."""

    TOPIC = "problem.rectification_verified"
    method: str
    note: str
    inspected_on: str | None = None
    second_inspector: str | None = None
    evidence: Evidence | None = None


class ProblemRectificationRefused(DomainEvent):
    """整改核查不通过: says what is missing (补充要求)."""

    TOPIC = "problem.rectification_refused"
    reason: str
    inspected_on: str | None = None
    second_inspector: str | None = None
    evidence: Evidence | None = None


class ProblemClosed(DomainEvent):
    """问题已销号: `verified` is the version of the verification that it rests on."""

    TOPIC = "problem.closed"
    verified: int
    note: str | None = None


class ProblemClosureRefused(DomainEvent):
    """销号审核退回: says what is missing (补充要求); rectification begins again, and with it reporting and verifying."""

    TOPIC = "problem.closure_refused"
    reason: str


class ProblemUrged(DomainEvent):
    """问题已催办"""

    TOPIC = "problem.urged"
    note: str | None = None


class ProblemExtensionRequested(DomainEvent):
    """已申请延期: until `due_on`; `measures` are what is done meanwhile (过渡期措施)."""

    TOPIC = "problem.extension_requested"
    due_on: str
    reason: str
    measures: str


class ProblemExtensionGranted(DomainEvent):
    """延期已批准: `due_on` is the deadline from now on, not always the one that was asked for."""

    TOPIC = "problem.extension_granted"
    due_on: str
    note: str | None = None


class ProblemExtensionRefused(DomainEvent):
    """延期未批准: the deadline stays."""

    TOPIC = "problem.extension_refused"
    reason: str


class ProblemPaused(DomainEvent):
    """整改已暂停: the clock stands from the day `since` on, no longer than up to the day `until`."""

    TOPIC = "problem.paused"
    reason: str
    since: str
    until: str


class ProblemResumed(DomainEvent):
    """整改已恢复: the clock goes on; `due_on` is the deadline, later by the days for which it stood."""

    TOPIC = "problem.resumed"
    due_on: str
    note: str | None = None


class ProblemReopened(DomainEvent):
    """问题已重开: the close-out stands as it was. cause: relapse 反弹 | recheck 复查不合格 | complaint 再次投诉 | order 上级交办."""

    TOPIC = "problem.reopened"
    cause: str
    reason: str
    due_on: str


class ProblemClosureRevoked(DomainEvent):
    """销号已撤销: the close-out was false from the start; published figures are corrected (更正). `closed` is its version."""

    TOPIC = "problem.closure_revoked"
    reason: str
    closed: int
    due_on: str
