"""问题线索: what somebody reported, not yet verified. Its text, reporter, contact and files lie in the vault."""

from domain.base import CreatedEvent, DomainEvent


class TipRegistered(CreatedEvent):
    """线索已登记: `commits` {text, reporter, contact, files} (docs/format.md §10.1); `import` {batch, row} if imported."""

    TOPIC = "tip.registered"
    channel: str
    received_on: str
    commits: dict[str, str]
    import_: dict[str, str | int] | None = None
    answer_due_on: str | None = None  # the last day of the channel's term for an answer (answer_term.py)


class TipAccepted(DomainEvent):
    """线索已受理: `basis` (依据) is what a decision rests on: an article, or a sentence of the notice."""

    TOPIC = "tip.accepted"
    item: str | None = None  # 初判条目
    note: str | None = None
    basis: str | None = None
    summary: str | None = None  # what it is about, in the official's own words: lists show it
    estate: str | None = None


class TipDeclined(DomainEvent):
    """线索不予受理: with the reason and where to turn to."""

    TOPIC = "tip.declined"
    reason: str
    turn_to: str | None = None
    basis: str | None = None


class TipAssigned(DomainEvent):
    """线索已交办: to a town, which has to answer for it from now on."""

    TOPIC = "tip.assigned"
    unit: str
    due_on: str
    note: str | None = None
    basis: str | None = None


class TipTakenUp(DomainEvent):
    """线索已自办: a town that received it by itself (its own hotline, its own letters) takes it up without the city."""

    TOPIC = "tip.taken_up"
    due_on: str
    note: str | None = None


class TipRecalled(DomainEvent):
    """线索已收回: the city takes it back, in whatever state and after any term; `unit` is the desk's."""

    TOPIC = "tip.recalled"
    reason: str
    unit: str


class TipReassigned(DomainEvent):
    """线索已改派: from one town to another, which has to sign for it anew."""

    TOPIC = "tip.reassigned"
    unit: str
    due_on: str
    reason: str


class TipAcknowledged(DomainEvent):
    """线索已签收"""

    TOPIC = "tip.acknowledged"


class TipReturned(DomainEvent):
    """线索已退回: by the town, to the city's desk; `unit` is the desk's, which answers for it again."""

    TOPIC = "tip.returned"
    reason: str
    unit: str
    basis: str | None = None


class TipVerified(DomainEvent):
    """线索核查已办结: result is true 属实 | partly 部分属实 | false 不属实."""

    TOPIC = "tip.verified"
    result: str
    finding: str
    estate: str | None = None
    evidence: list[dict[str, str | int]] | None = None
    replaces: int | None = None  # the version of the verification that this one takes the place of


class TipBecameProblems(DomainEvent):
    """线索已转问题: the ids of the problems that it became."""

    TOPIC = "tip.became_problems"
    problems: list[str]


class TipJoinedProblem(DomainEvent):
    """线索已并入问题: a problem that is known already is what it is about; no second one is made of it."""

    TOPIC = "tip.joined_problem"
    problem: str


class TipReporterInformed(DomainEvent):
    """举报人已告知: before the result; kind is accepted 受理告知 | interim 阶段答复."""

    TOPIC = "tip.reporter_informed"
    kind: str
    answer: str


class TipReopened(DomainEvent):
    """线索已重新办理: declined or answered, it is taken up again; cause is complaint | recheck | order | relapse.

    `of` is the version of the refusal or answer; `ordered_by`: who ordered it, if anybody; `due_on`: until when it is to be
    verified again.
    """

    TOPIC = "tip.reopened"
    of: int
    cause: str
    reason: str
    ordered_by: str | None = None
    due_on: str | None = None


class TipUrgentMarked(DomainEvent):
    """线索已列为紧急: danger to life or property; it stands first in every list from now on."""

    TOPIC = "tip.urgent_marked"
    reason: str


class TipAnswered(DomainEvent):
    """线索已答复反馈: the result; given again, the later one adds to the earlier."""

    TOPIC = "tip.answered"
    answer: str


class TipWithdrawn(DomainEvent):
    """线索已撤回: its registration was a mistake of the office (a wrong file, a wrong mapping); figures stop counting it."""

    TOPIC = "tip.withdrawn"
    reason: str


class TipUnitRecused(DomainEvent):
    """线索已回避: the tip complains about this unit, which is never given it and doesn't see it from now on."""

    TOPIC = "tip.unit_recused"
    recused: str
    reason: str


class TipShreddingProposed(DomainEvent):
    """线索已提请销毁: `order` is the number of the paper that orders it."""

    TOPIC = "tip.shredding_proposed"
    ground: str
    order: str | None = None


class TipShredded(DomainEvent):
    """线索内容已销毁: what was said and by whom can't be read by anybody again; this log goes on as it was."""

    TOPIC = "tip.shredded"
    ground: str
    order: str | None = None


class TipSupplemented(DomainEvent):
    """举报人已补充材料: `commits` {text, files}; what was added lies in the vault beside the tip's words."""

    TOPIC = "tip.supplemented"
    received_on: str
    commits: dict[str, str]


class LeadReferred(CreatedEvent):
    """检举线索已转送: a tip that accuses a public official; nothing but the day is kept here (docs/format.md §10.6)."""

    TOPIC = "lead.referred"
    day: str
