"""身份打开: who told us, or what exactly, is opened by request, reason and a second person; never in the tip's own stream."""

from domain.base import CreatedEvent, DomainEvent


class DisclosureRequested(CreatedEvent):
    """已申请打开身份: `fields` of the tip (text | reporter | contact | files); `unit` is the unit that asks."""

    TOPIC = "disclosure.requested"
    unit: str
    tip: str
    fields: list[str]
    reason: str


class DisclosureApproved(DomainEvent):
    """已批准打开身份"""

    TOPIC = "disclosure.approved"
    note: str | None = None


class DisclosureDeclined(DomainEvent):
    """未批准打开身份"""

    TOPIC = "disclosure.declined"
    reason: str


class DisclosureOpened(DomainEvent):
    """身份已打开: each showing is an event of its own."""

    TOPIC = "disclosure.opened"
    fields: list[str]
