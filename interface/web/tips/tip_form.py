"""What every form about a tip is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from interface.kit.fields import Radio
from interface.kit.forms import ActForm
from projections.registers import EstateItem


class Offers(NamedTuple):
    """What a form of this page may choose from: (value, words)."""

    items: list[tuple[str, str]]
    towns: list[tuple[str, str]]
    estates: list[EstateItem]
    departments: list[str]
    units: list[tuple[str, str]]


class TipForm(ActForm):
    def offer(self, offers: Offers) -> None:
        """Fill the lists; most forms have none."""

    def members(self) -> dict[str, Any]:
        """What the command takes beside id, actor, tip and seen."""
        return {field.short_name: field.data or None for field in self.shown}


class TextForm(ActForm):
    """Why somebody opens what a reporter said; kept in the access record."""

    why = Radio(
        _("查看事由"),
        choices=[("screen", _("研判")), ("verify", _("核查")), ("answer", _("答复")), ("review", _("复核"))],
    )
