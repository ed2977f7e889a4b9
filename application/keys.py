"""Keys of the log: a new one takes over from the old, or the log ends. 日志密钥"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from application.command import Command, handles
from application.ledger import Ledger, Receipt
from application.trail.logkeys import KeyFiles
from application.trail.note import Vkey
from domain.base import public_id
from domain.errors import RuleBroken
from domain.log.log import Log
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


def the_log(ledger: Ledger) -> Log:
    return ledger.fetch(Log, public_id(ledger.origin, "log", ""))


@handles(RotateLogKey)
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


@handles(FreezeLog)
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
