"""问题线索: the list, one tip with its next acts, and its text, opened on purpose."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.permissions import may, refuse_early
from application.tips.search import numbered
from domain import laws
from domain.errors import NotAllowed, NotFound
from domain.tips.actions import ACTIONS, CONTENT, SHREDDING, STATES
from interface.kit import timeline_text
from interface.kit.confirm import Confirmation
from interface.kit.deadlines import deadline, sign_by, signing, soon, unsigned_before
from interface.kit.fields import Choice, Day, Line
from interface.kit.filters import FilterForm
from interface.kit.formatting import Light, along
from interface.kit.forms import ActForm
from interface.kit.labels import choices, item_label, word
from interface.kit.offers import is_offered
from interface.kit.request_context import own_accounts, page_number, reading
from interface.kit.security import may_write, sign_in_required
from interface.kit.submit import sent_before, submit
from interface.web.tips import search as tip_vault
from interface.web.tips.forms import (
    ALL,
    KEEPING,
    AssignForm,
    Offers,
    TipForm,
    find_tip,
    keeping_acts,
    may_convert,
    next_acts,
)
from interface.web.tips.search import READERS_OF_TEXT
from interface.web.tips.tip_form import TextForm
from projections import documents as adopted
from projections import problems as problem_ledger
from projections import registers, timeline
from projections import tips as tips_desk
from projections.problem_filter import ProblemFilter
from projections.query.page import Page
from projections.tip_filter import TO_VERIFY, TipFilter
from projections.tips import TipItem

bp = Blueprint("tips", __name__, url_prefix="/tips")
bp.before_request(sign_in_required)
MOST = 100  # problems of one tip that its page lists
WAITING = (ACTIONS["acknowledge"].starts_from, ACTIONS["verify"].starts_from)  # lists of what has a term


class Filters(FilterForm):
    """Search and filters; they travel in the address."""

    state = Choice(_("状态"), needed=False, empty=_("全部"))
    mine = Choice(_("范围"), needed=False, empty=_("全部"), choices=[("touched", _("我相关"))])
    number = Line(_("来源编号"), needed=False, limit=200)
    due = Choice(
        _("期限"),
        needed=False,
        empty=_("全部"),
        choices=[
            ("overdue", _("已逾期")),
            ("soon", _("三个工作日内到期")),
            ("receipt", _("逾期未签收")),
            ("answer", _("逾期未答复")),
        ],
    )
    waits = Choice(_("待批准"), needed=False, empty=_("全部"), choices=[("shredding", _("销毁原文"))])
    channel = Choice(_("来源"), needed=False, empty=_("全部"))
    unit = Choice(_("承办单位"), needed=False, empty=_("全部"))
    received_from = Day(_("收到日期从"), needed=False)
    received_to = Day(_("收到日期至"), needed=False)

    def wanted(self, cursor: Any) -> TipFilter:
        """The address may name several states, the form shows one."""
        unit = self._fields.get("unit")
        return TipFilter(
            ids=tuple(map(str, numbered(g.services.ledger, self.number.data))) if self.number.data else None,
            states=tuple(one for one in request.args.getlist("state") if one in STATES),
            channel=self.channel.data or None,
            unit=unit.data or None if unit else None,
            received_from=self.received_from.data,
            received_to=self.received_to.data,
            touched=own_accounts() if self.mine.data else (),
            upto=g.at,
            overdue=self.due.data == "overdue",
            unanswered=self.due.data == "answer",
            due_by=soon(cursor) if self.due.data == "soon" else None,
            unsigned_before=unsigned_before(cursor) if self.due.data == "receipt" else None,
            shredding_not_by=own_accounts() if self._fields.get("waits") and self.waits.data else (),
        )


def filters(cursor: Any) -> Filters:
    """The form as the address fills it; towns are only offered to whoever sees several."""
    form = Filters(formdata=request.args)
    form.state.choices, form.channel.choices = choices("tip_state"), choices("channel")
    form.unit.choices = [(one.code, one.short_name) for one in registers.units(cursor, g.scope, kind="town", at=g.at)]
    if not may(g.actor, "tip.shredded"):
        del form.waits
    if len(form.unit.choices) < 2:
        del form.unit
    return form


def listed(cursor: Any, form: Filters, number: int, size: int) -> Page[TipItem]:
    """A page of the list; everything where the filter can't be understood. What waits is sorted by its term."""
    asked = wanted(cursor, form)
    order = "due" if form.due.data or asked.states in WAITING else "newest"
    return tips_desk.tips(cursor, g.scope, asked, day=g.day, at=g.at, order=order, page=number, size=size)


def wanted(cursor: Any, form: Filters) -> TipFilter:
    return form.wanted(cursor) if form.validate() else TipFilter()


@bp.get("")
def index() -> Any:
    with reading() as cursor:
        form = filters(cursor)
        right = form.validate()
        page = listed(cursor, form, page_number(), 20)
        lights = {one.id: _lights(cursor, one) for one in page.rows}
    offered = may_write() and is_offered("tip.registered", g.actor.unit, g.actor)
    searches = g.actor.role in READERS_OF_TEXT and g.at is None
    shown = {"form": form, "page": page, "lights": lights, "offered": offered, "searches": searches}
    return render_template("tips/index.html", **shown), 200 if right else 422


def _lights(cursor: Any, item: TipItem) -> list[Light]:
    """Of signing for it, while it waits for that, and of verifying it."""
    verify = deadline(cursor, item.tip.due_on, ended=_ended(item))
    if not ACTIONS["acknowledge"].starts_in(item.tip.state):
        return [verify] if verify else []
    sign = signing(cursor, item.tip)
    later = verify and Light(verify.tone, gettext("核查%(when)s", when=verify.word))
    return [one for one in (sign, later) if one]


def _ended(item: TipItem) -> str | None:
    """What the light says instead of days where nobody is to verify it (any more)."""
    return None if item.tip.state in TO_VERIFY else word(item.tip.state, "tip_state")


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    return _page(id)


@bp.post("/<uuid:id>/<name>")
def act(id: UUID, name: str) -> Any:
    """One of the next acts; what is refused is shown on the tip's page with what was typed."""
    if name not in ALL:
        raise NotFound(gettext("没有这个办理事项"))
    refuse_early(g.actor, [ALL[name].action.event])  # before its photos are looked at; the log judges it again
    with reading() as cursor:
        form = _form(name, _offers(cursor, [name]), submitted=True)
        try:
            item = find_tip(cursor, id)
        except NotFound:
            if (before := sent_before(form, title=str(form.title), to=along(".index"))) is None:
                raise
            return before
    command = ALL[name].command
    answer = submit(
        form,
        lambda: command(id=form.command, actor=g.actor, tip=id, seen=form.version, **form.members()),
        title=str(form.title),
        to=_after(item, name, form),
        review=lambda: _review(item),
    )
    return answer or _page(id, refused=(name, form))


def _after(item: TipItem, name: str, form: TipForm) -> str:
    """The tip's page; the list for a unit that has it no more: it returned it, or has just said that it is about itself."""
    recused = name == "recuse" and form.data.get("unit") == item.tip.unit == g.actor.unit
    gone = recused or (name == "return" and item.tip.unit == g.actor.unit)
    return along(".index") if gone else along(".show", id=item.id)


def _review(item: TipItem) -> Confirmation:
    """Of a destruction, the one weighty act."""
    about = [
        (gettext("线索"), gettext("线索 %(n)s", n=item.tip.position)),
        (gettext("来源"), word(item.tip.channel, "channel")),
        (gettext("销毁依据"), item.tip.shredding),
        (
            gettext("后果"),
            gettext("原文、随附照片、反映人姓名和联系方式永久无法再读，任何人都不能恢复；日志和证明不变"),
        ),
    ]
    action, before = SHREDDING["shred"], "proposed"
    states = CONTENT[before], CONTENT[action.leads_to(before)]
    return Confirmation(about, (gettext(states[0]), gettext(states[1])), version=item.tip.version)


def _page(
    id: UUID,
    *,
    refused: tuple[str, TipForm] | None = None,
    text: Any = None,
    more: Any = (),
    why: ActForm | None = None,
) -> Any:
    """`text`: the words of the tip, if they were opened; the town of an estate that they name is proposed."""
    with reading() as cursor:
        item = find_tip(cursor, id)
        names = [*next_acts(item.tip), *keeping_acts(item.tip)] if may_write() else []
        offers = _offers(cursor, names)
        acts = [(name, _form(name, offers, seen=item.tip.version)) for name in names]
        told = timeline.of_matter(cursor, g.scope, str(id), at=g.at)
        shown = _around(cursor, item)
    if text is not None and isinstance(form := dict(acts).get("assign"), AssignForm):
        form.read(text.text)
    open_act, form = refused or (request.args.get("act"), why)
    if open_act not in [name for name, _form in acts]:
        open_act = None
    if refused is not None:
        refused[1].seen.data = str(item.tip.version)
        acts = [refused if name == open_act else (name, one) for name, one in acts]
    shown["acts"] = [one for one in acts if one[0] not in KEEPING]
    shown["keeping"] = [one for one in acts if one[0] in KEEPING]
    opened = {"form": form, "open_act": open_act, "text": text, "more": more, "why": why or _text_form()}
    shown["told"], shown["law"] = (
        timeline_text.told(told, str(id)),
        laws.of_item(item.tip.item) if item.tip.item else None,
    )
    shown["action"] = lambda name: along(".act", id=id, name=name)
    page = render_template(
        "tips/show.html", item=item, **shown, **opened, may_convert=may_write() and may_convert(item.tip)
    )
    return page, form.status if form is not None else 200


def _around(cursor: Any, item: TipItem) -> dict[str, Any]:
    """What the page shows around the tip itself: terms, neighbours, its problems, the file it came in, the vault."""
    made = problem_ledger.problems(cursor, g.scope, ProblemFilter(tip=item.id), day=g.day, at=g.at, size=MOST).rows
    before, after = tips_desk.neighbours(
        cursor, g.scope, wanted(cursor, filters(cursor)), item.tip.position, day=g.day, at=g.at
    )
    joined = item.tip.joined and problem_ledger.problem(cursor, g.scope, item.tip.joined, day=g.day, at=g.at)
    return {
        "made": made,
        "joined": joined,
        "batch": registers.batch_of(cursor, g.scope, item.id, at=g.at),
        "lights": _lights(cursor, item),
        "sign": (sign_by(cursor, item.tip), signing(cursor, item.tip)),
        "before": before,
        "after": after,
        **tip_vault.beside(cursor, item),
    }


def _offers(cursor: Any, names: list[str]) -> Offers:
    """What the forms of these acts choose from; estates only where one of them asks for an estate."""
    wanted = {"accept", "assign", "verify", "verify_again"} & set(names)
    return Offers(
        items=[(one.code, item_label(one)) for one in adopted.catalogue(cursor, day=g.day, at=g.at)],
        towns=[(one.code, one.short_name) for one in registers.units(cursor, g.scope, kind="town", at=g.at)],
        estates=registers.estates(cursor, g.scope, size=5000, at=g.at).rows if wanted else [],
        units=[(one.code, one.short_name) for one in registers.units(cursor, g.scope, at=g.at) if one.kind != "city"],
        departments=[one.name for one in registers.units(cursor, g.scope, kind="department", at=g.at)],
    )


def _form(name: str, offers: Offers, *, submitted: bool = False, seen: int | None = None) -> TipForm:
    sent = {} if submitted else {"formdata": None}
    form = ALL[name].form(prefix=f"{name}-", data={"seen": seen}, **sent)
    form.offer(offers)
    return form


def _text_form() -> TextForm | None:
    return TextForm(prefix="text-", formdata=None) if g.actor.role in READERS_OF_TEXT and g.at is None else None


@bp.post("/<uuid:id>/text")
def text(id: UUID) -> Any:
    """打开线索原文: recorded before it is shown; the reporter's name is not part of it."""
    if g.actor.role not in READERS_OF_TEXT:
        raise NotAllowed(gettext("您的角色不能查看线索原文"))
    with reading() as cursor:
        find_tip(cursor, id)
    form = TextForm(prefix="text-")
    if not form.validate_on_submit():
        form.status = 422
        return _page(id, why=form)
    g.services.vault.record_access(g.actor, what=f"tip/{id}/text", why=form.why.data)
    return _page(id, text=g.services.vault.tips.words(id), more=g.services.vault.tips.more(id))
