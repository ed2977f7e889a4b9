"""Which town a tip belongs to: the one that its estate is registered in. 按小区建议镇（街道）"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from projections import registers
from projections.query.scope import Scope
from projections.registers import EstateItem

SHORTEST = 3  # characters of a name that is looked for in a text: shorter ones are words of everyday speech

SHOWN = 5


def label(estate: EstateItem) -> str:
    """How an estate is picked from the list: two towns may have one of the same name."""
    return f"{estate.unit_name or estate.unit} · {estate.name}"


def find(typed: str | None, estates: list[EstateItem]) -> EstateItem | None:
    """The estate that was picked, or the only one of this name or alias; None if there is none, or more than one."""
    picked = [one for one in estates if typed == label(one)]
    named = picked or [one for one in estates if typed in (one.name, *one.aliases)]
    return named[0] if len(named) == 1 else None


def named(text: str, estates: list[EstateItem]) -> list[EstateItem]:
    """The estates that a text names, by the longest of their names: several where two towns have one of the same name."""
    found = {
        (name, one.id): one
        for one in estates
        for name in (one.name, *one.aliases)
        if len(name) >= SHORTEST and name in text
    }
    names = {name for name, _id in found}
    longest = [one for (name, _id), one in found.items() if not any(name != other and name in other for other in names)]
    return list({one.id: one for one in longest}.values())


def several(estates: list[EstateItem]) -> Any:
    """Why nothing is proposed although the text names an estate."""
    labels = "、".join(map(label, estates[:SHOWN])) + ("…" if len(estates) > SHOWN else "")
    return _("原文提到的小区有 %(n)s 个可能：%(names)s。请核对后选择", n=len(estates), names=labels)


def offices(cursor: Any) -> list[tuple[str, str]]:
    """The units that a tip may complain about, as a form offers them."""
    units = registers.units(cursor, Scope.all())
    return [(unit.code, unit.short_name) for unit in units if unit.kind in ("town", "department")]


def why(estate: EstateItem) -> Any:
    town = estate.unit_name or estate.unit
    return _("建议交办%(town)s。依据：小区“%(name)s”登记于%(town)s", town=town, name=estate.name)
