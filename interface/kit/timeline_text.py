"""办理经过: the events of a matter as people read them, for `show.timeline`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext as _

from domain.companies.company import Company
from domain.estates.estate import Estate
from domain.problems.values import OPTIONAL
from domain.tips.tip import INFORMATION
from interface.i18n.locales import N_
from interface.kit.formatting import moment
from interface.kit.labels import HAPPENINGS, word

TOPICS = tuple(HAPPENINGS)
LABELS = {
    "title": N_("问题标题"),
    "item": N_("整治条目"),
    "description": N_("问题描述"),
    "found_on": N_("发现日期"),
    "kind": N_("整改类型"),
    "responsible": N_("责任单位"),
    "owner": N_("责任人"),
    "measures": N_("整改措施"),
    "estate": N_("所在小区"),
    "due_on": N_("完成时限"),
    "company": N_("物业服务企业"),
    "secondary": N_("次要条目"),
    "supervisor": N_("监管责任人"),
    "case_leader": N_("包案领导"),
    "found_by": N_("发现途径"),
    "source": N_("来源说明"),
}  # what a correction may change
PAGES = {"tip": "tips.show", "problem": "problems.show", "deduction": "deductions.show", "company": "companies.show"}
SAID = ("summary", "reason", "finding", "note", "answer", "description", "turn_to", "ordered_by")


def told(items: list[Any], of: str = "") -> list[dict[str, Any]]:
    """{at, title, href, who, note, position, stream, photos} of each, in the given order; `of` is the matter whose page it is."""
    names = g.people.names(sorted({one.actor for one in items}))
    changes = corrected(items)
    return [
        {
            "at": moment(one.recorded_at),
            "title": word(one.topic, "happening"),
            "href": None if one.stream == of else page_of(one.topic, one.stream),
            "who": f"{names[one.actor]} · {g.people.unit(one.unit)}",
            "note": "\n".join(changes.get(one.position) or said(one.data)),
            "position": one.position,
            "stream": one.stream,
            "photos": one.data.get("evidence", []),
            "backfilled": one.backfilled and one.backfilled | {"holder": g.people.unit(one.backfilled["holder"])},
        }
        for one in items
    ]


def page_of(topic: str, stream: str) -> str | None:
    """Where the matter of an event is shown."""
    endpoint = PAGES.get(topic.partition(".")[0])
    return endpoint and url_for(endpoint, id=stream)


def said(data: dict[str, Any]) -> list[str]:
    """What the event says, in the order in which people would say it."""
    facts = []
    if "cause" in data:
        facts.append(_("原因：%(cause)s", cause=word(data["cause"], "reopened_for")))
    if data.get("kind") in INFORMATION:
        facts.append(word(data["kind"], "information"))
    if "result" in data:
        facts.append(_("核查结论：%(result)s", result=word(data["result"], "result")))
    if "unit" in data and "fields" not in data:  # the unit that asks for an identity doesn't handle the tip
        facts.append(_("承办单位：%(unit)s", unit=g.people.unit(data["unit"])))
    if "handler" in data:
        facts.append(_("经办人：%(name)s", name=g.people.name(data["handler"])))
    if "due_on" in data:
        facts.append(_("期限：%(day)s", day=data["due_on"]))
    facts += _of_rectification(data)
    facts += [data[name] for name in SAID if data.get(name)]
    return facts + _of_the_vault(data)


def _of_rectification(data: dict[str, Any]) -> list[str]:
    """Why it began again, how long it may stand, who was there too, which papers are among the evidence."""
    facts = []
    if "cause" in data:
        facts.append(_("原因：%(cause)s", cause=word(data["cause"], "cause")))
    if "measures" in data and "title" not in data:  # of a problem they have a place of their own on its page
        facts.append(_("过渡期措施：%(text)s", text=data["measures"]))
    if "since" in data:
        facts.append(_("暂停期间：%(since)s 至 %(until)s", since=data["since"], until=data["until"]))
    if "inspected_on" in data:
        facts.append(_("核查日期：%(day)s", day=data["inspected_on"]))
    if "second_inspector" in data:
        facts.append(_("第二核查人：%(name)s", name=_person(data["second_inspector"])))
    if "shows" in data:
        facts.append(_("材料种类：%(kinds)s", kinds="、".join(data["shows"])))
    return facts


def _of_the_vault(data: dict[str, Any]) -> list[str]:
    """Grounds, the papers behind them, and whom a tip is kept from or opened to."""
    facts = [_("依据：%(basis)s", basis=data[name]) for name in ("basis", "ground") if name in data]
    if "order" in data:
        facts.append(_("文号：%(order)s", order=data["order"]))
    if "recused" in data:
        facts.append(_("回避单位：%(unit)s", unit=g.people.unit(data["recused"])))
    if "fields" in data:
        facts.append("、".join(word(name, "disclosed") for name in data["fields"]))
    return facts


def corrected(items: list[Any]) -> dict[int, list[str]]:
    """By position of a correction: what stood there and what stands there now, as far as the items tell."""
    said: dict[int, list[str]] = {}
    stated: dict[str, dict[str, Any]] = {}
    for one in sorted(items, key=lambda one: one.position):
        if one.topic == "problem.corrected":
            data = one.data | dict.fromkeys(one.data.get("cleared", ()))
            before, now = stated.get(one.stream, {}), {name: data[name] for name in LABELS if name in data}
            changed = [_changed(name, before.get(name), value) for name, value in now.items()]
            said[one.position] = [*changed, one.data["reason"]]
        if one.topic == "problem.owner_changed":
            said[one.position] = [
                _changed("owner", stated.get(one.stream, {}).get("owner"), one.data["owner"]), one.data["reason"],
            ]  # fmt: skip
        if one.topic in ("problem.opened", "problem.corrected", "problem.owner_changed"):
            cleared = dict.fromkeys(one.data.get("cleared", ()), "")
            stated[one.stream] = stated.get(one.stream, {}) | one.data | cleared
    return said


def _changed(name: str, before: Any, now: Any) -> str:
    return _(
        "%(label)s：%(before)s → %(now)s", label=_(LABELS[name]), before=_shown(name, before), now=_shown(name, now)
    )


def _shown(name: str, value: Any) -> str:
    """As people read it; "…" where the items don't tell, and a word where nothing stands."""
    if value in (None, ""):
        return _("无") if value == "" or name in OPTIONAL else "…"
    match name:
        case "kind" | "found_by":
            return word(value, name)
        case "owner" | "supervisor" | "case_leader":
            return _person(value)
        case "responsible" | "company":
            return g.people.unit(value) if value.isdigit() else g.services.ledger.fetch(Company, UUID(value)).name
        case "estate":
            return g.services.ledger.fetch(Estate, UUID(value)).name
        case "secondary":
            return "、".join(value)
    return str(value)


def _person(id: str) -> str:
    return g.services.vault.people.names({UUID(id)}).get(UUID(id), "…")
