"""An event as the log holds it: the parsed payload beside its position and hash. What projections fold. 已记录事件"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple


class Recorded(NamedTuple):
    """`on` is the ISO day it counts for: occurred_on if a person claimed one, else the Shanghai day of recorded_at."""

    position: int
    leaf_hash: str
    recorded_at: str
    on: str
    topic: str
    stream: str
    version: int
    actor: str
    role: str
    unit: str
    command: str
    data: dict[str, Any]
    occurred_on: str | None = None
    backfilled: dict[str, str] | None = None


def recorded(position: int, payload: dict[str, Any], leaf_hash: str) -> Recorded:
    occurred_on = payload.get("occurred_on")
    return Recorded(
        position,
        leaf_hash,
        payload["recorded_at"],
        occurred_on or shanghai_day(payload["recorded_at"]),
        payload["type"],
        payload["stream"],
        payload["version"],
        payload["actor"],
        payload["role"],
        payload["unit"],
        payload["command"],
        payload["data"],
        occurred_on,
        payload.get("backfilled"),
    )


def shanghai_day(recorded_at: str) -> str:
    """The ISO day in Shanghai (UTC+8, no summer time) of a moment as the log writes it."""
    return _day_of_hour(recorded_at[:13])


@lru_cache(4096)
def _day_of_hour(hour: str) -> str:
    return (datetime.fromisoformat(f"{hour}:00:00") + timedelta(hours=8)).date().isoformat()
