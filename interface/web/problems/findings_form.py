"""What has to be said of a problem when it enters the ledger. 问题要素"""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.problems.commands import Findings, Mended
from domain.problems.values import KINDS
from domain.values import CITY
from interface.kit.evidence_field import Evidence
from interface.kit.fields import Choice, Day, Line, Radio, Text
from interface.kit.forms import Form
from interface.kit.labels import choices, item_label
from interface.web.problems.problem_form import as_id
from projections import documents as adopted
from projections import registers
from projections.query.scope import Scope


class FindingsForm(Form):
    """One problem. Fill its lists with `offer_findings` before it is shown or checked."""

    title = Line(_("问题标题"), limit=80)
    item = Choice(_("整治条目"))
    secondary = Choice(_("次要条目"), needed=False)
    estate = Choice(_("所在小区"))
    description = Text(_("问题描述"), limit=5000, description=_("用自己的话概括，不写姓名和电话"))
    found_on = Day(_("发现日期"))
    found_by = Choice(_("发现途径"), needed=False, empty=_("未说明"))
    source = Line(_("来源说明"), limit=80, needed=False, description=_("如督导检查通知书文号"))
    kind = Radio(_("整改类型"))
    responsible = Choice(_("责任单位"))
    company = Choice(
        _("物业服务企业"), needed=False, empty=_("同责任单位，或无"), description=_("信用扣分所对应的企业")
    )
    owner = Choice(_("责任人"), description=_("责任人不再核查、也不销号本问题"))
    supervisor = Choice(_("监管责任人"), needed=False)
    case_leader = Choice(_("包案领导"), needed=False)
    handler = Choice(_("经办人"), needed=False, empty=_("以后再指定"))
    measures = Text(_("整改措施"), limit=5000)
    due_on = Day(_("完成时限"))

    def findings(self, **more: Any) -> Findings:
        """Of a form that was validated; `more` are members that it doesn't have, or has otherwise."""
        responsible = self.responsible.data
        company = self.company.data or (responsible if responsible not in g.people.units() else None)
        said: dict[str, Any] = {name: self[name].data or None for name in SAID if name in self}
        ids = {
            name: as_id(self[name].data)
            for name in ("estate", "owner", "supervisor", "case_leader", "handler")
            if name in self
        }
        secondary = {"secondary": (self.secondary.data,) if self.secondary.data else ()} if "secondary" in self else {}
        return Findings(**said | ids | secondary | {"company": as_id(company)} | more)


class FoundForm(FindingsForm):
    """As it is entered: what was mended on the spot says so at once, and waits for nothing but the close-out."""

    mended = Text(
        _("当场整改情况"),
        limit=5000,
        needed=False,
        description=_("仅限立行立改：现场已整改到位的，填写情况并上传整改后照片，即转入待销号，由另一人销号"),
    )
    mended_evidence = Evidence(_("整改后照片和材料"))

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if "mended" in self and bool(self.mended.data) != bool(self.mended_evidence.data):
            name = "mended_evidence" if self.mended.data else "mended"
            self.wrong(name, gettext("当场整改情况和整改后照片请一并填写；尚未整改的，两项都不填"))
        return right and not self.wrongs

    def findings(self, **more: Any) -> Findings:
        told = "mended" in self and self.mended.data
        mended = Mended(self.mended.data, self.mended_evidence.uploads) if told else None
        return super().findings(mended=mended, **more)


SAID = ("item", "title", "description", "found_on", "found_by", "source", "kind", "responsible", "measures", "due_on")


def offer_findings(cursor: Any, form: FindingsForm, unit: str) -> None:
    """The lists of a form for a problem of this unit: catalogue, its estates, companies and itself, its people; of the city too,
    who may watch over it.
    """
    form.item.choices = [(one.code, item_label(one)) for one in adopted.catalogue(cursor, day=g.day)]
    if "secondary" in form:
        form.secondary.choices = [(one.code, item_label(one)) for one in adopted.catalogue(cursor, day=g.day)]
    form.kind.choices = [(value, gettext(words)) for value, words in KINDS.items()]
    form.found_by.choices = choices("found_by")
    known = companies(cursor)
    form.responsible.choices = [*known, (unit, g.people.unit(unit))]
    form.company.choices = known
    form.owner.choices = g.people.persons(unit)
    leading = dict([*g.people.persons(unit), *g.people.persons(CITY)])
    form.supervisor.choices = form.case_leader.choices = list(leading.items())
    estates = registers.estates(cursor, Scope(unit), size=5000).rows
    form.estate.choices = [(one.id, one.name) for one in estates]
    if "handler" in form:
        _offer_handlers(form, unit)


def _offer_handlers(form: FindingsForm, unit: str) -> None:
    """Whoever enters it handles it, or the only one who may, unless somebody chooses otherwise."""
    officials = g.people.officials(unit, "town_handler")
    names = g.people.names(officials)
    form.handler.choices = [(one, names[one]) for one in officials]
    own = [one for one in officials if g.actor.is_same_person_as(one)]
    if request.method == "GET":
        form.handler.data = own[0] if own else officials[0] if len(officials) == 1 else None


def companies(cursor: Any) -> list[tuple[str, str]]:
    """(id, name) of every company, by name."""
    cursor.execute("SELECT key, name FROM read.company WHERE until IS NULL ORDER BY name")
    return cursor.fetchall()
