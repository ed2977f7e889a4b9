"""Months of a campaign in seconds: generated matters through the ordinary handlers, under a simulated clock. 演练数据"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from application.campaign.documents import ProposeDocument, in_force
from application.core.command import Backfilled
from application.core.ledger import Ledger
from application.platform.clock import SHANGHAI, TrainingClock
from application.platform.failures import OperatorError
from application.platform.home import Home
from domain.base import public_id
from domain.campaign.documents import Calendar
from interface.bootstrap import services
from interface.demo.lives import Matter
from interface.demo.people import City

SINCE = date(2025, 7, 3)
RECENT = 21 * 86_400  # seconds


def load(home: Home, *, problems: int, seed: int, progress: Callable[[], None] = lambda: None) -> int:
    """Begin so many matters between the campaign's first day and now, and let them live; returns the events written.

    What would have happened before the log's newest entry is recorded now, as 补录 of its day. On the same day the same seed
    makes the same matters, up to keys, ids and the texts' salts. Raises OperatorError on a real log.
    """
    if home.read()["mode"] != "training":
        raise OperatorError("couldn't load demo data: this is not a training instance")
    clock, rng = TrainingClock(datetime.combine(SINCE, time(9, 5), SHANGHAI)), Random(seed)  # noqa: S311
    with services(home, clock=clock) as made:
        before = made.ledger.table.max_notification_id() or 0
        city = City(home, made.ledger)
        city.settle(rng)
        until = datetime.combine(datetime.now(SHANGHAI).date(), time(), SHANGHAI)
        _run(_beginnings(city, seed, problems, clock, until, progress), clock, until)
        _calendar_proposed(city)
        return (made.ledger.table.max_notification_id() or 0) - before


def _calendar_proposed(city: City) -> None:
    """The next year's holidays wait for the decider; once."""
    ledger = city.ledger
    if ledger.exists(public_id(ledger.origin, "document", "calendar/2")):
        return
    before = in_force(ledger, Calendar).members
    content = {name: value for name, value in before.items() if name != "version"} | {"provisional": []}
    content |= {"days_off": [*before["days_off"], "2027-05-03", "2027-10-04", "2027-10-05", "2027-10-06", "2027-10-07"]}
    content |= {"working_days": [*before["working_days"], "2027-10-09"], "basis": "2027年部分节假日安排（演练）"}
    told = {
        "kind": "calendar",
        "content": content,
        "effective_on": ledger.today + timedelta(7),
        "note": "录入2027年节假日",
    }
    city.do(ProposeDocument, city.actors["city_desk", "320581"], **told)


def _run(queue: list[tuple[datetime, int, Any]], clock: TrainingClock, until: datetime) -> None:
    """Whoever is next acts next; what would happen today or later does not happen."""
    heapq.heapify(queue)
    while queue:
        when, number, life = heapq.heappop(queue)
        when = _office_hours(when)
        if when > until:
            continue
        clock.at = max(when, clock.at)
        try:
            heapq.heappush(queue, (clock.at + next(life), number, life))
        except StopIteration:
            continue


def _beginnings(
    city: City, seed: int, problems: int, clock: TrainingClock, until: datetime, progress: Callable[[], None]
) -> list:
    """Spread over the campaign, and every third of them in the last weeks, so that there is work on every desk.

    Each has dice of its own: whose turn comes first when changes nothing in another one's life.
    """
    start = clock.at
    span = (until - start).total_seconds()
    newest = _newest_day(city.ledger)

    def claims() -> dict[str, Any]:
        day = clock.at.astimezone(SHANGHAI).date()
        return {"occurred_on": day, "backfilled": Backfilled("演练补录", "320581")} if day < newest else {}

    def life(number: int) -> Any:
        progress()
        yield from Matter(city, Random(f"{seed}/{number}"), number, claims).live()  # noqa: S311

    recent = min(RECENT / span, 1.0)
    rng = Random(seed)  # noqa: S311
    shares = [1 - recent * rng.random() if n % 3 == 0 else rng.random() for n in range(problems)]
    return [(start + timedelta(seconds=span * share), n, life(n)) for n, share in enumerate(shares, 1)]


def _newest_day(ledger: Ledger) -> date:
    position = ledger.table.max_notification_id() or 0
    [newest] = ledger.read(after=position - 1, limit=1)
    return date.fromisoformat(newest.on)


def _office_hours(moment: datetime) -> datetime:
    """The next moment that somebody sits at a desk, Monday to Friday 8:30 to 17:30 in Shanghai."""
    local = moment.astimezone(SHANGHAI)
    opens, closes = local.replace(hour=8, minute=30), local.replace(hour=17, minute=30)
    if local > closes:
        opens += timedelta(days=1)
    if local < opens or local > closes:
        local = opens + timedelta(minutes=local.minute * 3, seconds=local.second)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local
