"""我的账户: one's own roles, substitutes and key; the second factor; and what others changed about it, until it is known."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from application.officials.second_factors import EnrolSecondFactor, RemoveSecondFactor, RenewRecoveryCodes
from application.vault import totp
from domain.errors import Refusal, RuleBroken
from domain.officials.actions import ACTIONS
from interface.identity.login_throttle import Wait
from interface.identity.sessions import Listed
from interface.identity.sign_in_record import DOORS, RESULTS
from interface.kit.confirm import Confirmation
from interface.kit.fields import OneTimeCode, Password, Text
from interface.kit.forms import ActForm
from interface.kit.security import sign_in_required
from interface.kit.submit import recorded, submit
from interface.web.officials.changes_text import told
from interface.web.officials.views import accounts, substitutes

bp = Blueprint("account", __name__, url_prefix="/account")
bp.before_request(sign_in_required)


class EnrolForm(ActForm):
    """The secret goes to and fro with the page, so nothing is kept of what was never confirmed."""

    action = ACTIONS["enrol_factor"]
    hint = _("启用以您的名义签名并写入日志；日志中没有密钥")
    secret = HiddenField(default=totp.new_secret)
    code = OneTimeCode(_("验证器上显示的六位数字"))
    password_again = Password(_("登录口令"), render_kw={"autocomplete": "current-password"})


class RenewForm(ActForm):
    action = ACTIONS["renew_recovery"]
    hint = _("原来的恢复码随即作废，换成八个新的；手机上的验证器不变")


class RemoveForm(ActForm):
    action, grave = ACTIONS["remove_factor"], True
    hint = _("停用后密钥和恢复码一并销毁；更换手机的，停用后在新手机上重新启用")
    reason = Text(_("停用理由"), limit=200)


@bp.get("")
def show() -> str:
    [found] = accounts([g.actor.id])
    has_factor = g.people.has_second_factor(g.actor.id)
    left = g.services.vault.second_factors.recovery_left(UUID(g.actor.id)) if has_factor else None
    shown: dict[str, Any] = {
        "found": found,
        "substitutes": substitutes(found.id),
        "told": told(g.people.changes(found.id)),
    }
    shown |= {
        "sessions": own_sessions(),
        "record": g.accounts.record.of(UUID(g.actor.id)),
        "here": g.signed_in.token.hex(),
    }
    shown |= {"doors": DOORS, "results": RESULTS}
    return render_template("account/show.html", **shown, left=left, demanded=g.services.home.demands_second_factor)


def own_sessions() -> list[Listed]:
    """Of both doors, the newest first."""
    with g.services.database.cursor() as cursor:
        cursor.execute("SELECT * FROM sign_in.oversight_sessions(%s)", (g.actor.id,))
        elsewhere = [
            Listed(bytes(token).hex(), device, started_at, seen_at, "oversight")
            for token, device, started_at, seen_at in cursor.fetchall()
        ]
    here = g.sessions.listed(UUID(g.actor.id))
    return sorted([*here, *elsewhere], key=lambda one: one.started_at, reverse=True)


@bp.post("/sessions")
def end_sessions() -> Any:
    """结束登录: one of one's own sessions, or all but this one."""
    wanted, own = request.form.get("session", ""), g.signed_in.token.hex()
    ended = [one for one in own_sessions() if one.id != own and wanted in (one.id, "others")]
    for one in ended:
        if one.door == "web":
            g.sessions.end(UUID(g.actor.id), one.id)
        else:
            with g.services.database.cursor() as cursor:
                cursor.execute("SELECT sign_in.end_oversight_session(%s, %s)", (g.actor.id, bytes.fromhex(one.id)))
    flash(gettext("已结束 %(n)s 处登录", n=len(ended)), "message")
    return redirect(url_for(".show"), 303)


@bp.route("/second-factor", methods=["GET", "POST"])
def enrol() -> Any:
    """The answer shows the recovery codes, and no page shows them again."""
    form = EnrolForm()
    if (secret := totp.secret_of(form.secret.data or "")) is None:
        raise RuleBroken(gettext("表单不完整，请刷新页面后重新填写"))
    if form.validate_on_submit() and _password_is_right(form):
        codes = g.services.vault.second_factors.recovery_codes(form.command, secret)
        command = EnrolSecondFactor(
            id=form.command, actor=g.actor, secret=secret, code=form.code.data, recovery=codes, session=g.signed_in.token
        )  # fmt: skip
        try:
            return _enrolled(g.services.ledger.handle(command), codes)
        except RuleBroken as refusal:
            form.wrong("code", str(refusal))
    if not form.is_submitted() and g.people.has_second_factor(g.actor.id):
        return redirect(url_for(".show"), 303)
    return _enrol_page(form), 422 if form.wrongs else 200


def _password_is_right(form: EnrolForm) -> bool:
    try:
        if g.accounts.confirm(g.signed_in, form.password_again.data, request.remote_addr or ""):
            return True
        form.wrong("password_again", gettext("口令不正确，请重新输入"))
    except Wait as wait:
        form.wrong(None, str(wait))
    return False


def _enrolled(receipt: Any, codes: tuple[str, ...]) -> Any:
    answer = recorded(receipt, title=str(EnrolForm.title), to=url_for(".show"))
    if receipt.repeated:
        flash(gettext("恢复码已经显示过一次，不再显示；没有抄下的，请更换恢复码"), "message")
        return answer
    g.sessions.confirm_code(g.signed_in)
    return render_template("account/recovery.html", codes=codes)


def _enrol_page(form: EnrolForm) -> str:
    [found] = accounts([g.actor.id])
    address = totp.address(form.secret.data, issuer=g.origin, account=found.login)
    words = [form.secret.data[at : at + 4] for at in range(0, len(form.secret.data), 4)]
    return render_template(
        "account/enrol.html", form=form, qr=segno.make(address, error="m").svg_data_uri(scale=4, border=4), words=words
    )


@bp.route("/second-factor/remove", methods=["GET", "POST"])
def remove() -> Any:
    form = RemoveForm()
    answer = submit(
        form,
        lambda: RemoveSecondFactor(
            id=form.command, actor=g.actor, official=UUID(g.actor.id), reason=form.reason.data, session=g.signed_in.token
        ),
        title=str(form.title),
        to=url_for(".show"),
        review=lambda: _review(gettext("未启用")),
    )  # fmt: skip
    return answer or (render_template("account/act.html", form=form), form.status)


@bp.route("/second-factor/recovery", methods=["GET", "POST"])
def renew() -> Any:
    """As at the enrolment, the answer shows the new codes, and no page shows them again."""
    form, receipts = RenewForm(), list[Any]()
    codes = g.services.vault.second_factors.recovery_codes(form.command, UUID(g.actor.id).bytes)

    def recorded(receipt: Any) -> str:
        receipts.append(receipt)
        return url_for(".show")

    answer = submit(
        form,
        lambda: RenewRecoveryCodes(id=form.command, actor=g.actor, recovery=codes),
        title=str(form.title),
        to=recorded,
        review=lambda: _review(gettext("已启用")),
    )  # fmt: skip
    if receipts and not receipts[0].repeated:
        return render_template("account/recovery.html", codes=codes)
    if receipts:
        flash(gettext("恢复码已经显示过一次，不再显示；没有抄下的，请再更换一次"), "message")
    return answer or (render_template("account/act.html", form=form), form.status)


def _review(then: str) -> Confirmation:
    return Confirmation([(gettext("姓名"), g.name), (gettext("现有角色"), g.post)], (gettext("已启用"), then))


@bp.post("/noted")
def noted() -> Any:
    """已知悉: everything up to the position that the page showed."""
    text = request.form.get("position", "")
    position = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    with g.services.database.cursor() as cursor:
        cursor.execute(
            "UPDATE web.acquaintance SET position = greatest(position, least(%s, (SELECT size FROM log.head)))"
            " WHERE official = %s",
            (position, g.actor.id),
        )
    return redirect(url_for("desk.index"), 303)


def notices() -> list[dict[str, Any]]:
    """What others changed about this account since its owner last said 已知悉, the newest first."""
    if g.actor is None or g.signed_in.must_change:
        return []
    try:
        with g.services.database.cursor() as cursor:
            cursor.execute("SELECT position FROM web.acquaintance WHERE official = %s", (g.actor.id,))
            row = cursor.fetchone()
        by_others = [one for one in g.people.changes(g.actor.id) if one.actor != g.actor.id]
        return told([one for one in by_others if row is not None and one.position > row[0]])
    except Refusal:  # the page that says that the database is away
        return []
