"""A wrong clock is told from a long pause: by the machine's running time, and by what was seen before it was switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from application.log.event_table import EventTable
from application.platform.clock import Clock
from application.platform.clock_check import clock_fault
from application.platform.clock_watch import NEVER, RunningTime, WatchedClock, running_time
from domain.errors import Unavailable
from tests.application.log.plain import PlainCodec
from tests.application.log.test_group_commit import JumpyClock, append

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY_ADMIN = "8d4b2f60-4c3f-4f0e-9d53-0f6a1d3f9a11"


class Machine(Clock):
    """A wall clock that can be set, beside one that only runs on while the machine does."""

    def __init__(self):
        self.wall, self.boot, self.seconds = START, "first", 100.0

    def now(self):
        return self.wall

    def running(self):
        return RunningTime(self.boot, self.seconds)

    def runs(self, span: timedelta):
        self.wall += span
        self.seconds += span.total_seconds()

    def is_set(self, by: timedelta):
        self.wall += by

    def is_off(self, span: timedelta):
        self.wall += span
        self.boot, self.seconds = f"after {self.boot}", 20.0


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def watch(database, machine):
    return lambda **more: WatchedClock(database, wall=machine, running=machine.running, **more)


@pytest.fixture
def clock(watch):
    """Of a service that has seen its clock."""
    made = watch()
    assert made.look(START) == timedelta()
    return made


@pytest.mark.parametrize("ahead", [2 * DAY, 40 * DAY, 400 * DAY], ids=str)
def test_e9_a_clock_that_was_set_ahead_by_more_than_a_day_records_nothing(clock, machine, ahead):
    machine.runs(3 * HOUR)
    machine.is_set(ahead)

    assert clock.ran_ahead(START) == ahead
    fault = clock_fault(clock, clock.now(), clock.now(), START)
    assert "xiaohao clock confirm" in str(fault.refusal)
    assert f"{ahead.days} 天" in str(fault.refusal)


@pytest.mark.parametrize("ahead", [2 * DAY, 400 * DAY], ids=str)
def test_e9_also_a_command_that_starts_with_the_wrong_clock_is_refused(clock, machine, watch, ahead):
    machine.is_set(ahead)

    assert watch().ran_ahead(START) == ahead


def test_e9_a_quiet_month_of_a_service_that_runs_is_no_jump(clock, machine, watch):
    machine.runs(31 * DAY)

    assert clock.ran_ahead(START) == timedelta()
    assert watch().ran_ahead(START) == timedelta()


@pytest.mark.parametrize(("off", "refused"), [(9 * DAY, False), (11 * DAY, True), (365 * DAY, True)], ids=str)
def test_e9_a_machine_that_was_off_over_a_holiday_goes_on_without_fuss(clock, machine, watch, off, refused):
    machine.is_off(off)

    assert bool(watch().ran_ahead(START)) is refused


def test_e9_what_counts_after_a_start_is_when_the_clock_was_seen_and_not_the_newest_entry(clock, machine, watch):
    machine.runs(20 * DAY)
    clock.look(START)
    machine.is_off(HOUR)

    assert watch().ran_ahead(START) == timedelta()


def test_e9_the_first_act_after_a_start_sees_the_clock_for_those_that_follow(watch, machine):
    assert watch().ran_ahead(START) == timedelta()
    machine.is_set(2 * DAY)

    assert watch().ran_ahead(START) == 2 * DAY


def test_e9_a_key_administrator_confirms_one_jump_and_not_the_next(clock, machine, watch, database):
    machine.is_set(3 * DAY)
    served = watch()
    assert served.ran_ahead(START)

    watch().confirm(KEY_ADMIN, START)

    assert served.ran_ahead(START) == timedelta()
    assert served.told() == timedelta()
    machine.is_set(3 * DAY)
    assert served.ran_ahead(START) == 3 * DAY
    with database.cursor() as cursor:
        cursor.execute("SELECT actor, newest, wall, expected FROM log.clock_confirmed")
        assert cursor.fetchall() == [(KEY_ADMIN, START, START + 3 * DAY, START)]


def test_a_training_log_takes_any_time(clock, machine, watch):
    machine.is_set(400 * DAY)

    training = watch(exempt=True)
    assert training.ran_ahead(START) == timedelta()
    assert training.look(START) == 400 * DAY


def test_a_training_log_of_months_ago_is_watched_from_its_first_hour(watch, machine):
    machine.is_set(90 * DAY)
    training = watch(exempt=True)
    training.look(START)
    machine.is_set(-DAY)

    assert training.told() == -DAY


def test_an_empty_log_is_no_jump(watch):
    assert watch().ran_ahead(NEVER) == timedelta()


@pytest.mark.parametrize("by", [-DAY, -HOUR, HOUR, 3 * DAY], ids=str)
def test_c1_a_jump_in_either_direction_is_told_once_and_shuts_the_public_door(clock, machine, by):
    machine.runs(HOUR)
    machine.is_set(by)

    assert [clock.look(START), clock.look(START)] == [by, timedelta()]
    assert clock.told() == by
    assert not clock.may_promise


def test_c1_a_clock_that_was_put_right_again_promises_again_and_is_told_for_an_hour(clock, machine):
    machine.is_set(-DAY)
    clock.look(START)
    machine.is_set(DAY)

    assert clock.look(START) == DAY
    assert clock.may_promise
    assert clock.told() == DAY
    machine.runs(HOUR + timedelta(seconds=1))
    assert clock.told() == timedelta()


def test_a_step_of_a_time_server_is_told_and_taken(clock, machine):
    machine.is_set(timedelta(minutes=-3))

    assert clock.look(START - HOUR) == timedelta(minutes=-3)
    assert clock.may_promise
    machine.runs(2 * HOUR)
    assert clock.look(START) == timedelta()
    assert clock.told() == timedelta()


def test_a_clock_behind_the_newest_entry_is_not_remembered_as_right(watch, machine):
    fresh = watch()
    fresh.look(START + HOUR)
    machine.is_set(HOUR)

    assert fresh.deviation() == timedelta()


def test_this_machine_tells_how_long_it_runs():
    first, then = running_time(), running_time()

    assert first.boot == then.boot
    assert 0 < first.seconds <= then.seconds


def test_e9_the_writer_refuses_and_records_again_once_it_is_confirmed(database):
    """Through the one thread that appends, with the machine's own running time."""
    wall = JumpyClock()
    wall.off = -3 * DAY
    clock = WatchedClock(database, wall=wall)
    with database.cursor() as cursor:  # the database's clock agrees with nobody here
        cursor.execute("UPDATE log.head SET recorded_at = now() - interval '3 days'")
    newest = datetime.now(UTC) - 3 * DAY
    assert clock.look(newest) == timedelta()
    wall.off = timedelta()
    table = EventTable(database, PlainCodec(), clock)
    try:
        with pytest.raises(Unavailable, match=r"快了 3 天.*xiaohao clock confirm"):
            table.submit(append()).wait()

        WatchedClock(database, wall=wall).confirm(KEY_ADMIN, newest)

        assert table.submit(append()).wait().first == 1
    finally:
        table.close()
