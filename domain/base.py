"""What every event of this service has in common. 领域事件的共同部分

A fact's own fields are its `data` in the log: text, whole numbers, booleans, lists and objects of these; days as ISO text;
a member that does not apply is None here and absent there. Who acted, in which role and for which unit stands in the
envelope; a fact only keeps `actor`, since rules about persons need it.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing import domain as library
from eventsourcing.utils import register_topic

ENVELOPE = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp", "actor", "acting_unit"})


class DomainEvent(library.Aggregate.Event):
    """Something that happened, and who answers for it.

    Once it was read back from the log, `timestamp` is recorded_at and `acting_unit` the unit that it was done for.
    """

    TOPIC: ClassVar[str]
    KINDS: ClassVar[dict[str, type[DomainEvent]]] = {}

    acting_unit = None  # no field: what is being decided now has none yet
    actor: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # The topic is stored and signed: it must outlive any move or renaming of the class.
        if "TOPIC" in cls.__dict__:
            register_topic(cls.TOPIC, cls)
            DomainEvent.KINDS[cls.TOPIC] = cls

    @property
    def data(self) -> dict[str, Any]:
        """The members of `data` in the log, without those that do not apply."""
        return {
            name.rstrip("_"): value for name, value in vars(self).items() if name not in ENVELOPE and value is not None
        }

    @staticmethod
    def named(data: dict[str, Any]) -> dict[str, Any]:
        """`data` under the names of the fields: `import` and `from` are words of Python, so those end in `_`."""
        return {f"{name}_" if iskeyword(name) else name: value for name, value in data.items()}

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)


class CreatedEvent(DomainEvent, library.Aggregate.Created):
    """The fact that begins a stream. The aggregate's topic is the topic's noun: `problem.opened` begins a `problem`."""


class Aggregate(library.Aggregate):
    """An aggregate: its verbs decide and trigger facts, `evolve` only remembers them."""

    TOPIC: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "TOPIC" in cls.__dict__:
            register_topic(cls.TOPIC, cls)

    def evolve(self, fact: DomainEvent) -> None:
        raise TypeError(f"{type(self).__name__} knows nothing of {fact!r}")


def public_id(origin: str, kind: str, key: str) -> UUID:
    """The id of a thing that is public by nature (unit, company, estate, catalogue, campaign): the same on every machine.

    Tips, officials and persons have random ids instead (docs/format.md §10.4): a number anybody can guess would name them.
    """
    return uuid5(uuid5(NAMESPACE_URL, origin), f"{kind}/{key}")
