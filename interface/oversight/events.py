"""日志检索: events by what is known of them, one event with its proof, and whether a file is in the log."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, g, render_template, request, send_file
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms.validators import StopValidation

from application.verifier.formats.entry import NotAnEntry, body_of, loads, parse
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.signature import is_signed_by
from application.verifier.rules.authority import Authority
from domain.errors import NotFound
from interface.kit.fields import Choice, Day, Line, Position
from interface.kit.filters import FilterForm
from interface.kit.forms import Form
from interface.oversight import event_text
from interface.oversight.keys import as_of
from interface.oversight.published import Published, look_up
from interface.oversight.request_context import reading, record, sign_in_required, unseen
from interface.oversight.row_diff import differences
from projections.events import EventFilter, events

bp = Blueprint("events", __name__)
bp.before_request(sign_in_required)
SIZE = 20


class Hash(Line):
    """A hash or its beginning, in hex digits."""

    def pre_validate(self, form: Form) -> None:
        if self.data and not re.fullmatch("[0-9a-fA-F]{8,64}", self.data):
            raise StopValidation(gettext("哈希由 0–9、a–f 组成，至少填前 8 位"))


class Filters(FilterForm):
    """Search; it travels in the address."""

    position = Position(_("第几条"))
    person = Line(_("人员姓名"), needed=False)
    unit = Choice(_("单位"), needed=False, empty=_("全部"))
    topic = Choice(_("事件"), needed=False, empty=_("全部"))
    estate = Line(_("小区"), needed=False)
    number = Line(_("台账编号"), needed=False)
    document = Line(_("文号"), needed=False)
    hash = Hash(_("哈希（至少前 8 位）"), needed=False, limit=64)
    day = Day(_("记录日期从"), needed=False)
    to_day = Day(_("记录日期至"), needed=False)

    def wanted(self) -> EventFilter:
        typed = {name: self[name].data or None for name in ("estate", "number", "document", "day", "to_day", "unit")}
        if self.hash.data:
            typed["hash"] = self.hash.data.lower()
        if self.person.data:
            typed["people"] = _people(self.person.data)
        if self.topic.data:
            typed["topics"] = (self.topic.data,)
        if (position := self.position.number) is not None:
            typed |= {"after": position - 1, "before": position + 1}
        return EventFilter(**typed, but=unseen())


def _people(name: str) -> tuple[str, ...]:
    """Whoever is called so, and their accounts: what they did, what was done about them, the problems in their name."""
    accounts = g.people.officials_named(name)
    return (*accounts, *{str(g.people.person(account)) for account in accounts})


class DropForm(Form):
    file = FileField(_("文件"))


@bp.get("/events")
def index() -> Any:
    form = Filters(formdata=request.args)
    form.unit.choices = sorted(g.people.units().items())
    form.topic.choices = [(topic, event_text.event(topic)) for topic in event_text.TOPICS if topic not in unseen()]
    right = form.validate()
    wanted = form.wanted() if right else EventFilter(but=unseen())
    before = request.args.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 16 and wanted.before is None:
        wanted = EventFilter(**vars(wanted) | {"before": int(before)})
    with reading() as cursor:
        found = events(cursor, wanted, size=SIZE + 1)
        shown = event_text.told(cursor, found[:SIZE])
    more = found[SIZE - 1].position if len(found) > SIZE else None
    page = render_template("events.html", form=form, events=shown, more=more, drop=DropForm(), paged=bool(before))
    return page, 200 if right else 422


@bp.post("/drop")
def drop() -> Any:
    """这份文件在日志里吗: it is read, compared and forgotten."""
    form = DropForm()
    file = form.file.data
    if not form.validate_on_submit() or not file:
        form.wrong("file", gettext("请选择一个文件"))
        return render_template("drop.html", form=form, found=None, events=[]), 422
    content = file.stream.read()
    with reading() as cursor:
        found = look_up(cursor, g.services.home, content)
        rows = [one for position in found.positions for one in events(cursor, at(position), size=1)]
        shown = event_text.told(cursor, rows)
    return render_template("drop.html", form=form, found=found, events=shown)


def at(position: int) -> EventFilter:
    return EventFilter(after=position - 1, before=position + 1, but=unseen())


@bp.get("/events/<int:position>")
def show(position: int) -> str:
    with reading() as cursor:
        raw, size = _stored(cursor, position)
        told = event_text.told(cursor, events(cursor, at(position), size=1))
        authority = as_of(cursor, size)
    published = Published(g.services.home)
    public = published.entry(position)
    if raw is None and public is None:
        raise NotFound(gettext("日志中没有第 %(n)s 条", n=position))
    entry = _seen(raw or public or b"")
    shown: dict[str, Any] = {"position": position, "size": max(size, published.size), "told": told[0] if told else None}
    shown |= {"raw": raw, "public": public, "published": published.size, "leaf": leaf_hash(entry).hex()}
    given = g.verdicts.newest()
    shown["witnessed"] = given.found.witnessed if given else 0
    return render_template("event.html", **shown, **_altered(raw, public), **_signed(entry, position - 1, authority))


def _seen(entry: bytes) -> bytes:
    """Raises NotFound for what this role is not shown."""
    try:
        topic = loads(body_of(entry))["type"]
    except (ValueError, TypeError, KeyError):
        return entry  # damaged: that is shown
    if topic in unseen():
        raise NotFound(gettext("这一条只对市纪委监委显示"))
    return entry


def _altered(raw: bytes | None, public: bytes | None) -> dict[str, Any]:
    """Whether the row is another than the published entry; that entry as people read it, and what differs."""
    if raw is None or public is None or raw == public:
        return {"differs": False, "was": None, "altered": None}
    return {"differs": True, "was": _payload(_seen(public)), "altered": differences(public, raw)}


def _stored(cursor: Any, position: int) -> tuple[bytes | None, int]:
    cursor.execute(
        "SELECT (SELECT entry FROM log.event WHERE position = %s), size FROM log.head", (min(position, 2**62),)
    )
    entry, size = cursor.fetchone()
    return (bytes(entry) if entry is not None else None), size


def _signed(raw: bytes, index: int, authority: Authority) -> dict[str, Any]:
    """The payload as it is written, who signed it, whether the signature is right and the key was in force."""
    payload = _payload(raw)
    try:
        entry = parse(raw)
    except NotAnEntry:
        return {"payload": payload, "keyid": None, "key": None, "right": False, "in_force": False}
    key = authority.public_key(entry.keyid)
    in_force = key is not None and key.from_index <= index and (key.until_index == -1 or index < key.until_index)
    return {
        "payload": payload,
        "keyid": entry.keyid,
        "key": key,
        "owner": g.people.name(key.owner) if key is not None and key.owner != "service" else gettext("本系统"),
        "right": key is not None and is_signed_by(key.public, entry),
        "in_force": in_force,
    }


def _payload(raw: bytes) -> str | None:
    """As people read it; None where it is none."""
    try:
        return json.dumps(loads(body_of(raw)), ensure_ascii=False, indent=2, sort_keys=True)
    except ValueError:
        return None


@bp.get("/events/<int:position>.tlog-proof")
def proof(position: int) -> Response:
    return _file(Published(g.services.home).proof(position), f"{position}.tlog-proof", "text/plain")


@bp.post("/events/<int:position>.entry")
def entry(position: int) -> Response:
    """The entry's bytes, handed out: recorded first."""
    content = Published(g.services.home).entry(position)
    if content is None:
        raise NotFound(gettext("此条尚未发布，或发布目录已损坏"))
    _seen(content)
    record(f"entry/{position}", "oversight")
    return _file(content, f"{position}.entry", "application/octet-stream")


def _file(content: bytes, name: str, media_type: str) -> Response:
    response = send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
