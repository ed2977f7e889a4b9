"""查阅记录: who read what of a tip, and what a person has read. Every reading is recorded before it happens, and stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template
from flask_babel import gettext

from application import access
from interface.web.format import moment
from interface.web.locales import N_
from interface.web.security import sign_in_required
from interface.web.words import word

bp = Blueprint("readings", __name__, url_prefix="/readings")
bp.before_request(sign_in_required)

SEE_READERS = frozenset({"city_desk", "city_decider", "discipline", "auditor"})
REASONS = {
    "screen": N_("研判"),
    "verify": N_("核查"),
    "answer": N_("答复"),
    "review": N_("复核"),
    "all": N_("全部"),
    "search": N_("搜索线索原文"),
    "import": N_("导入线索"),
}


@bp.get("")
def index() -> str:
    """One's own."""
    found = access.of_official(g.services.database, g.actor.id)
    return render_template("readings/index.html", readings=told(found))


def of_tip(tip: UUID) -> list[dict[str, Any]] | None:
    """Who has read this tip; None for those who are not shown it."""
    if g.actor.role not in SEE_READERS:
        return None
    return told(access.of_tip(g.services.database, tip))


def told(readings: list[access.Reading]) -> list[dict[str, Any]]:
    names = g.people.names(sorted({one.actor for one in readings}))
    return [
        {
            "at": moment(one.at),
            "who": f"{names[one.actor]} · {g.people.unit(one.unit)}",
            "what": _what(one.what),
            "why": _why(one.why),
        }
        for one in readings
    ]


def _what(what: str) -> str:
    kind, _, rest = what.partition("/")
    match kind:
        case "tip":
            fields = rest.partition("/")[2].split("+")
            return "、".join(word(name, "disclosed") for name in fields)
        case "tips" if rest.startswith("compare/"):
            return gettext("导入时核对了 %(n)s 条线索的原文", n=rest.rpartition("/")[2])
        case "tips":
            return gettext("搜索了 %(n)s 条线索的原文", n=rest.rpartition("/")[2])
        case "lead":
            return gettext("下载检举线索的密封信")
        case "export":
            return gettext("导出 %(list)s", list=rest)
    return what


def _why(why: str) -> str:
    if why.startswith("disclosure/"):
        return gettext("经批准打开身份")
    return gettext(REASONS[why]) if why in REASONS else why
