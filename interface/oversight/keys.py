"""密钥目录: whose key was in force at any position of the log, folded from the log itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.trail.authority import SERVICE, TOPICS, Authority, key_directory
from application.trail.entry import body_of, loads
from domain.errors import NotFound
from interface.oversight.scene import reading, sign_in_required
from interface.web.fields import Position
from interface.web.forms import Form

bp = Blueprint("keys", __name__, url_prefix="/keys")
bp.before_request(sign_in_required)


class AtForm(Form):
    class Meta:
        csrf = False

    at = Position(_("截至第几条"))


def as_of(cursor: Any, position: int) -> Authority:
    """What the log says of rules, officials and keys up to and with that position; only events that say it are read."""
    cursor.execute(
        "SELECT entry FROM log.event WHERE position <= %s AND topic = ANY(%s) ORDER BY position",
        (position, sorted(TOPICS)),
    )
    authority = Authority()
    for (entry,) in cursor.fetchall():
        with suppress(
            ValueError, KeyError, TypeError, AttributeError
        ):  # a row that was overwritten; the verdict names it
            authority.learn(loads(body_of(bytes(entry))))
    return authority


@bp.get("")
def index() -> Any:
    form = AtForm(formdata=request.args)
    status = 200 if form.validate() else 422
    with reading() as cursor:
        cursor.execute("SELECT size FROM log.head")
        (size,) = cursor.fetchone()
        position = size if form.at.number is None else form.at.number
        if not 0 < position <= size:
            raise NotFound(gettext("日志中没有第 %(n)s 条", n=position))
        authority = as_of(cursor, position)
    directory = key_directory(authority)
    rows = [_row(keyid, key, authority, position) for keyid, key in directory.items()]
    rows.sort(key=lambda row: (not row["in_force"], row["from_position"]))
    return render_template("keys.html", form=form, position=position, size=size, rows=rows), status


def _row(keyid: str, key: dict[str, Any], authority: Authority, position: int) -> dict[str, Any]:
    owner = key["owner"]
    held = sorted(authority.roles.get(owner, set()))
    ended = key["until_index"] != -1
    return {
        "keyid": keyid,
        "pub": key["pub"],
        "owner": gettext("本系统") if owner == SERVICE else g.people.name(owner),
        "roles": [(role, g.people.unit(unit)) for role, unit in held],
        "retired": owner in authority.retired,
        "from_position": key["from_index"] + 1,
        "until_position": key["until_index"] if ended else None,
        "in_force": not ended and owner not in authority.retired,
    }
