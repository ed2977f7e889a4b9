"""登记工作人员: a person, an account, a first role. A key, and with it a starting password, is given by a key administrator."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from flask import flash, g, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.core.ledger import Receipt
from application.core.permissions import may
from application.officials.officials import EnrolOfficial, GrantRole
from application.vault.passwords import Password, starting_password
from application.vault.people import Person
from domain.errors import NotAllowed, Refusal
from interface.kit.confirm import Confirmation
from interface.kit.fields import Line
from interface.kit.submit import recorded, submit
from interface.web.officials.forms import GrantForm
from interface.web.officials.views import bp, started


class EnrolForm(GrantForm):
    """Role and unit come first in the class, and last on the page."""

    title = _("登记工作人员")
    name = Line(_("姓名"), limit=40)
    staff_number = Line(
        _("工号"), limit=40, description=_("工号已登记过的，作为同一人的另一个账号；四眼原则按人计，不按账号计")
    )
    phone = Line(_("联系电话"), limit=40, needed=False)
    login = Line(_("账号"), limit=60, description=_("登录时输入，以后不能更改"), render_kw={"autocomplete": "off"})

    @property
    def shown(self) -> list[Any]:
        return [self.name, self.staff_number, self.phone, self.login, self.role, self.unit]


def founding() -> bool:
    """Only whoever founds the log gives a key too; later it takes an administrator of roles and one of keys."""
    return may(g.actor, "key.enrolled")


@bp.route("/new", methods=["GET", "POST"])
def new() -> Any:
    if not may(g.actor, "official.enrolled"):
        raise NotAllowed(gettext("登记工作人员由角色管理员办理"))
    form = EnrolForm()
    form.offer("")
    starting, receipts = starting_password(), list[Receipt]()
    answer = submit(
        form, lambda: _command(form, starting), title=str(form.title), to=lambda receipt: _to(form, receipt, receipts),
        review=lambda: Confirmation([]),
    )  # fmt: skip
    if not receipts:
        return answer or (render_template("officials/new.html", form=form, founding=founding()), form.status)
    official = _official(form)
    if founding():
        return started(str(official), starting, receipts[0]) or answer
    flash(gettext("请密钥管理员登记签名密钥，并把起始口令交给本人"), "message")
    return answer


def _command(form: EnrolForm, starting: str) -> EnrolOfficial:
    person = Person(form.name.data, form.phone.data or "", form.staff_number.data)
    password = Password(starting) if founding() else None
    return EnrolOfficial(id=form.command, actor=g.actor, person=person, login=form.login.data, password=password)


def _official(form: EnrolForm) -> UUID:
    return g.services.vault.people.credential(form.login.data).official


def _to(form: EnrolForm, receipt: Receipt, receipts: list[Receipt]) -> str:
    """The account's page; its first role is an act of its own, and one that is refused leaves the account without a role."""
    receipts.append(receipt)
    official = _official(form)
    grant = GrantRole(
        id=uuid5(form.command, "role"), actor=g.actor, official=official, role=form.role.data, unit=form.unit.data
    )
    try:
        recorded(g.services.ledger.handle(grant), title=gettext("授予角色"), to="")
    except Refusal as refusal:
        flash(gettext("账号已登记，角色没有授予：%(why)s", why=str(refusal)), "message")
    g.people.refresh()
    return url_for("officials.show", id=official)
