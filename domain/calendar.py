"""Working days and deadlines. 工作日历

A deadline counts from the day after; when its last day is none to work on it moves to the next one, and it ends at 24:00
(民法典 201–203). Beyond the adopted years Monday to Friday count, and what was computed so is 暂定.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class WorkingDays:
    years: frozenset[int]  # that are settled
    days_off: frozenset[date]
    working_days: frozenset[date]

    @classmethod
    def of(
        cls, years: list[int], days_off: list[str], working_days: list[str], provisional: Sequence[int] = ()
    ) -> WorkingDays:
        """`provisional` are those of the years whose notice is not out yet: what is counted in them is 暂定."""
        return cls(
            frozenset(years) - frozenset(provisional),
            frozenset(map(date.fromisoformat, days_off)),
            frozenset(map(date.fromisoformat, working_days)),
        )

    def works(self, day: date) -> bool:
        return day in self.working_days or (day.weekday() < 5 and day not in self.days_off)

    def knows(self, day: date) -> bool:
        """False: the year isn't settled yet, so the day is 暂定."""
        return day.year in self.years

    def after(self, start: date, days: int) -> date:
        """The last day of a term of so many working days; the first one counted is the day after `start`."""
        day = start
        while days > 0:
            day += timedelta(1)
            days -= self.works(day)
        return day

    def between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; negative if `last` lies before."""
        if last < first:
            return -self.between(last, first)
        return sum(self.works(first + timedelta(n)) for n in range(1, (last - first).days + 1))
