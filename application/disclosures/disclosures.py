"""Opening a reporter's identity: two persons, a reason, an event and a row of the record of readings each time. 身份打开"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.own_words import in_own_words
from application.core.permissions import must_reach
from application.vault.vault import reading
from application.verifier.formats.commitments import opening
from domain.disclosures.disclosure import Disclosure
from domain.errors import NotAllowed
from domain.tips.tip import Tip
from domain.values import CITY


@dataclass(frozen=True, kw_only=True)
class RequestDisclosure(Command):
    """申请打开身份: `fields` among text, reporter, contact, files."""

    tip: UUID
    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class OnDisclosure(Command):
    """`seen` is the version that the person was looking at."""

    disclosure: UUID
    seen: int


@dataclass(frozen=True, kw_only=True)
class ApproveDisclosure(OnDisclosure):
    """批准打开身份"""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeclineDisclosure(OnDisclosure):
    """不批准打开身份"""

    reason: str


@dataclass(frozen=True, kw_only=True)
class OpenDisclosure(Command):
    """打开身份: as often as needed, so no version is asked for."""

    disclosure: UUID
    fields: tuple[str, ...]


def request_disclosure(command: RequestDisclosure, ledger: Ledger) -> Receipt:
    tip = ledger.fetch(Tip, command.tip)
    must_reach(command.actor, tip.unit or CITY)
    in_own_words(ledger, tip.id, command.reason)
    requested = Disclosure.request(
        id=uuid4(), tip=tip.id, fields=list(command.fields), reason=command.reason, actor=command.actor
    )
    return ledger.commit(requested, command=command)


def approve_disclosure(command: ApproveDisclosure, ledger: Ledger) -> Receipt:
    disclosure = _found(command, ledger)
    in_own_words(ledger, disclosure.tip, command.note)
    disclosure.approve(note=command.note, actor=command.actor)
    return ledger.commit(disclosure, command=command)


def decline_disclosure(command: DeclineDisclosure, ledger: Ledger) -> Receipt:
    disclosure = _found(command, ledger)
    in_own_words(ledger, disclosure.tip, command.reason)
    disclosure.decline(reason=command.reason, actor=command.actor)
    return ledger.commit(disclosure, command=command)


def _found(command: OnDisclosure, ledger: Ledger) -> Disclosure:
    disclosure = ledger.fetch(Disclosure, command.disclosure, seen=command.seen)
    must_reach(command.actor, disclosure.unit)
    return disclosure


def open_disclosure(command: OpenDisclosure, ledger: Ledger) -> Receipt:
    """The event and the row of the record of readings are one transaction, and both come before anything is shown."""
    disclosure = ledger.fetch(Disclosure, command.disclosure)
    tip = ledger.fetch(Tip, disclosure.tip)
    must_reach(command.actor, tip.unit or CITY)  # it may have been taken from the unit meanwhile
    disclosure.open(fields=list(command.fields), today=ledger.today, actor=command.actor)
    what = f"tip/{disclosure.tip}/{'+'.join(command.fields)}"
    beside = reading(command.actor, what=what, why=f"disclosure/{disclosure.id}")
    return ledger.commit(disclosure, command=command, beside=(beside,))


def opened(command: OpenDisclosure, ledger: Ledger) -> dict[str, Any] | None:
    """{field: its value} after the opening was recorded; None if it was recorded before: it is shown once."""
    if ledger.handle(command).repeated:
        return None
    disclosure = ledger.fetch(Disclosure, command.disclosure)
    return {name: value for name, (value, _) in _values(ledger, disclosure.tip, command.fields).items()}


def opening_file(command: OpenDisclosure, ledger: Ledger) -> bytes:
    """One field of one tip with its salt, for whoever holds the log: it verifies offline. Raises a Refusal."""
    [name] = command.fields
    if ledger.handle(command).repeated:
        raise NotAllowed("此次打开的文件已下载过；如再次需要，请回到申请页面重新打开")
    tip = ledger.fetch(Disclosure, command.disclosure).tip
    value, salt = _values(ledger, tip, command.fields)[name]
    if name == "files":
        value = [file.listed for file in value]
    with ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT position, leaf_hash FROM log.event WHERE stream = %s AND version = 1", (tip,))
        position, leaf = cursor.fetchone()
    told = opening(ledger.origin, position - 1, bytes(leaf).hex(), name, salt, value)
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _values(ledger: Ledger, tip: UUID, fields: tuple[str, ...]) -> dict[str, tuple[Any, str]]:
    """{field: (value, salt)}; each of the two blobs is opened only if something of it was asked for."""
    found: dict[str, tuple[Any, str]] = {}
    for blob, names in (
        (ledger.vault.tips.words, ("text", "files")),
        (ledger.vault.tips.reporter, ("reporter", "contact")),
    ):
        if wanted := [name for name in names if name in fields]:
            held = blob(tip)
            found |= {name: (getattr(held, name), held.salts[name]) for name in wanted}
    return found


HANDLERS: Handlers = {
    RequestDisclosure: request_disclosure,
    ApproveDisclosure: approve_disclosure,
    DeclineDisclosure: decline_disclosure,
    OpenDisclosure: open_disclosure,
}
