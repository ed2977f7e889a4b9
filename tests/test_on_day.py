"""`make test-on DAY=…`: another day for the whole process tree."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import psycopg2
import pytest

from tests import servers
from tests.on_day import environment, offset

WAITED = """
import threading, time
began, lock = time.monotonic(), threading.Lock()
time.sleep(0.02)
print(time.monotonic() - began >= 0.02, lock.acquire(timeout=0.02), lock.acquire(timeout=0.02))
"""
ASKED = "from datetime import *; import subprocess; print(datetime.now(UTC).date()); print(subprocess.getoutput('date -u +%F'))"


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2027-03-10", datetime(2027, 3, 10, 4, tzinfo=UTC)),
        ("2027-01-01T00:30", datetime(2026, 12, 31, 16, 30, tzinfo=UTC)),
        ("2028-02-29", datetime(2028, 2, 29, 4, tzinfo=UTC)),
    ],
)
def test_a_day_is_one_of_shanghai_at_noon_or_at_its_hour(day, moment):
    assert offset(day, moment.timestamp() - 5) == 5


@pytest.mark.parametrize("day", ["", "tomorrow", "2027-02-29", "2027-03-10T25:00"])
def test_what_is_no_day_is_refused(day):
    with pytest.raises(ValueError, match=r"isoformat|day|hour"):
        offset(day, 0)


@pytest.mark.faketime
def test_processes_and_their_children_live_on_that_day():
    assert _said(ASKED).split() == ["2028-02-29", "2028-02-29"]


@pytest.mark.faketime
def test_a_child_is_moved_from_the_day_that_its_parent_lives_on():
    assert _said("from tests.test_on_day import on_the_next_day; print(on_the_next_day())").split() == ["2028-03-01"]


@pytest.mark.faketime
def test_waiting_ends_on_that_day_too():
    assert _said(WAITED).split() == ["True", "True", "False"]


@pytest.mark.faketime
def test_a_new_file_and_one_that_is_dated_are_of_that_day(tmp_path):
    dated = f"import os, sys; from pathlib import Path; one = Path({str(tmp_path / 'file')!r}); one.touch()"
    asked = (
        "; from datetime import *; print(date.fromtimestamp(one.stat().st_mtime)); os.utime(one, ns=(0, 5_000_000_007))"
    )
    assert _said(f"{dated}{asked}; print(one.stat().st_mtime_ns)").split() == ["2028-02-29", "5000000007"]


@pytest.mark.faketime
def test_postgresql_lives_on_that_day():
    assert _said("from tests.test_on_day import day_of_a_server; print(day_of_a_server())").split() == ["2028-02-29"]


def on_the_next_day() -> str:
    """The day of a process that lives a day later than this one."""
    return subprocess.check_output(["date", "-u", "+%F"], env=os.environ | environment(86_400), text=True)


def day_of_a_server() -> str:
    """Of a PostgreSQL that this process starts."""
    with closing(psycopg2.connect(f"{servers.server()} dbname=postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT now()::date::text")
        return cursor.fetchone()[0]


def _said(program: str) -> str:
    """By a Python process of that day."""
    moved = environment(offset("2028-02-29", datetime.now(UTC).timestamp()))
    run = [sys.executable, "-c", program]
    return subprocess.run(run, env=os.environ | moved, capture_output=True, text=True, check=True).stdout
