"""How things are written on a page: days, moments, money, shares, traffic lights. 显示格式"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from jinja2 import pass_context

SHANGHAI = ZoneInfo("Asia/Shanghai")
SOON = 3  # working days left, from which a deadline is yellow


class Light(NamedTuple):
    """A traffic light of a deadline: tone green | amber | red | grey and the words beside it."""

    tone: str
    word: str


def light(due_on: date | str, day: date, *, working_days_left: int | None = None, ended: str | None = None) -> Light:
    """绿 在期, 黄 within 3 working days, 红 overdue (in days), 灰 where it `ended` (the words say how).

    `working_days_left` comes from the calendar; without it days are counted plainly.
    """
    if ended is not None:
        return Light("grey", ended)
    due = date.fromisoformat(due_on) if isinstance(due_on, str) else due_on
    if due < day:
        return Light("red", _("逾期 %(n)s 日", n=(day - due).days))
    if working_days_left is None:
        left = (due - day).days
        words = _("今日到期") if left == 0 else _("剩 %(n)s 日", n=left)
    else:
        left = working_days_left
        words = _("今日到期") if due == day else _("剩 %(n)s 个工作日", n=left)
    return Light("amber" if left <= SOON else "green", words)


def moment(at: str | datetime | None) -> str:
    """2026-03-01 09:00, Beijing time; from an aware moment or ISO text in UTC."""
    if not at:
        return "—"
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    return when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def paper_day(day: date) -> str:
    """2026年3月1日, as letters write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def yuan(fen: int | None) -> str:
    """Money from whole 分: 1,234.50 元"""
    return "—" if fen is None else _("%(sum)s 元", sum=f"{fen / 100:,.2f}")


def short(keyid: str) -> str:
    """As much of a key's id as people compare."""
    return keyid.partition(":")[2][:16]


def percent(numerator: int, denominator: int) -> str:
    """96.4%, or a dash where nothing is counted."""
    return f"{100 * numerator / denominator:.1f}%" if denominator else "—"


def points(points_x10: int | None) -> str:
    """Credit points, kept as tenths: 25 → 2.5"""
    return "—" if points_x10 is None else f"{points_x10 / 10:g}"


def here(**changes: Any) -> str:
    """The address of this page with some arguments changed (None takes one away); filters and page stay."""
    if request.endpoint is None or request.method != "GET":
        return request.path
    return _address(request.endpoint, request.view_args or {}, changes)


def along(endpoint: str, **places: Any) -> str:
    """The address of a matter from its list, of its neighbours, and back to the list: filter and page go along."""
    return _address(endpoint, places, {"act": None})


def as_file(endpoint: str, kind: str, **more: Any) -> str:
    """The address of what this page lists as a file of that kind, with the page's filter and what else narrows it."""
    return _address(endpoint, {"kind": kind}, {"page": None, **more})


def _address(endpoint: str, places: dict[str, Any], changes: dict[str, Any]) -> str:
    """Whatever else stands in the address goes along, but for what url_for would take for an order to itself."""
    said: dict[str, Any] = {
        name: values
        for name, values in request.args.lists()
        if not name.startswith("_") and name not in changes and name not in places
    }
    said |= {name: None if value is None else [value] for name, value in changes.items()}
    return url_for(endpoint, **said, **places)


def endpoint_exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def init_app(app: Flask) -> None:
    """Give every template these filters, `here` and the macros `show` and `ask`."""
    app.jinja_env.filters.update(
        b64=lambda content: b64encode(content).decode(),
        moment=moment,
        posix=lambda seconds: datetime.fromtimestamp(seconds, UTC),
        paper_day=paper_day,
        yuan=yuan,
        points=points,
        # Of the context, or what one application has would be compiled into the template as a constant.
        endpoint_exists=pass_context(lambda _context, endpoint: endpoint_exists(endpoint)),
        light=light,
        percent=percent,
        short=short,
    )
    app.jinja_env.globals.update(here=here, along=along, as_file=as_file)
    app.jinja_env.globals["show"] = app.jinja_env.get_template("kit/show.html").module
    app.jinja_env.globals["ask"] = app.jinja_env.get_template("kit/forms.html").module
