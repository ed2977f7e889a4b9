"""A brake against floods that follows nobody: form tokens that are not too young, and so many submissions in an hour. 限流"""

from __future__ import annotations

import hmac
import os
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _

from domain.errors import Unavailable

YOUNGEST, OLDEST = 3, 24 * 3600  # seconds
MOST = 240  # submissions of everybody together in an hour
HOUR = timedelta(hours=1)


class TooFast(Exception):
    """Not taken now; the text says what to do."""


class Brake:
    """Counts everybody together: no address, no cookie."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self._times = most, deque[datetime]()

    def count(self, now: datetime) -> None:
        while self._times and self._times[0] <= now - HOUR:
            self._times.popleft()
        if len(self._times) >= self.most:
            raise TooFast(
                _("现在提交的人很多，暂时收不下。您填写的内容还在，请过几分钟再提交；紧急情况请拨打 110、119")
            )
        self._times.append(now)


def new_token() -> str:
    """Signed: when the form was opened, and a random name that makes sending it twice one act."""
    said = f"{int(g.services.clock.now().timestamp())}.{os.urandom(16).hex()}"
    return f"{said}.{_mac(said)}"


def admit(token: str, lure: str) -> str:
    """The form's name. Raises TooFast for a machine's pace, Unavailable for a form that is not ours."""
    said, _dot, mac = token.rpartition(".")
    if lure or not hmac.compare_digest(mac.encode(), _mac(said).encode()):
        raise Unavailable(_("表单没有通过检查，内容没有提交。请重新打开举报页面再填写"))
    opened, _dot, name = said.partition(".")
    age = g.services.clock.now().timestamp() - int(opened)
    if age < YOUNGEST:
        raise TooFast(_("提交得太快了，请核对一遍内容，过几秒再提交"))
    if age > OLDEST:
        raise Unavailable(_("页面打开已超过一天，内容没有提交。请重新打开举报页面再填写"))
    brake: Brake = current_app.extensions.setdefault("brake", Brake())
    brake.count(g.services.clock.now())
    return name


def _mac(said: str) -> str:
    digest: Any = g.services.vault.tips.secrets.digest
    return digest("public form", said.encode()).hex()[:32]
