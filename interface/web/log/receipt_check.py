"""回执核验: whether a receipt stands in the published log, without showing what was said. 回执核验"""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, Response, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField

from application.log.log_keys import LogKeys
from application.platform.clock import rfc3339
from application.vault.public_tips import PublicBox
from application.vault.query_code import locator_of
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.promise import NotAPromise, Promise, parse
from application.verifier.formats.proof import Proof
from application.verifier.single_entry import verify_one
from interface.i18n.refusal_text import in_words
from interface.kit.fields import Line
from interface.kit.formatting import moment
from interface.kit.forms import Form
from interface.web.log import publication_text

bp = Blueprint("receipt_check", __name__, url_prefix="/receipt")
LARGEST = 100_000


class Found(NamedTuple):
    """`good`: yes, no, or None where it is not decided yet."""

    good: bool | None
    sentence: str
    root: str = ""


class CheckForm(Form):
    class Meta:
        csrf = False

    locator = Line(_("回执号"), needed=False, limit=40, description=_("查询码的前 5 位，或扫二维码自动填入"))
    hash = Line(_("条目摘要"), needed=False, limit=80, code=True, description=_("至少前 32 位"))


class FilesForm(Form):
    class Meta:
        csrf = False

    promise = FileField(_("收件承诺文件（.promise.json）"))
    proof = FileField(_("证明文件（.tlog-proof）"))
    entry = FileField(_("条目文件（.entry）"))


@bp.after_request
def _no_trace(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/check")
def check() -> Any:
    form = CheckForm(formdata=request.args)
    found = _by_hash(form) if {"locator", "hash"} & request.args.keys() else None
    return _page(form, found)


@bp.post("/check")
def check_files() -> Any:
    promise, proof, entry = (_read(name) for name in ("promise", "proof", "entry"))
    if promise:
        found = _by_promise(promise)
    elif proof and entry:
        verdict = verify_one(proof, entry, LogKeys.load(g.services.home.keys).vkeys)
        root = verdict.checkpoint.root.hex() if verdict.checkpoint else ""
        found = Found(verdict.ok, gettext("这个条目在公开日志中") if verdict.ok else in_words(verdict.sentence), root)
    else:
        found = Found(False, gettext("请选择收件承诺文件，或者同时选择证明文件和条目文件"))
    return _page(CheckForm(formdata=None), found)


def _read(name: str) -> bytes:
    file = request.files.get(name)
    return file.stream.read(LARGEST) if file else b""


def _by_hash(form: CheckForm) -> Found:
    if not (form.locator.data and form.hash.data):
        return Found(False, gettext("请把回执号和条目摘要都填上；查询进度页的回执里有"))
    locator = locator_of(form.locator.data or "")
    wanted = "".join((form.hash.data or "").lower().split())
    known = PublicBox(g.services.database).find(locator) if len(wanted) >= 32 else None
    place = publication_text.place_of(known.tip) if known else None
    if place is None or not place.leaf.startswith(wanted):
        return Found(False, gettext("日志中没有与此回执号和摘要相符的条目；请核对后再试"))
    return _standing(place)


def _by_promise(raw: bytes) -> Found:
    try:
        promise = parse(raw)
        key = g.services.ledger.authority().public_key(promise.keyid)
        if key is None or key.owner != "service":
            raise NotAPromise("not the service's key")
        promise.verify(key.public)
    except NotAPromise:
        return Found(False, gettext("这不是本系统签发的收件承诺，或者文件被改动过"))
    known = PublicBox(g.services.database).find_promise(raw)
    place = publication_text.place_of(known.tip) if known else None
    if place is None:
        return _not_yet(promise)
    return _standing(place)


def _not_yet(promise: Promise) -> Found:
    by = moment(promise.promised_by)
    if promise.promised_by >= rfc3339(g.services.clock.now()):
        return Found(None, gettext("承诺的签名有效；内容已收到，应于 %(time)s 前写入日志", time=by))
    late = gettext(
        "承诺的签名有效，但已过承诺的时间 %(time)s，日志中仍没有；请保存好这份文件，向市纪委监委（12388）反映", time=by
    )
    return Found(False, late)


def _standing(place: publication_text.Place) -> Found:
    if not place.is_published:
        return Found(None, gettext("已登记为日志第 %(n)s 条，尚未发布；请过几分钟再查", n=place.position))
    proved = publication_text.proof_of(place)
    root = Checkpoint.parse(Proof.parse(proved.proof).checkpoint.text).root.hex()
    said = gettext("在公开日志中：第 %(n)s 条，共 %(of)s 条", n=place.position, of=proved.size)
    if names := "、".join(witness.name for witness in place.stands.witnesses):
        said += gettext("；已由 %(names)s 见证", names=names)
    return Found(True, said, root)


def _page(form: CheckForm, found: Found | None) -> Any:
    status = 422 if found is not None and found.good is False else 200
    return render_template("public/check.html", form=form, files=FilesForm(formdata=None), found=found), status
