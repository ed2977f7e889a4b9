"""Which members an event must have, before anybody asks whether it may be. 事件格式 Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

MEMBERS = {
    "v": int, "log": str, "id": str, "type": str, "stream": str, "version": int, "seq": int, "recorded_at": str,
    "actor": str, "role": str, "unit": str, "command": str, "data": dict,
}  # fmt: skip
NEEDED = {
    "log.opened": {"origin": str, "mode": str, "service": dict, "administrator": dict},
    "rules.adopted": {"types": dict, "exclusive_roles": list},
    "official.enrolled": {"person": str},
    "official.retired": {},
    "role.granted": {"role": str, "unit": str},
    "role.withdrawn": {"role": str, "unit": str},
    "key.enrolled": {"keyid": str, "alg": str, "pub": str},
    "key.rotated": {"keyid": str, "alg": str, "pub": str, "old": str},
    "key.revoked": {"keyid": str},
}
OPTIONAL = {"occurred_on": str, "backfilled": dict}


class Reason(NamedTuple):
    """Why an event is not what it claims: a code of trail.md §8 and a sentence for people."""

    code: str
    sentence: str


def malformed(payload: dict[str, Any]) -> Reason | None:
    """The first member that is missing, of another kind, or unknown; None if the form is right."""
    for name, kind in MEMBERS.items():
        if type(payload.get(name)) is not kind:
            return Reason("EVENT_FORMAT", f"缺少成员或类型不符：{name}")
    for name in payload.keys() - MEMBERS.keys():
        if type(payload[name]) is not OPTIONAL.get(name):
            return Reason("EVENT_FORMAT", f"不认识的成员：{name}")
    if payload["v"] != 1:
        return Reason("EVENT_FORMAT", f"不认识的版本：{payload['v']}")
    return _malformed_data(payload["data"], NEEDED.get(payload["type"], {}))


def _malformed_data(data: dict[str, Any], needed: dict[str, type]) -> Reason | None:
    for name, kind in needed.items():
        if type(data.get(name)) is not kind:
            return Reason("EVENT_FORMAT", f"缺少成员或类型不符：data.{name}")
    if type(data.get("unit", "")) is not str:
        return Reason("EVENT_FORMAT", "类型不符：data.unit")
    return None
