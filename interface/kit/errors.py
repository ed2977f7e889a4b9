"""Ways to say no, as pages: a refusal is a sentence, a defect a reference number. 未受理"""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import structlog
from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from application.platform.database import NoDatabase
from domain.errors import Busy, Conflict, NotAllowed, NotFound, Refusal, RuleBroken, Unavailable
from interface.kit.drafts import not_sent, typed
from interface.runtime.logs import failure

STATUS = {RuleBroken: 422, NotFound: 404, Conflict: 409, NotAllowed: 403, Busy: 429, Unavailable: 503}
log = structlog.get_logger()


def status_of(refusal: Refusal) -> int:
    """The HTTP code of a refusal; it appears nowhere else."""
    return next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 422)


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(NoDatabase, _no_database)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _defect)
    app.before_request(_must_be_text)


def _must_be_text() -> None:
    """An address with a NUL is none that a page of ours has, and nothing that the database takes."""
    if any("\0" in words for _name, words in request.args.items(multi=True)):
        raise NotFound(_("没有这个页面，或者您无权查看"))


def page(sentence: str, status: int, **more: Any) -> tuple[str, int]:
    """The page that says no in this sentence."""
    return render_template("refusal.html", sentence=sentence, status=status, unsent=typed(), **more), status


def _refused(refusal: Refusal) -> tuple[str, int]:
    return page(str(refusal), status_of(refusal))


def _no_database(refusal: NoDatabase) -> tuple[str, int]:
    """Whoever only looks is not told that nothing was recorded: the page may follow an act that was."""
    looking = request.method in ("GET", "HEAD")
    return page(
        _("本页暂时打不开，请稍后刷新；已经记录的内容不受影响") if looking else str(refusal), status_of(refusal)
    )


def _stale_form(error: CSRFError) -> tuple[str, int]:
    return not_sent()


def _http(error: HTTPException) -> Any:
    sentences = {
        400: _("请求不完整，请返回上一页重试"),
        404: _("没有这个页面，或者您无权查看"),
        405: _("这个地址不能这样访问，请从页面上的按钮进入"),
        413: _(
            "上传内容过大：每张照片不超过 10 MB，一次不超过 30 MB。请返回上一页，减少或压缩后再上传，填写的文字还在"
        ),
    }
    if error.code is None or error.code < 400:
        return error
    return page(sentences.get(error.code, _("请求未能办理，请返回上一页重试")), error.code)


def _defect(error: Exception) -> tuple[str, int]:
    reference = token_hex(4)
    log.error("a page failed", reference=reference, endpoint=request.endpoint, **failure(error))
    for name in ("actor", "signed_in"):  # the scene may be what failed: the page must stand without it
        g.setdefault(name, None)
    return page(_("系统出错了，您的这次操作没有完成。请稍后再试，并把编号告诉管理员"), 500, reference=reference)
