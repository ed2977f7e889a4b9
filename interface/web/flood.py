"""A brake against floods that follows nobody: form tokens that are not too young, so many submissions in an hour, and before
the door shuts a question that a person answers at once. 限流
"""

from __future__ import annotations

import hmac
import os
import time
from typing import Any
from unicodedata import normalize

from flask import current_app, g
from flask_babel import gettext as _

from domain.errors import Unavailable
from interface.web.locales import N_

YOUNGEST, OLDEST = 3, 24 * 3600  # seconds
FREE, MOST = 60, 120  # of everybody together: so many are asked nothing, so many are taken
AN_HOUR = 240  # are forgotten
NUMBERS = (N_("二"), N_("三"), N_("四"), N_("五"), N_("六"), N_("七"), N_("八"), N_("九"))


class TooFast(Exception):
    """Not taken now; the text says what to do."""


class Asked(TooFast):
    """Not taken without the answer to the form's question."""


class Brake:
    """Counts everybody together: no address, no cookie. It forgets evenly, so a flood that ended keeps nobody out for long.

    `now` is in seconds of a clock that nobody sets.
    """

    def __init__(self, free: int = FREE, most: int = MOST) -> None:
        self.free, self.most = free, most
        self._level, self._at = 0.0, 0.0

    def count(self, now: float, *, answered: bool) -> None:
        level = self._left(now)
        if level + 1 > self.most:
            raise TooFast(
                _(
                    "现在提交的人很多，暂时收不下。您填写的内容还在，请过几分钟再提交，或拨打 12345（检举公职人员拨打 12388）；"
                    "紧急情况请拨打 110、119"
                )
            )
        if level + 1 > self.free and not answered:
            raise Asked(_("现在提交的人很多，请答对这个小问题后再提交；您填写的内容还在"))
        self._level, self._at = level + 1, now

    def _left(self, now: float) -> float:
        return max(0.0, self._level - AN_HOUR * (now - self._at) / 3600)


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
    if 0 <= age < YOUNGEST:  # below: the clock was set back since; it is not the sender who did that
        raise TooFast(_("提交得太快了，请核对一遍内容，过几秒再提交"))
    if age > OLDEST:
        raise Unavailable(_("页面打开已超过一天，内容没有提交。请重新打开举报页面再填写"))
    return name


def question(name: str) -> str:
    """What this form asks in a busy hour: in words, so that it can be read aloud and needs no script."""
    one, other = (_(NUMBERS[n - 2]) for n in _sum(name))
    return _("%(one)s加%(other)s等于几", one=one, other=other)


def let_in(name: str, answer: str) -> None:
    """Before anything new is kept. Raises Asked, TooFast."""
    brake: Brake = current_app.extensions.setdefault("brake", Brake())
    brake.count(time.monotonic(), answered=normalize("NFKC", answer).strip() == str(sum(_sum(name))))


def _sum(name: str) -> tuple[int, int]:
    """The form's own two numbers from 2 to 9."""
    drawn = bytes.fromhex(_mac(f"question/{name}"))
    return 2 + drawn[0] % len(NUMBERS), 2 + drawn[1] % len(NUMBERS)


def _mac(said: str) -> str:
    digest: Any = g.services.vault.tips.secrets.digest
    return digest("public form", said.encode()).hex()[:32]
