"""Counters that forget: how much came from one place lately, without keeping the place. 近期计数

What is counted is named by a keyed hash; the key lies in memory, changes every day and is written nowhere, so after it
nobody can tell which places there were. One process counts for itself.
"""

from __future__ import annotations

import hmac
import os
from ipaddress import IPv6Address, ip_address
from threading import Lock

A_DAY = 24 * 3600.0  # seconds
MOST_PLACES = 50_000  # some 10 MB


class RecentCounts:
    """Leaky buckets by name: each forgets `an_hour` of what it counted in an hour, evenly. `now` is monotonic, in seconds."""

    def __init__(self, an_hour: float) -> None:
        self._an_hour, self._lock = an_hour, Lock()
        self._key, self._since = os.urandom(32), 0.0
        self._levels: dict[bytes, tuple[float, float]] = {}

    def level(self, name: str, now: float) -> float:
        """How much of what was counted is not forgotten yet."""
        with self._lock:
            return self._level(self._place(name, now), now)

    def count(self, name: str, now: float) -> None:
        with self._lock:
            place = self._place(name, now)
            if place not in self._levels and len(self._levels) >= MOST_PLACES:
                self._forget(now)
            self._levels[place] = self._level(place, now) + 1, now

    def _level(self, place: bytes, now: float) -> float:
        level, at = self._levels.get(place, (0.0, now))
        return max(0.0, level - self._an_hour * max(0.0, now - at) / 3600)

    def _place(self, name: str, now: float) -> bytes:
        if not 0 <= now - self._since < A_DAY:
            self._key, self._since = os.urandom(32), now
            self._levels.clear()
        return hmac.digest(self._key, name.encode(), "sha256")[:16]

    def _forget(self, now: float) -> None:
        """Those that are empty; and all, where so many are not: then nobody has a past, rather than the memory no end."""
        self._levels = {place: kept for place, kept in self._levels.items() if self._level(place, now) > 0}
        if len(self._levels) >= MOST_PLACES:
            self._levels.clear()


def network_of(address: str | None) -> str:
    """The network that an address lies in, /24 or /48: whoever has one address there mostly has others too."""
    try:
        known = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    size, length = (24, 32) if known.version == 4 else (48, 128)
    return f"{known.version}/{int(known) >> (length - size)}"
