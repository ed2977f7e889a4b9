"""Small values that several aggregates speak of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CITY = "320581"  # the code that every unit's code begins with


@dataclass(frozen=True)
class Actor:
    """办理人: who acts, in one granted role and for one unit: an official, a job (`system:<job>`) or the `public`.

    `accounts` are all officials that are the same natural person, this one included: four eyes are two persons.
    `signer` gives the key of whoever gave the password or is signed in; without it only a training log signs for officials.
    """

    id: str
    role: str
    unit: str
    accounts: frozenset[str] = frozenset()
    signer: Callable[[], Any] | None = field(default=None, repr=False, compare=False)

    def is_same_person_as(self, official: str | None) -> bool:
        return official is not None and (official == self.id or official in self.accounts)
