"""Which town a tip belongs to: the one that its estate is registered in. 按小区建议镇（街道）"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from projections.registers import EstateItem

SHORTEST = 3  # characters of a name that is looked for in a text: shorter ones are words of everyday speech


def label(estate: EstateItem) -> str:
    """How an estate is picked from the list: two towns may have one of the same name."""
    return f"{estate.unit_name or estate.unit} · {estate.name}"


def find(typed: str | None, estates: list[EstateItem]) -> EstateItem | None:
    """The estate that was picked, or the only one of this name or alias; None if there is none, or more than one."""
    picked = [one for one in estates if typed == label(one)]
    named = picked or [one for one in estates if typed in (one.name, *one.aliases)]
    return named[0] if len(named) == 1 else None


def recognised(text: str, estates: list[EstateItem]) -> EstateItem | None:
    """The one estate that a text names. What two estates could be is nobody's."""
    names = {
        (name, one.id): one
        for one in estates
        for name in (one.name, *one.aliases)
        if len(name) >= SHORTEST and name in text
    }
    longest = [
        one for (name, _id), one in names.items() if not any(name != other and name in other for other, _ in names)
    ]
    return longest[0] if len({one.id for one in longest}) == 1 else None


def why(estate: EstateItem) -> Any:
    town = estate.unit_name or estate.unit
    return _("建议交办%(town)s。依据：小区“%(name)s”登记于%(town)s", town=town, name=estate.name)
