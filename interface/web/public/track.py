"""查询办理进度: where a tip stands, by its 查询码; material added later; the receipt's files. 查询码查询"""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import segno
from flask import abort, g, render_template, send_file
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.tips.public_tips import LONGEST, Gate, add
from application.vault.public_tips import Known
from application.vault.query_code import QueryCode
from domain.errors import RuleBroken
from interface.i18n.locales import N_
from interface.kit.fields import Line, Text
from interface.kit.formatting import moment
from interface.kit.labels import word
from interface.kit.photo_field import Photos
from interface.kit.request_context import reading
from interface.kit.safe_redirect import public_url
from interface.web.log import publication_text
from interface.web.public.query_code_check import find
from interface.web.public.report import PublicForm, bp
from interface.web.public.throttle import TooFast, new_token
from projections import registers, timeline
from projections.query.scope import Scope

# What each event means to whoever reported, and which of its members are theirs to read.
SAID = {
    "tip.registered": (N_("已登记"), ()),
    "tip.accepted": (N_("已受理"), ()),
    "tip.declined": (N_("不予受理"), ("reason", "turn_to", "basis")),
    "tip.unit_recused": (N_("被反映的单位已回避，看不到这件线索"), ()),
    "tip.assigned": (N_("已交办"), ("unit",)),
    "tip.acknowledged": (N_("承办单位已签收"), ()),
    "tip.returned": (N_("已退回市专班，重新研判"), ()),
    "tip.verified": (N_("已核查"), ("result",)),
    "tip.became_problems": (N_("已列入问题台账，督促整改"), ()),
    "tip.answered": (N_("已答复"), ("answer",)),
    "tip.taken_up": (N_("由收到的镇（街道）直接办理"), ()),
    "tip.recalled": (N_("市专班已收回，重新交办"), ()),
    "tip.reassigned": (N_("已改由其他单位办理"), ("unit",)),
    "tip.joined_problem": (N_("与台账中已有的问题一并督促整改"), ()),
    "tip.reporter_informed": (N_("已告知"), ("answer",)),
    "tip.reopened": (N_("重新办理"), ()),
    "problem.closed": (N_("所反映的问题已整改到位并销号"), ()),
    "problem.reopened": (N_("所反映的问题重新整改"), ()),
    "problem.closure_revoked": (N_("所反映的问题重新整改"), ()),
    "tip.withdrawn": (N_("登记有误，已由承办单位撤回；如未重新登记，请重新提交"), ()),
    "tip.supplemented": (N_("您补充的材料已登记"), ()),
    "tip.shredded": (N_("内容和身份信息已依规定销毁"), ()),
}
LABELS = {"reason": N_("理由"), "turn_to": N_("可向以下部门反映"), "basis": N_("依据"), "answer": N_("答复")}
CODE_LIMIT = 200  # with blanks, dashes and the words that were copied with it
OVER = ("tip.withdrawn", "tip.shredded", "tip.declined")


class CodeForm(PublicForm):
    code = Line(_("查询码"), limit=CODE_LIMIT, description=_("回执上的 16 位，不分大小写，横线和空格可以不输"))


class MoreForm(PublicForm):
    code = Line(_("查询码"), limit=CODE_LIMIT)
    text = Text(_("补充内容"), limit=LONGEST, description=_("最多 %(n)s 字", n=LONGEST))
    photos = Photos(_("照片"), public=True)


class Step(NamedTuple):
    at: str
    title: str
    facts: list[tuple[str, str]]


@bp.get("/track")
def ask() -> Any:
    return render_template("public/ask.html", form=CodeForm(formdata=None))


@bp.post("/track")
def track() -> Any:
    form = CodeForm()
    if (found := _found(form)) is None:
        return render_template("public/ask.html", form=form), form.status
    return _page(*found)


@bp.post("/track/add")
def supplement() -> Any:
    form = MoreForm()
    if (found := _found(form)) is None:
        return render_template("public/ask.html", form=form), form.status
    if not (form.text.validate(form) & form.photos.validate(form)):
        return _page(*found, form=form, status=422)
    if _story(found[1])[1] in OVER:
        raise RuleBroken(gettext("这件线索已经办结或撤回，不能再补充；请重新提交一件"))
    return form.taken(partial(_add, form, found)) or _page(*found, form=form, status=form.status)


def _add(form: MoreForm, found: tuple[QueryCode, Known], name: str, gate: Gate) -> Any:
    add(g.services.ledger, name, found[1].tip, form.text.data or "", form.files, gate)
    return _page(*found, done=True)


@bp.post("/file/<name>")
def receipt_file(name: str) -> Any:
    """The promise, or the entry and its proof, to keep."""
    form = CodeForm()
    if (found := _found(form)) is None:
        return render_template("public/ask.html", form=form), form.status
    code, known = found
    if name == "promise":
        return _file(known.promise, f"{code.locator}.promise.json")
    place = publication_text.place_of(known.tip)
    if name not in ("entry", "proof") or place is None:
        abort(404)
    proved = publication_text.proof_of(place)
    if name == "entry":
        return _file(proved.entry, f"{code.locator}.entry")
    return _file(proved.proof, f"{code.locator}.tlog-proof")


def _file(content: bytes, name: str) -> Any:
    return send_file(BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name, etag=False)


def _found(form: Any) -> tuple[QueryCode, Known] | None:
    """Whose code was typed, or None with the reason at the field and in the form's `status`."""
    form.status = 422
    if not form.code.validate(form):
        return None
    try:
        found = find(form.code.data)
    except RuleBroken as wrong:
        form.wrong("code", str(wrong))
        return None
    except TooFast as slower:
        form.status = 429
        form.wrong(None, str(slower))
        return None
    form.status = 429
    return found


def _page(code: QueryCode, known: Known, *, form: MoreForm | None = None, done: bool = False, status: int = 200) -> Any:
    steps, last = _story(known)
    more = form or MoreForm(formdata=None, data={"token": new_token(), "code": str(code)})
    place = publication_text.place_of(known.tip)
    shown: dict[str, Any] = {"code": str(code), "steps": steps, "done": done, "over": last in OVER}
    if place is not None:
        address = public_url("receipt_check.check", locator=code.locator, hash=place.leaf[:32])
        shown |= {"address": address, "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=2)}
    said = {**{"address": None, "qr": None}, **shown}
    state = publication_text.standing(place)
    return render_template("public/track.html", form=more, place=place, state=state, **said), status


def _story(known: Known) -> tuple[list[Step], str]:
    """What happened, the newest first, and the topic that it came to."""
    with reading() as cursor:
        items = timeline.of_matter(cursor, Scope.all(), str(known.tip))
        units = {unit.code: unit.name for unit in registers.units(cursor, Scope.all())}
    told = [one for one in items if one.topic in SAID]
    steps = [Step(moment(one.recorded_at), gettext(SAID[one.topic][0]), _facts(one, units)) for one in told]
    ends = [one.topic for one in told if one.topic.startswith("tip.") and one.topic != "tip.supplemented"]
    return steps[::-1], ends[-1] if ends else ""


def _facts(one: Any, units: dict[str, str]) -> list[tuple[str, str]]:
    facts = []
    for name in SAID[one.topic][1]:
        if name == "unit":
            facts.append((gettext("承办单位"), units.get(one.data["unit"], one.data["unit"])))
        elif name == "result":
            facts.append((gettext("核查结论"), word(one.data["result"], "result")))
        elif one.data.get(name):
            facts.append((gettext(LABELS[name]), one.data[name]))
    return facts
