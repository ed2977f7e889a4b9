"""People and keys as files, with the page's filter. 人员清单导出"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext

from application.officials.keys import Listed
from interface.kit.exports.download import Listing, download
from interface.kit.formatting import moment
from interface.web.officials.views import (
    STATES,
    Account,
    KeyFilters,
    administrators_only,
    filters,
    listed,
    listed_keys,
    owners,
)
from projections.query.page import Page

bp = Blueprint("official_listings", __name__, url_prefix="/people")
bp.before_request(administrators_only)
PEOPLE = {"姓名": 14, "账号": 22, "角色": 44, "状态": 10, "密钥自第几条": 12, "最近登录": 18}
KEYS = {"密钥": 44, "所有人": 20, "自第几条": 10, "至第几条": 10, "状态": 10}
KEY_STATES = {"in force": "有效", "replaced": "已更换", "revoked": "已吊销"}


@bp.get("/officials.<kind>")
def file(kind: str) -> Response:
    form = filters()

    def page(_cursor: Any, number: int, size: int) -> Page[Account]:
        return listed(form, number, size)

    return download(
        kind, Listing("official_listings.file", "人员与权限", PEOPLE, page, _of_people, lambda _cursor: form)
    )


def _of_people(_cursor: Any, items: list[Account]) -> Iterator[tuple[Any, ...]]:
    for one in items:
        roles = "、".join(grant.words + (f"（代理至 {grant.until}）" if grant.until else "") for grant in one.grants)
        key = one.key[1] if one.key else None
        yield one.name, one.login, roles, gettext(STATES[one.state][0]), key, moment(one.signed_in)


@bp.get("/keys.<kind>")
def keys_file(kind: str) -> Response:
    form = KeyFilters(formdata=request.args)

    def page(_cursor: Any, number: int, size: int) -> Page[Listed]:
        return listed_keys(form, number, size)

    return download(
        kind, Listing("official_listings.keys_file", "签名密钥", KEYS, page, _of_keys, lambda _cursor: form)
    )


def _of_keys(_cursor: Any, items: list[Listed]) -> Iterator[tuple[Any, ...]]:
    names = owners(items)
    for one in items:
        yield one.keyid, names.get(one.owner, "本系统"), one.first, one.last, KEY_STATES[one.state]
