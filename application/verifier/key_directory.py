"""密钥目录: keys.json and log.vkey are conveniences; a verifier computes them again from the log and compares. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import application.verifier.verdict_text as words
from application.verifier.formats.entry import NotAnEntry, loads
from application.verifier.formats.tiles import Fetch
from application.verifier.rules.authority import Authority, key_directory
from application.verifier.rules.entry_check import EntryCheck, Fault
from application.verifier.signed_heads import Head, foreign_lines, named_by


def compared(fetch: Fetch, examiner: EntryCheck, head: Head, patient: bool) -> tuple[list[Fault], list[str]]:
    """Faults and notes: keys.json, log.vkey and the lines under the checkpoint held against the keys that the log names.

    While a publisher is at work (`patient`) another key may have taken over behind the checkpoint.
    """
    faults, notes, raw = list[Fault](), list[str](), fetch("keys.json")
    named = named_by(examiner.log_keys, examiner.rotations)
    if raw is None:
        notes.append(words.NO_DIRECTORY)
    elif (wrong := differs(raw, examiner.authority)) is not None:
        faults.append(Fault("EVENT_KEY", wrong))
    elif not patient:
        notes += later(raw, examiner.authority.size)
    if (lines := foreign_lines(head.raw, head.checkpoint.origin, named)) is not None:
        notes.append(lines)
    shown = fetch("log.vkey")
    if not (shown or b"").split():
        notes.append(words.NO_VKEY)
    if (strange := strangers(shown, named)) is not None:
        notes += [strange] * patient
        faults += [Fault("GENESIS", strange)] * (not patient)
    return faults, notes


def differs(raw: bytes, authority: Authority) -> str | None:
    """What keys.json says otherwise than the log so far; None if nothing. It may know of events beyond the checkpoint."""
    try:
        said = loads(raw)
    except NotAnEntry as error:
        return f"keys.json 不是规范的 JSON：{error}"
    computed = key_directory(authority)
    for keyid in sorted(computed.keys() | said.keys()):
        key = said.get(keyid)
        if keyid not in computed and isinstance(key, dict) and _is_later(key.get("from_index"), authority.size):
            continue
        # Spelled out: to Python false is 0 and true is 1, and to other readers of this file they are not.
        if keyid not in computed or _spelled(_as_of(key, authority.size)) != _spelled(computed[keyid]):
            return f"keys.json 与日志不符：{keyid[:60]}"
    return None


def later(raw: bytes, size: int) -> list[str]:
    """What must be said of keys that begin or end behind the tree of this size: nobody has checked that."""
    told = [key for key in loads(raw).values() if isinstance(key, dict)]
    count = sum(_is_later(key.get("from_index"), size) or _is_later(key.get("until_index"), size) for key in told)
    return [f"keys.json 中有 {count} 个密钥的起止在检查点以后，未核对"] if count else []


def strangers(raw: bytes | None, named: Collection[str]) -> str | None:
    """The first key in log.vkey that the log does not name: whoever has no paper would believe it."""
    for line in (raw or b"").decode(errors="replace").splitlines():
        if line and line not in named:
            return f"log.vkey 中有日志没有写明的公钥：{line[:80]}"
    return None


def _spelled(key: Any) -> str:
    return json.dumps(key, sort_keys=True)


def _as_of(key: Any, size: int) -> Any:
    if isinstance(key, dict) and _is_later(key.get("until_index"), size):
        return key | {"until_index": -1}
    return key


def _is_later(index: Any, size: int) -> bool:
    return type(index) is int and index > size
