"""信用扣分: points of a company, in tenths; never without a problem in the ledger."""

from domain.base import CreatedEvent, DomainEvent


class DeductionProposed(CreatedEvent):
    """扣分已提请: cites a problem at a version, and a row of the score table in force. `unit` is the town that proposes."""

    TOPIC = "deduction.proposed"
    company: str
    problem: str
    problem_version: int
    unit: str
    score_table: int
    score_code: str
    points_x10: int
    reason: str


class DeductionDecided(DomainEvent):
    """扣分已决定: `document` is the number of the 告知单."""

    TOPIC = "deduction.decided"
    points_x10: int
    document: str
    decided_on: str
    note: str | None = None


class DeductionServed(DomainEvent):
    """告知单已送达: from this day the company's term for objecting runs. `way` is one of deduction.WAYS."""

    TOPIC = "deduction.served"
    served_on: str
    way: str
    note: str | None = None


class DeductionDeclined(DomainEvent):
    """扣分未采纳"""

    TOPIC = "deduction.declined"
    reason: str
