"""What has to be said of a problem when it enters the ledger. 问题要素"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.problems.commands import Findings
from domain.problems.problem import KINDS
from interface.kit.fields import Choice, Day, Line, Radio, Text
from interface.kit.forms import Form
from interface.kit.labels import item_label
from projections import documents as adopted
from projections import registers


class FindingsForm(Form):
    """One problem. Fill its lists with `offer_findings` before it is shown or checked."""

    title = Line(_("问题标题"), limit=80)
    item = Choice(_("整治条目"))
    estate = Choice(_("所在小区"))
    description = Text(_("问题描述"), limit=5000, description=_("用自己的话概括，不写姓名和电话"))
    found_on = Day(_("发现日期"))
    kind = Radio(_("整改类型"))
    responsible = Choice(_("责任单位"))
    owner = Choice(_("责任人"), description=_("责任人不再核查、也不销号本问题"))
    measures = Text(_("整改措施"), limit=5000)
    due_on = Day(_("完成时限"))

    def findings(self) -> Findings:
        """Of a form that was validated."""
        company = self.responsible.data if self.responsible.data not in g.people.units() else None
        return Findings(
            estate=UUID(self.estate.data),
            item=self.item.data,
            title=self.title.data,
            description=self.description.data,
            found_on=self.found_on.data,
            kind=self.kind.data,
            responsible=self.responsible.data,
            owner=UUID(self.owner.data),
            measures=self.measures.data,
            due_on=self.due_on.data,
            company=UUID(company) if company else None,
        )


def offer_findings(cursor: Any, form: FindingsForm, unit: str) -> None:
    """The lists of a form for a problem of this unit: catalogue, its estates, companies and itself, its people."""
    form.item.choices = [(one.code, item_label(one)) for one in adopted.catalogue(cursor)]
    form.kind.choices = [(value, gettext(words)) for value, words in KINDS.items()]
    form.responsible.choices = [*companies(cursor), (unit, g.people.unit(unit))]
    form.owner.choices = g.people.persons(unit)
    if "estate" in form:
        estates = registers.estates(cursor, g.scope, unit=unit, size=5000).rows
        form.estate.choices = [(one.id, one.name) for one in estates]


def companies(cursor: Any) -> list[tuple[str, str]]:
    """(id, name) of every company, by name."""
    cursor.execute("SELECT key, name FROM read.company WHERE until IS NULL ORDER BY name")
    return cursor.fetchall()
