"""人员与权限: who the officials are, what they may do and since when; for the administrators of roles and keys."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, flash, g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from application.core.ledger import Receipt
from application.core.permissions import may
from application.officials.keys import Listed
from application.officials.keys import listed as listed_at
from application.vault.passwords import Password, starting_password
from application.verifier.rules.rights_register import SERVICE
from domain.errors import NotAllowed, NotFound
from interface.i18n.locales import N_
from interface.identity.directory import Grant
from interface.identity.sign_in_record import DOORS, RESULTS
from interface.kit.confirm import Confirmation
from interface.kit.fields import Choice, Line
from interface.kit.filters import FilterForm
from interface.kit.forms import ActForm
from interface.kit.request_context import SEE_NONE, page_number
from interface.kit.security import sign_in_required
from interface.kit.submit import submit
from interface.web.officials.changes_text import told
from interface.web.officials.forms import ACTS, Act, command_of, form_of, offered
from interface.web.problems.handovers import open_under
from projections.query.page import SIZE, Page

bp = Blueprint("officials", __name__, url_prefix="/people")
STATES = {
    "active": (N_("在用"), "green"),
    "no_role": (N_("没有角色"), "amber"),
    "no_key": (N_("没有密钥"), "amber"),
    "retired": (N_("已停用"), "grey"),
}


@bp.before_request
def administrators_only() -> Any:
    """Administrators see people and no matters; everybody else sees matters, and of people themselves."""
    if (answer := sign_in_required()) is not None:
        return answer
    if g.actor.role not in SEE_NONE:
        raise NotAllowed(gettext("您的角色不能查看人员与权限；本人的账户在“我的账户”"))
    return None


class Filters(FilterForm):
    text = Line(_("姓名或账号"), needed=False)
    unit = Choice(_("单位"), needed=False, empty=_("全部"))
    state = Choice(_("状态"), needed=False, empty=_("全部"))


class Account(NamedTuple):
    """One row of the list: `key` is (key id, first position)."""

    id: str
    name: str
    login: str
    grants: list[Grant]
    state: str
    key: tuple[str, int] | None
    signed_in: Any


@bp.get("")
def index() -> str:
    form = filters()
    page = listed(form, page_number(), SIZE)
    enrols = may(g.actor, "official.enrolled")
    return render_template("officials/index.html", form=form, page=page, states=STATES, enrols=enrols)


def filters() -> Filters:
    form = Filters(formdata=request.args)
    form.unit.choices = list(g.people.units().items())
    form.state.choices = [(state, gettext(words)) for state, (words, _tone) in STATES.items()]
    return form


def listed(form: Filters, number: int, size: int) -> Page[Account]:
    wanted = form.data if form.validate() else {}
    names = g.people.names(g.people.officials_enrolled)
    text, unit, state = wanted.get("text"), wanted.get("unit"), wanted.get("state")
    logins = g.services.vault.people.logins(map(UUID, names)) if text else {}
    found = [
        one
        for one in sorted(names, key=lambda one: (_place(one), names[one]))
        if (not text or text in names[one] or text in logins.get(UUID(one), ""))
        and (not unit or any(grant.unit == unit for grant in g.people.held(one)))
        and (not state or state_of(one) == state)
    ]
    page = _cut(found, number, size)
    return Page(accounts(page.rows), page.total, page.page, page.size)


def _cut(found: list[Any], number: int, size: int) -> Page[Any]:
    """That page of a list which is at hand as a whole; beyond the last one, the last one."""
    number = min(number, max(1, -(-len(found) // size)))
    return Page(found[(number - 1) * size : number * size], len(found), number, size)


def _place(official: str) -> tuple[bool, str]:
    """By unit, retired ones last."""
    return g.people.is_retired(official), min((grant.unit for grant in g.people.held(official)), default="")


def accounts(officials: list[str]) -> list[Account]:
    ids = [UUID(one) for one in officials]
    names, logins, seen = g.people.names(officials), g.services.vault.people.logins(ids), _signed_in(ids)
    return [
        Account(
            one, names[one], logins.get(UUID(one), "—"), g.people.held(one), state_of(one),
            g.people.key_in_force(one), seen.get(UUID(one)),
        )
        for one in officials
    ]  # fmt: skip


def _signed_in(ids: list[UUID]) -> dict[UUID, Any]:
    with g.services.database.cursor() as cursor:
        cursor.execute("SELECT official, signed_in FROM web.acquaintance WHERE official = ANY(%s)", (ids,))
        return dict(cursor.fetchall())


def state_of(official: str) -> str:
    if g.people.is_retired(official):
        return "retired"
    return _state(g.people.key_in_force(official) is not None, bool(g.people.grants(UUID(official))))


def _state(has_key: bool, has_role: bool) -> str:
    if not has_key:
        return "no_key"
    return "active" if has_role else "no_role"


class KeyFilters(FilterForm):
    status = 200
    at = Line(_("截至日志第几条"), needed=False, limit=15, code=True, render_kw={"inputmode": "numeric"})

    def validate_at(self, field: Any) -> None:
        if field.data and not (field.data.isascii() and field.data.isdigit()):
            raise ValidationError(gettext("请填写日志条目的序号，例如 120"))


@bp.get("/keys")
def keys() -> Any:
    """签名密钥: every key that ever was, and from which entry to which it may sign; also as the log stood once."""
    form = KeyFilters(formdata=request.args)
    page = listed_keys(form, page_number(), SIZE)
    return render_template("officials/keys.html", form=form, page=page, owners=owners(page.rows)), form.status


def listed_keys(form: KeyFilters, number: int, size: int) -> Page[Listed]:
    form.status = 200 if form.validate() else 422
    at = int(form.at.data) if form.status == 200 and form.at.data else None
    return _cut(listed_at(g.services.ledger, at), number, size)


def owners(keys: list[Listed]) -> dict[str, str]:
    """Names of the officials among the owners."""
    return g.people.names([one.owner for one in keys if one.owner != SERVICE])


def counted() -> list[dict[str, Any]]:
    """For the desk of an administrator: how many accounts wait for a key or a role, each opening its rows."""
    states = [state_of(one) for one in g.people.officials_enrolled]
    return [
        {
            "words": gettext(STATES[state][0]),
            "tone": "amber" if state in states else "blue",
            "count": states.count(state),
            "unit": gettext("人"),
            "href": url_for("officials.index", state=state),
        }
        for state in ("no_key", "no_role")
    ]


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    return _show(_find(id))


@bp.post(f"/<uuid:id>/<any({', '.join(ACTS)}):name>")
def act(id: UUID, name: str) -> Any:
    found = _find(id)
    form = form_of(name, found.id)
    title = str(form.title)
    word, receipts = starting_password(), list[Receipt]()
    more = {"password": Password(word)} if ACTS[name].starts else {}

    def recorded(receipt: Receipt) -> str:
        receipts.append(receipt)
        return url_for(".show", id=id)

    answer = submit(
        form, lambda: command_of(name, form, id, **more), title=title, to=recorded, review=lambda: _review(found, ACTS[name])
    )  # fmt: skip
    if more and receipts:
        return started(found.id, word, receipts[0]) or answer
    return answer or _show(found, refused=(name, form))


def started(official: str, word: str, receipt: Receipt) -> str | None:
    """The starting password, on the answer to the act and on no other page; None where it was shown before."""
    if receipt.repeated:
        flash(gettext("起始口令已经显示过一次，不再显示；没有记下的，请重置口令"), "message")
        return None
    return render_template("officials/started.html", found=accounts([official])[0], word=word)


def _find(id: UUID) -> Account:
    if str(id) not in g.people.officials_enrolled:
        raise NotFound(gettext("没有这个账户，请从列表重新打开"))
    return accounts([str(id)])[0]


def _review(found: Account, act: Act) -> Confirmation:
    roles = "、".join(grant.words for grant in found.grants) or "—"
    about = [(gettext("姓名"), found.name), (gettext("账号"), found.login), (gettext("现有角色"), roles)]
    if act.action.event in ("official.retired", "role.withdrawn"):
        under = sum(one.either for one in open_under_name(found.id)[0])
        about.append((gettext("名下未办结问题"), under))
    return Confirmation(about, (gettext(STATES[found.state][0]), gettext(STATES[_after(found, act)][0])))


def _after(found: Account, act: Act) -> str:
    """The state that this act leaves the account in."""
    granted = len(found.grants) + (act.action.event == "role.granted") - (act.action.event == "role.withdrawn")
    has_key = act.starts or (found.key is not None and act.action.event != "key.revoked")
    return "retired" if act.action.event == "official.retired" else _state(has_key, bool(granted))


def _show(found: Account, *, refused: tuple[str, ActForm] | None = None) -> Any:
    g.people.refresh()  # a page that was stale shows what is new
    changes = g.people.changes(found.id)
    acts = offered(found.id, changes[-1].version)
    open_act, form = refused or (None, None)
    if form is not None:
        form.seen.data = str(changes[-1].version)
        acts = [(name, form if name == open_act else one) for name, one in acts]
    shown: dict[str, Any] = {
        "found": accounts([found.id])[0],
        "acts": acts,
        "open_act": open_act,
        "form": form,
        "states": STATES,
    }
    shown |= {"told": told(changes), "substitutes": substitutes(found.id)}
    shown |= {"record": g.accounts.record.of(UUID(found.id)), "doors": DOORS, "results": RESULTS}
    shown["under"], shown["proposed"] = open_under_name(found.id)
    page = render_template("officials/show.html", **shown, address=lambda name: url_for(".act", id=found.id, name=name))
    return page, form.status if form is not None else 200


def open_under_name(official: str) -> Any:
    """What is open under the name of the person whose account this is."""
    person = g.people.person(official) or ""
    return open_under(person, g.people.accounts_of(person))


def substitutes(official: str) -> list[tuple[str, Grant]]:
    """(name, grant) of whoever stands in for this account."""
    return [(g.people.name(one), grant) for one, grant in g.people.substitutes_of(official)]
