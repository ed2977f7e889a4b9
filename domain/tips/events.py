"""问题线索: what somebody reported, not yet verified. Its text, reporter, contact and files lie in the vault."""

from domain.base import CreatedEvent, DomainEvent


class TipRegistered(CreatedEvent):
    """线索已登记: `commits` {text, reporter, contact, files} (docs/format.md §10.1); `import` {batch, row} if imported."""

    TOPIC = "tip.registered"
    channel: str
    received_on: str
    commits: dict[str, str]
    import_: dict[str, str | int] | None = None


class TipAccepted(DomainEvent):
    """线索已受理: `basis` (依据) is what a decision rests on: an article, or a sentence of the notice."""

    TOPIC = "tip.accepted"
    item: str | None = None  # 初判条目
    note: str | None = None
    basis: str | None = None


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


class TipBecameProblems(DomainEvent):
    """线索已转问题: the ids of the problems that it became."""

    TOPIC = "tip.became_problems"
    problems: list[str]


class TipAnswered(DomainEvent):
    """线索已答复反馈"""

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
