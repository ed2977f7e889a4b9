"""密钥目录: whose key was in force at any position of the log, folded from the log itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.preflight.letterbox_key import commission_key
from application.verifier.formats.entry import body_of, loads
from application.verifier.formats.note import ML_DSA_44, Vkey
from application.verifier.rules.authority import Authority, key_directory
from application.verifier.rules.rights_register import SERVICE, TOPICS
from domain.errors import NotFound
from interface.kit.fields import Position
from interface.kit.filters import FilterForm
from interface.oversight.request_context import reading, sign_in_required

bp = Blueprint("keys", __name__, url_prefix="/keys")
bp.before_request(sign_in_required)
DAMAGED = (ValueError, KeyError, TypeError, AttributeError)  # of a row that was overwritten; the verdict names it


class AtForm(FilterForm):
    at = Position(_("截至第几条"))


class LogKey(NamedTuple):
    """A key of the log itself: it signs checkpoints from the entry at `first` on; another took over at `last`, and both sign
    until this one is retired, of which the log says nothing."""

    vkey: Vkey
    first: int
    last: int | None = None

    @property
    def algorithm(self) -> str:
        return "ML-DSA-44" if self.vkey.kind == ML_DSA_44 else "Ed25519"


def as_of(cursor: Any, position: int) -> Authority:
    """What the log says of rules, officials and keys up to and with that position; only events that say it are read."""
    authority = Authority()
    for _position, entry in _entries(cursor, sorted(TOPICS), position):
        with suppress(*DAMAGED):
            authority.learn(loads(body_of(entry)))
    return authority


def keys_of_log(cursor: Any, position: int) -> list[LogKey]:
    """The keys that its first entry names, and those that took over, up to and with that position."""
    found = dict[str, LogKey]()
    for at, entry in _entries(cursor, ["log.opened", "log.key_rotated"], position):
        with suppress(*DAMAGED):
            data = loads(body_of(entry))["data"]
            for text in data.get("log_keys", []):
                found[text] = LogKey(Vkey.parse(text), at)
            if "new" in data:
                found[data["old"]] = found[data["old"]]._replace(last=at)
                found[data["new"]] = LogKey(Vkey.parse(data["new"]), at)
    return list(found.values())


def _entries(cursor: Any, topics: list[str], position: int) -> Iterator[tuple[int, bytes]]:
    cursor.execute(
        "SELECT position, entry FROM log.event WHERE position <= %s AND topic = ANY(%s) ORDER BY position",
        (position, topics),
    )
    for at, entry in cursor.fetchall():
        yield at, bytes(entry)


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
        authority, own = as_of(cursor, position), keys_of_log(cursor, position)
    directory = key_directory(authority)
    rows = [_row(keyid, key, authority, position) for keyid, key in directory.items()]
    rows.sort(key=lambda row: (not row["in_force"], row["from_position"]))
    letters = commission_key(g.services.home)
    shown = {"form": form, "position": position, "size": size, "rows": rows, "own": own, "letters": letters}
    return render_template("keys.html", **shown), status


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
