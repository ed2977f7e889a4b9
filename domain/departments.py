"""Which department leads on an item of the catalogue, and why. 牵头部门

Data of domain/data/departments.json: a proposal for whoever weighs a matter; nothing is decided by it.
"""

from __future__ import annotations

from typing import NamedTuple

from domain import data


class Lead(NamedTuple):
    """`unit` is a department's code; `reason` and `note` are sentences for people."""

    unit: str
    reason: str
    note: str


def lead_of(item: str | None) -> Lead | None:
    """None where no item is known yet, or where any department may be concerned (兜底)."""
    departments = data.read("departments")
    if (unit := departments["items"].get(item or "")) is None:
        return None
    return Lead(unit, departments["reasons"][unit], departments["note"])
