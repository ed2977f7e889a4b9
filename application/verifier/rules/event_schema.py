"""Which members an event must have, before anybody asks whether it may be. 事件格式 Pure."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from application.verifier.formats.entry import DEEPEST, decode_first, is_spelled_once, keyid
from application.verifier.formats.signature import is_sound
from application.verifier.rules.reason import Reason as Reason
from application.verifier.rules.rules_schema import malformed_rules

MEMBERS = {
    "v": int, "log": str, "id": str, "type": str, "stream": str, "version": int, "seq": int, "recorded_at": str,
    "actor": str, "role": str, "unit": str, "command": str, "data": dict,
}  # fmt: skip
NEEDED: dict[str, dict[str, type]] = {
    "log.opened": {
        "format": int, "origin": str, "mode": str, "log_keys": list, "service": dict, "administrator": dict,
    },
    "rules.adopted": {"level": int},  # the rest is for whoever knows that level: rules_schema.py
    "log.frozen": {"reason": str},
    "official.enrolled": {"person": str},
    "official.retired": {},
    "role.granted": {"role": str, "unit": str},
    "role.withdrawn": {"role": str, "unit": str},
    "key.enrolled": {"keyid": str, "alg": str, "pub": str},
    "key.rotated": {"keyid": str, "alg": str, "pub": str, "old": str},
    "key.revoked": {"keyid": str},
}  # fmt: skip
FORMAT = 1  # of the log's entries: this file's own (docs/format.md)
NO_END = "9999-12-31"
SHANGHAI = timezone(timedelta(hours=8))
COMMIT = re.compile("[0-9a-f]{64}")
LONGEST_PAPER = 200
OPTIONAL = {"occurred_on": str, "backfilled": dict}
_KINDS = tuple(MEMBERS.values())
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UUIDS = {"id": UUID_4, "stream": UUID, "command": UUID}
RECORDED_AT = (
    r"2[0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}\.[0-9]{6}Z"
)
SPELLED = re.compile(" ".join([*(kind.pattern for kind in UUIDS.values()), RECORDED_AT]))
TEXT = r'[^"\\\x00-\x1f]*+'  # characters that JSON spells in one way only
WHOLE = r"0|[1-9][0-9]{0,14}+"
BEFORE_DATA = re.compile(f'{{"actor":"({TEXT})","command":"({UUID.pattern})","data":')
AFTER_DATA = re.compile(
    f',"id":"({UUID_4.pattern})","log":"({TEXT})","recorded_at":"({RECORDED_AT})","role":"({TEXT})","seq":({WHOLE}),'
    f'"stream":"({UUID.pattern})","type":"({TEXT})","unit":"({TEXT})","v":1,"version":({WHOLE})}}'
)


def usual(body: bytes) -> dict[str, Any] | None:
    """The payload in `body` where it is canonical and not `malformed`, or None where that must be asked of `loads_canonical`
    and `malformed`, which say what is wrong.

    A verifier of a long log spends on this as much as on all else but signatures. So what nearly every event looks like is
    read in one go: two patterns that leave no second spelling and ask for the form at the same time, and between them
    `data`, the only member that the JSON reader has to look at.
    """
    try:
        if (before := BEFORE_DATA.match(text := body.decode())) is None:
            return None
        data, end = decode_first(text, start := before.end())
        after = AFTER_DATA.fullmatch(text, end)
        if after is None or type(data) is not dict or not is_spelled_once(data, text[start:end], DEEPEST - 1):
            return None
    except (ValueError, RecursionError, StopIteration):
        return None
    actor, command = before.groups()
    id, log, recorded_at, role, seq, stream, kind, unit, version = after.groups()
    if _is_no_day(recorded_at) or _malformed_content(kind, data) is not None:
        return None
    return {
        "v": 1, "log": log, "id": id, "type": kind, "stream": stream, "version": int(version), "seq": int(seq),
        "recorded_at": recorded_at, "actor": actor, "role": role, "unit": unit, "command": command, "data": data,
    }  # fmt: skip


def malformed(payload: dict[str, Any]) -> Reason | None:
    """The first member that is missing, of another kind, or unknown; None if the form is right."""
    if tuple(map(type, map(payload.get, MEMBERS))) != _KINDS:
        wrong = next(name for name, kind in MEMBERS.items() if type(payload.get(name)) is not kind)
        return Reason("EVENT_FORMAT", f"缺少成员或类型不符：{wrong}")
    if len(payload) > len(MEMBERS):
        for name in sorted(payload.keys() - MEMBERS.keys()):
            if type(payload[name]) is not OPTIONAL.get(name):
                return Reason("EVENT_FORMAT", f"不认识的成员：{name}")
        if (reason := _malformed_claims(payload)) is not None:
            return reason
    if payload["v"] != 1:
        return Reason("EVENT_FORMAT", f"不认识的版本：{payload['v']}")
    return _misspelled(payload) or _malformed_content(payload["type"], payload["data"])


def _misspelled(payload: dict[str, Any]) -> Reason | None:
    at = payload["recorded_at"]
    if SPELLED.fullmatch(f"{payload['id']} {payload['stream']} {payload['command']} {at}") is None:
        for name, kind in UUIDS.items():
            if kind.fullmatch(payload[name]) is None:
                return Reason("EVENT_FORMAT", f"不是规范的 UUID：{name}")
        return Reason("EVENT_FORMAT", "不是规范的时间：recorded_at")
    return Reason("EVENT_FORMAT", "不是规范的时间：recorded_at") if _is_no_day(at) else None


def _is_no_day(recorded_at: str) -> bool:
    """Of a time spelled as it should be: whether its month is not that long."""
    return recorded_at[8:10] > "28" and not _is_day(recorded_at[:10])


def _is_day(text: Any) -> bool:
    """Of the calendar, and spelled the one way."""
    try:
        return bool(date.fromisoformat(text).isoformat() == text)
    except (TypeError, ValueError):
        return False


def _malformed_claims(payload: dict[str, Any]) -> Reason | None:
    """Another day than that of recording, and the paper that an act was first written on (docs/format.md §3)."""
    if not _is_day(payload.get("occurred_on", NO_END)):
        return Reason("EVENT_FORMAT", "不是规范的日期：occurred_on")
    if (paper := payload.get("backfilled")) is not None:
        told = [paper.get("paper"), paper.get("holder")]
        if len(paper) != len(told) or not _texts(told) or not all(0 < len(text) <= LONGEST_PAPER for text in told):
            return Reason("EVENT_FORMAT", "缺少成员或类型不符：backfilled")
    return None


def _malformed_content(kind: str, data: dict[str, Any]) -> Reason | None:
    if kind in NEEDED:
        for name, wanted in NEEDED[kind].items():
            if type(data.get(name)) is not wanted:
                return Reason("EVENT_FORMAT", f"缺少成员或类型不符：data.{name}")
    if type(data.get("unit", "")) is not str:
        return Reason("EVENT_FORMAT", "类型不符：data.unit")
    return CHECKS[kind](data) if kind in CHECKS else None


def _malformed_opening(data: dict[str, Any]) -> Reason | None:
    if data["format"] != FORMAT:
        return Reason("EVENT_FORMAT", f"日志的格式为第 {data['format']} 版，本程序只认识第 {FORMAT} 版")
    return None if _texts(data["log_keys"]) else Reason("EVENT_FORMAT", "缺少成员或类型不符：data.log_keys")


def _texts(value: Any) -> bool:
    return type(value) is list and all(type(each) is str for each in value)


def _malformed_term(granted: dict[str, Any]) -> Reason | None:
    """`until` of a granted role is a day; a substitute's role has one."""
    if _is_day(granted.get("until", NO_END)) and ("until" in granted or "substitute_for" not in granted):
        return None
    return Reason("EVENT_FORMAT", "缺少成员或类型不符：data.until")


def _malformed_tip(registered: dict[str, Any]) -> Reason | None:
    return _malformed_commits(registered.get("commits"), {"text", "reporter", "contact", "files"})


def _malformed_addition(supplemented: dict[str, Any]) -> Reason | None:
    return _malformed_commits(supplemented.get("commits"), {"text", "files"})


def _malformed_commits(commits: Any, names: set[str]) -> Reason | None:
    """All of them are always there (docs/format.md §10.1): without one, nobody could prove later what was said."""
    if type(commits) is not dict or commits.keys() != names or not _texts(told := list(commits.values())):
        return Reason("EVENT_FORMAT", "缺少成员或类型不符：data.commits")
    return None if all(map(COMMIT.fullmatch, told)) else Reason("EVENT_FORMAT", "缺少成员或类型不符：data.commits")


def day_in_shanghai(recorded_at: str) -> str:
    return datetime.fromisoformat(recorded_at).astimezone(SHANGHAI).date().isoformat()


def malformed_key(key: dict[str, Any]) -> Reason | None:
    """A key's id comes from its own bytes, and nobody can sign under it without having the private one."""
    try:
        public = b64decode(key["pub"], validate=True)
        if key["alg"] == "ed25519" and keyid("ed25519", public) == key["keyid"]:
            return (
                None
                if is_sound(public)
                else Reason("EVENT_KEY", "公钥不可用：不是 Ed25519 公钥，或阶数过小，任何人都能冒签")
            )
    except (KeyError, TypeError, ValueError):
        pass
    return Reason("EVENT_KEY", "密钥编号与公钥不符")


CHECKS: dict[str, Callable[[dict[str, Any]], Reason | None]] = {
    "log.opened": _malformed_opening,
    "rules.adopted": malformed_rules,
    "tip.registered": _malformed_tip,
    "tip.supplemented": _malformed_addition,
    "role.granted": _malformed_term,
}
