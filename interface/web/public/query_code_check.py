"""查询码: compared with its keyed hash; ten wrong tries of one number in an hour, and then a rest. 查询码核对"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from flask import current_app, g
from flask_babel import gettext as _

from application.vault import code_check
from application.vault.public_tips import Known, PublicBox
from application.vault.query_code import QueryCode
from domain.errors import RuleBroken
from interface.identity.login_throttle import from_now_on
from interface.web.public.recent_counts import RecentCounts
from interface.web.public.throttle import TooFast, workshop

MOST, MOST_IN_ALL = 10, 500  # wrong tries in an hour: of one code, and of everybody; the latter keeps out no right code
WITHIN = "1 hour"
MOST_RIGHT = 30  # showings of one code, of which two a minute are forgotten


def find(typed: str) -> tuple[QueryCode, Known]:
    """Whose code it is. Raises RuleBroken with what to do, TooFast where it is asked too often."""
    code = QueryCode.read(typed)
    if code is None:
        raise RuleBroken(_("查询码有 16 位，由数字和字母组成，每四位一组；请对照回执再输入一次"))
    own, of_all = f"code:{code.locator}", "code"
    known = PublicBox(g.services.database).find(code.locator)
    spent = _spent({own: MOST, of_all: MOST_IN_ALL})
    if own in spent or (of_all in spent and known is None):
        raise RuleBroken(_("输错次数太多，请一小时后再试"))
    if known is None or not _is_right(known, code):
        _failed((own, of_all))
        raise RuleBroken(_("没有这个查询码；请对照回执再输入一次"))
    _count_right(code)
    return code, known


def _is_right(known: Known, code: QueryCode) -> bool:
    """At once; a code that was given out before there were keyed hashes is hashed slowly, once, and known at once from then on."""
    secrets = g.services.vault.tips.secrets
    quick = code_check.quickly(secrets, known, code)
    if quick is not None:
        return quick
    with workshop().at_work(f"code {code.locator}"):
        right = code_check.slowly(known, code)
    if right:
        PublicBox(g.services.database).remember(code.locator, code_check.keyed(secrets, code))
    return right


def _count_right(code: QueryCode) -> None:
    """Right codes count too: nobody reads the same page of their own a hundred times an hour."""
    asked: RecentCounts = current_app.extensions["right_codes"]
    if asked.level(code.locator, monotonic()) >= MOST_RIGHT:
        raise TooFast(_("这个查询码查询得太频繁，请过十分钟再查"))
    asked.count(code.locator, monotonic())


def _spent(keys: dict[str, int]) -> set[str]:
    """Of which of these all tries of the hour are used up."""
    with g.services.database.cursor() as cursor:
        from_now_on(cursor, "web.attempt", list(keys))
        cursor.execute(
            "SELECT who, failures FROM web.attempt WHERE who = ANY(%s) AND last_at > now() - %s::interval",
            (list(keys), WITHIN),
        )
        return {who for who, failures in cursor.fetchall() if failures >= keys[who]}


def _failed(keys: Iterable[str]) -> None:
    """`last_at` is that of the first failure, so that an hour is an hour; nothing of it is kept longer."""
    with g.services.database.cursor() as cursor:
        cursor.execute("DELETE FROM web.attempt WHERE last_at < now() - %s::interval", (WITHIN,))
        for key in keys:
            cursor.execute(
                "INSERT INTO web.attempt AS a (who, failures, last_at) VALUES (%s, 1, now())"
                " ON CONFLICT (who) DO UPDATE SET"
                " failures = CASE WHEN a.last_at > now() - %s::interval THEN a.failures + 1 ELSE 1 END,"
                " last_at = CASE WHEN a.last_at > now() - %s::interval THEN a.last_at ELSE now() END",
                (key, WITHIN, WITHIN),
            )
