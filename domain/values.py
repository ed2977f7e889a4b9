"""Small values that several aggregates speak of."""

from __future__ import annotations

from dataclasses import dataclass

CITY = "320581"  # the code that every unit's code begins with


@dataclass(frozen=True)
class Actor:
    """办理人: who acts, in one granted role and for one unit: an official, a job (`system:<job>`) or the `public`.

    `accounts` are all officials that are the same natural person, this one included: four eyes are two persons.
    """

    id: str
    role: str
    unit: str
    accounts: frozenset[str] = frozenset()

    def is_same_person_as(self, official: str | None) -> bool:
        return official is not None and (official == self.id or official in self.accounts)
