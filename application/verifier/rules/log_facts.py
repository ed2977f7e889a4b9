"""What a reader must know of a log beside whether it was altered: which it is, whether it is real, and who gave rights to whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.entry import NotAnEntry, loads, parse
from application.verifier.formats.note import NotANote, Note
from application.verifier.rules.authority import Authority

MOST = 12  # notices in one verdict; the rest is counted
WATCHED = {"rules.adopted", "role.granted", "key.enrolled"}


class Opened(NamedTuple):
    """What the first entry says. `mode`: production, training, or what else stands there; `continues`: the frozen log before
    this one, by its name and size; ("", 0) where that can't be read.
    """

    mode: str
    continues: tuple[str, int] | None

    @classmethod
    def read(cls, first: bytes) -> Opened | None:
        """None where these bytes are no first entry at all: that is for the rules to say."""
        try:
            data = loads(parse(first).body)["data"]
            mode, before = data["mode"], data.get("continues")
        except (NotAnEntry, KeyError, TypeError, AttributeError):
            return None
        return cls(mode, None if before is None else _named(before)) if isinstance(mode, str) else None


def _named(text: Any) -> tuple[str, int]:
    try:
        end = Checkpoint.parse(Note.parse(text.encode()).text)
    except (NotANote, NotACheckpoint, AttributeError, ValueError):
        return "", 0
    return end.origin, end.size


class Rights:
    """The entries by which rules were changed, and by which somebody gave a role or a key to themselves. Each is right by the
    rules of the log, or it would be a fault; people must know of them all the same.
    """

    def __init__(self) -> None:
        self._rules: list[int] = []
        self._own: list[tuple[int, str]] = []

    def learn(self, payload: dict[str, Any], authority: Authority) -> None:
        """Of one event of a WATCHED type, once it was admitted."""
        kind, seq = payload["type"], payload["seq"]
        if kind == "rules.adopted":
            self._rules += [seq + 1] if seq > 1 else []  # the first rules are part of the log's beginning
        elif payload["stream"] in authority.accounts(payload["actor"]):
            what = f"角色 {payload['data']['role']}@{payload['data']['unit']}" if kind == "role.granted" else "密钥"
            self._own.append((seq + 1, what))

    def notices(self) -> Iterator[str]:
        for position in self._rules[:MOST]:
            yield f"第 {position} 条改了权限规则：此后各条按新规则核验"
        for position, what in self._own[:MOST]:
            yield f"第 {position} 条由本人给自己授予：{what}"
        if more := len(self._rules[MOST:]) + len(self._own[MOST:]):
            yield f"此类条目另有 {more} 条"
