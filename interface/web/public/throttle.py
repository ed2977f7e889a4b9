"""A brake against floods: form tokens that are not too young, so many submissions in an hour, a question that a person answers
at once before the door shuts, and a room of its own for those who come slowly. 限流

Nobody is followed: what came from one network lately is counted under a key that lies in memory and is forgotten
(interface/web/public/recent_counts.py). All this is judged before a picture is decoded or a code is hashed.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any
from unicodedata import normalize

from flask import current_app, g, request
from flask_babel import gettext as _

from domain.errors import Unavailable
from interface.i18n.locales import N_
from interface.web.public.recent_counts import RecentCounts, network_of

YOUNGEST, OLDEST = 3, 24 * 3600  # seconds
FREE, MOST = 60, 120  # of everybody together: so many are asked nothing, so many are taken
AN_HOUR = 240  # are forgotten
SLOWLY = 3  # of one network: as many come slowly, and pass through the room that floods don't fill
SLOWLY_AN_HOUR = 6  # are forgotten of one network
FREE_SLOW, MOST_SLOW, SLOW_AN_HOUR = 150, 300, 1_200  # likewise of all that come slowly
RIGHT_AN_HOUR = 120  # showings of one 查询码 are forgotten
AT_ONCE = 8  # requests of the public page that may be at work on pictures and codes; the other threads serve the pages
NUMBERS = (N_("二"), N_("三"), N_("四"), N_("五"), N_("六"), N_("七"), N_("八"), N_("九"))


class TooFast(Exception):
    """Not taken now; the text says what to do."""


class Asked(TooFast):
    """Not taken without the answer to the form's question."""


class Brake:
    """Counts everybody together, and forgets evenly, so a flood that ended keeps nobody out for long.

    `now` is monotonic, in seconds: a clock that is set back shuts no door.
    """

    def __init__(self, free: int = FREE, most: int = MOST, an_hour: int = AN_HOUR) -> None:
        self.free, self.most, self.an_hour = free, most, an_hour
        self._level, self._at, self._lock = 0.0, 0.0, Lock()

    def count(self, now: float, *, answered: bool) -> None:
        """Raises Asked, TooFast; what is not taken is not counted."""
        with self._lock:
            level = max(0.0, self._level - self.an_hour * max(0.0, now - self._at) / 3600)
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


class Rooms:
    """Who comes slowly is counted apart: however many sends one network makes, they shut the door for that network only."""

    def __init__(self, common: Brake | None = None, slow: Brake | None = None) -> None:
        self.common, self.slow = common or Brake(), slow or Brake(FREE_SLOW, MOST_SLOW, SLOW_AN_HOUR)
        self._networks = RecentCounts(SLOWLY_AN_HOUR)

    def count(self, address: str | None, now: float, *, answered: bool) -> None:
        """Raises Asked, TooFast."""
        network = network_of(address)
        room = self.slow if self._networks.level(network, now) < SLOWLY else self.common
        room.count(now, answered=answered)
        self._networks.count(network, now)


class Workshop:
    """What costs much for one anonymous request: only so many at once, and never two for the same form."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free, self._lock = BoundedSemaphore(at_once), Lock()
        self._forms: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def at_work(self, form: str) -> Iterator[None]:
        """Raises TooFast where all places are taken: a request that waited for one would keep a thread from the pages."""
        if not self._free.acquire(blocking=False):
            raise TooFast(_("现在提交的人很多，请过几秒钟再提交一次；您填写的内容还在"))
        try:
            with self._only(form):
                yield
        finally:
            self._free.release()

    @contextmanager
    def _only(self, form: str) -> Iterator[None]:
        """Whoever sent the form twice waits for the first answer, and is then answered alike."""
        with self._lock:
            lock, waiting = self._forms.get(form, (Lock(), 0))
            self._forms[form] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._forms.pop(form)
                if waiting > 1:
                    self._forms[form] = lock, waiting - 1


def init_app(app: Any) -> None:
    app.extensions |= {"rooms": Rooms(), "workshop": Workshop(), "right_codes": RecentCounts(RIGHT_AN_HOUR)}


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
    if 0 <= age < YOUNGEST:  # below 0 the clock was set back: no machine's pace
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
    rooms: Rooms = current_app.extensions["rooms"]
    right = normalize("NFKC", answer).strip() == str(sum(_sum(name)))
    rooms.count(request.remote_addr, monotonic(), answered=right)


def workshop() -> Workshop:
    return current_app.extensions["workshop"]


def _sum(name: str) -> tuple[int, int]:
    """The form's own two numbers from 2 to 9."""
    drawn = bytes.fromhex(_mac(f"question/{name}"))
    return 2 + drawn[0] % len(NUMBERS), 2 + drawn[1] % len(NUMBERS)


def _mac(said: str) -> str:
    digest: Any = g.services.vault.tips.secrets.digest
    return digest("public form", said.encode()).hex()[:32]
