"""What somebody asks the service to do, and who does it. 命令"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from application.vault.passwords import Password
from application.verifier.formats.entry import canonical
from domain.values import Actor


@dataclass(frozen=True)
class Backfilled:
    """补录: the paper that a record entered after the fact comes from, and the unit that holds it."""

    paper: str
    holder: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """`id` is made with the form, so a form sent twice is one command; `occurred_on` only where another day is claimed."""

    id: UUID
    actor: Actor
    occurred_on: date | None = None
    backfilled: Backfilled | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 over what is asked, by whom, without passwords: the same id with another digest is another request."""
        members = {name: getattr(self, name) for name in _asked(type(self))}  # type: ignore[arg-type]
        asked = {name: plain(value) for name, value in members.items() if not isinstance(value, Password)}
        return sha256(canonical({"command": type(self).__name__, "actor": self.actor.id, "asked": asked})).digest()


@cache
def _asked(kind: type[Command]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in ("id", "actor"))


def plain(value: Any) -> Any:
    """A command's value as JSON without null; bytes by their hash."""
    match value:
        case None:
            return "None"
        case str() | bool() | int():
            return value
        case bytes():
            return sha256(value).hexdigest()
        case UUID() | date():
            return str(value)
        case dict():
            return {str(name): plain(member) for name, member in value.items()}
        case list() | tuple():
            return [plain(member) for member in value]
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"a command holds no {type(value).__name__}")
