"""A device on which somebody signed in before, by a signed cookie that names no account. 常用设备

The cookie holds one mark for each account that signed in there, at most eight: a random name, a day, and a keyed hash of both
with the account. It lets nobody in; whoever steals one is counted by it (interface/identity/login_throttle.py).
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Iterable
from typing import Any

from application.vault.crypto import Secrets

COOKIE = "xiaohao_device"
MOST, TERM = 8, 180  # accounts on one device; days since the account last signed in there
DAY = 24 * 3600
MARK = re.compile(r"([0-9a-f]{16})\.([0-9]{1,7})\.([0-9a-f]{32})")


class KnownDevices:
    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets

    def name(self, cookie: str | None, account: str, now: float) -> str:
        """The device's name for this account, "" where the account never signed in on it, or not for long."""
        return next((name for name, _mark in self._of(_marks(cookie), account, now)), "")

    def remember(self, cookie: str | None, account: str, now: float) -> str:
        """The cookie from now on: the account's own mark anew and first, the others as they were."""
        marks = _marks(cookie)
        old = {mark for _name, mark in self._of(marks, account, now)}
        name, day = os.urandom(8).hex(), str(int(now // DAY))
        others = [mark for mark in marks if mark not in old]
        return "~".join([f"{name}.{day}.{self._mac(name, day, account)}", *others][:MOST])

    def _of(self, marks: Iterable[str], account: str, now: float) -> list[tuple[str, str]]:
        found = []
        for mark in marks:
            name, day, mac = mark.split(".")
            fresh = 0 <= now // DAY - int(day) <= TERM
            if fresh and hmac.compare_digest(mac, self._mac(name, day, account)):
                found.append((name, mark))
        return found

    def _mac(self, name: str, day: str, account: str) -> str:
        digest: Any = self.secrets.digest("known device", f"{name}\n{day}\n{account}".encode())
        return digest.hex()[:32]


def _marks(cookie: str | None) -> list[str]:
    """Those that could be ours, so many as there may be."""
    return [mark for mark in (cookie or "")[:2_000].split("~")[:MOST] if MARK.fullmatch(mark)]
