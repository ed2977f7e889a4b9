"""`xiaohao clock`: what is known of the server's clock, and a key administrator's word that it is right. 时钟确认"""

from __future__ import annotations

from typing import Any

import click

from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.cli.options import as_json, with_home
from interface.cli.strict import Errands
from interface.cli.verdict import say, verdict


@click.group(cls=Errands)
def clock() -> None:
    """The server's clock: what the log thinks of it, and who says that it is right."""


@clock.command()
@with_home
@as_json
def show(home: Home) -> None:
    """Whether anything can be recorded now; what time is expected; which jumps were confirmed, and by whom."""
    from application.platform.clock_check import in_shanghai
    from interface.bootstrap import services
    from interface.i18n.refusal_text import in_english

    with services(home) as made:
        wrong, off = made.ledger.table.clock_fault(made.clock), made.clock.told()
        newest, now = made.ledger.table.newest(), made.clock.now()
        confirmed = [_named(made, *row) for row in _confirmed(made)]
    say(f"now       {in_shanghai(now)}")
    say(f"newest    {in_shanghai(newest)}" if newest.year > 1 else "newest    the log is empty")
    for one in confirmed:
        say(f"confirmed {one['wall']}  {one['account']}")
    off_by = round(off.total_seconds())
    sentence = in_english(str(wrong.refusal)) if wrong else "the clock can be used"
    verdict(
        wrong is None,
        sentence + (f"; it was set by {off_by:+} s since it was seen last" if off_by else ""),
        now=now.isoformat(),
        newest=newest.isoformat(),
        wrong=wrong and wrong.kind,
        set_seconds=off_by,
        confirmed=confirmed,
    )


@clock.command()
@click.option("--as", "login", required=True, metavar="KEY_ADMIN", help="The account that answers for it.")
@with_home
@as_json
def confirm(home: Home, login: str) -> None:
    """Say that the clock is right as it is now, after a jump that the log refuses; the next jump is judged anew."""
    from application.platform.clock_check import LOG_AHEAD, in_shanghai
    from application.platform.clock_watch import WatchedClock
    from interface.bootstrap import services
    from interface.cli.sign_in import acting

    with services(home) as made:
        actor = acting(made, login, "key.enrolled")
        now, wrong = made.clock.now(), made.ledger.table.clock_fault(made.clock)
        if wrong and wrong.kind == LOG_AHEAD:
            raise OperatorError(
                f"couldn't confirm the clock: the newest entry was recorded at {in_shanghai(wrong.newest)} (Beijing time),"
                f" which has not come; nothing is recorded before that, whatever anybody confirms"
            )
        if not isinstance(made.clock, WatchedClock):
            raise OperatorError("couldn't confirm the clock: this instance runs on a simulated one")
        made.clock.confirm(actor.id, made.ledger.table.newest())
    verdict(True, f"{login} says that it is {in_shanghai(now)} (Beijing time)", now=now.isoformat())


def _confirmed(made: Any) -> list[tuple[Any, ...]]:
    with made.database.cursor() as cursor:
        cursor.execute("SELECT actor, newest, wall, expected FROM log.clock_confirmed ORDER BY id")
        return cursor.fetchall()


def _named(made: Any, actor: str, newest: Any, wall: Any, expected: Any) -> dict[str, Any]:
    from uuid import UUID

    credential = made.vault.people.credential_of(UUID(actor))
    times = {"newest": newest, "wall": wall, "expected": expected}
    told = {name: at.isoformat() if at else None for name, at in times.items()}
    return {"account": credential.login if credential else actor, **told}
