"""Small values that several aggregates speak of."""

from __future__ import annotations

from dataclasses import dataclass


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
