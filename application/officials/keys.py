"""Keys: those of officials by the log's own account, and those of the log, which hand over or end with it. 密钥管理"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.log.append_batch import SideRow
from application.log.log_keys import KeyFiles
from application.vault.passwords import Password
from application.verifier.formats.entry import body_of, loads
from application.verifier.formats.note import Vkey
from application.verifier.rules.authority import Authority, key_directory
from application.verifier.rules.rights_register import TOPICS
from domain.base import public_id
from domain.errors import RuleBroken
from domain.log.log import Log
from domain.officials.official import Official
from domain.values import Actor


@dataclass(frozen=True, kw_only=True)
class RotateLogKey(Command):
    """更换日志密钥: vkeys; `proof` is the old key's signature over the new vkey, base64."""

    old: str
    new: str
    proof: str


@dataclass(frozen=True, kw_only=True)
class FreezeLog(Command):
    """冻结日志: after a compromise; nothing is recorded in it any more."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class GivesKey(Command):
    """A new key for an official, under a starting password that opens it until the first sign-in."""

    official: UUID
    password: Password
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class EnrolKey(GivesKey):
    """登记签名密钥: for an official without one."""


@dataclass(frozen=True, kw_only=True)
class RotateKey(GivesKey):
    """更换签名密钥: the key in force ends with this act, a new one begins after it."""


@dataclass(frozen=True, kw_only=True)
class ResetPassword(GivesKey):
    """重置口令: of somebody who forgot it. Nobody can open the old key any more, so it is revoked and a new one enrolled."""

    reason: str


@dataclass(frozen=True)
class Listed:
    """A signing key as the log knows it; positions `first`..`last` may bear its signature, None while it is in force."""

    keyid: str
    owner: str
    use: str
    first: int
    last: int | None
    state: str  # "in force" | "replaced" | "revoked"


def listed(ledger: Ledger, at: int | None = None) -> list[Listed]:
    """Every key by the log up to position `at`, in the order in which they were enrolled."""
    authority, revoked = Authority(), set()
    for position, entry in ledger.table.of_topics(sorted(TOPICS)):
        if at is None or position <= at:
            payload = loads(body_of(entry))
            authority.learn(payload)
            revoked |= {payload["data"]["keyid"]} if payload["type"] == "key.revoked" else set()
    found = []
    for keyid, key in key_directory(authority).items():
        ended = key["until_index"] != -1
        state = "revoked" if keyid in revoked else "replaced" if ended else "in force"
        last = key["until_index"] if ended else None
        found.append(Listed(keyid, key["owner"], key["use"], key["from_index"] + 1, last, state))
    return found


def enrol_key(command: EnrolKey, ledger: Ledger) -> Receipt:
    """The first key of an account, under a starting password."""
    given = _new_key(command, ledger)
    given.official.enrol_key(key=given.key, in_force=given.in_force, actor=command.actor)
    return ledger.commit(given.official, command=command, beside=given.beside)


def rotate_key(command: RotateKey, ledger: Ledger) -> Receipt:
    given = _new_key(command, ledger)
    given.official.rotate_key(key=given.key, in_force=given.in_force, actor=command.actor)
    return ledger.commit(given.official, command=command, beside=given.beside)


def reset_password(command: ResetPassword, ledger: Ledger) -> Receipt:
    """Nobody can unwrap the old key without the forgotten password: it is revoked, and a new one begins."""
    given = _new_key(command, ledger)
    official, actor = given.official, command.actor
    if actor.is_same_person_as(str(official.id)):
        raise RuleBroken("本人的口令请在“更换口令”页面更换；忘记口令的，请另一位密钥管理员重置")
    official.reset_credential(reason=command.reason, actor=actor)
    if given.in_force is not None:
        official.revoke_key(in_force=given.in_force, reason=command.reason, actor=actor)
    official.enrol_key(key=given.key, in_force=None, actor=actor)
    return ledger.commit(official, command=command, beside=given.beside)


class _Given(NamedTuple):
    """A new key for an account, the key that signs for it until then, and the rows that hold the new key and its password."""

    official: Official
    key: dict[str, str]
    in_force: str | None
    beside: tuple[SideRow, SideRow]


def _new_key(command: GivesKey, ledger: Ledger) -> _Given:
    official = ledger.fetch(Official, command.official, seen=command.seen)
    key, _, row = ledger.keys.create(str(official.id), command.password)
    password = ledger.vault.people.new_password(official.id, command.password.hashed, one_time=True)
    return _Given(official, key, ledger.key_in_force(official.id), (row, password))


def the_log(ledger: Ledger) -> Log:
    return ledger.fetch(Log, public_id(ledger.origin, "log", ""))


def rotate_log_key(command: RotateLogKey, ledger: Ledger) -> Receipt:
    """A proof that a verifier would refuse must never be recorded: the log would be wrong for ever."""
    try:
        old, new = Vkey.parse(command.old), Vkey.parse(command.new)
        old.verify_raw(str(new).encode(), b64decode(command.proof, validate=True))
    except ValueError:
        raise RuleBroken("新日志密钥没有旧密钥的有效签名") from None
    if {old.name, new.name} != {ledger.origin} or old.kind != new.kind:
        raise RuleBroken("新旧密钥须属于本日志，且为同一种类")
    log = the_log(ledger)
    log.rotate_key(old=command.old, new=command.new, proof=command.proof, actor=command.actor)
    return ledger.commit(log, command=command)


def freeze_log(command: FreezeLog, ledger: Ledger) -> Receipt:
    log = the_log(ledger)
    log.freeze(reason=command.reason, actor=command.actor)
    return ledger.commit(log, command=command)


def hand_over(ledger: Ledger, folder: Path, kind: int, actor: Actor) -> tuple[Vkey, Vkey]:
    """A new key of this kind beside the old one, first in the log, then in the folder; (old, new).

    Whoever is cut off in between says it again: the same key is waiting, and what the log says already is not said twice.
    """
    files = KeyFiles(folder, kind)
    new = files.successor()
    if str(new.vkey) not in the_log(ledger).keys:
        old = files.current
        proof = b64encode(old.sign_raw(str(new.vkey).encode())).decode()
        ledger.handle(RotateLogKey(id=uuid4(), actor=actor, old=str(old.vkey), new=str(new.vkey), proof=proof))
    old = files.current
    files.take_over()
    return old.vkey, new.vkey


HANDLERS: Handlers = {
    EnrolKey: enrol_key,
    RotateKey: rotate_key,
    ResetPassword: reset_password,
    RotateLogKey: rotate_log_key,
    FreezeLog: freeze_log,
}
