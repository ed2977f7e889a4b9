"""For Python processes whose wall clock libfaketime moves (tests/on_day.py): sleep without clock_nanosleep.

Python sleeps until an absolute monotonic time; libfaketime 0.9.10 answers EINVAL to that while monotonic clocks are real. And
they must be real: it lets sem_clockwait pass, so a lock's time-out by a moved monotonic clock would never end.
"""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = sleep
