"""Jobs beside the pages: each soon after the start, and on although it failed once."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Event

import pytest
import structlog
from structlog.testing import capture_logs

from application.platform.database import NoDatabase
from application.platform.failures import OperatorError
from application.publication.cosigning import Outcome
from interface.runtime import logs, scheduler


def test_a_job_that_failed_is_tried_again(capsys):
    tries, again = [], Event()

    def job() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no disk")
        again.set()

    jobs = scheduler.scheduler({"publish": (job, 0.05)})
    try:
        assert again.wait(10)
    finally:
        jobs.shutdown(wait=True)


def test_a_witness_that_does_not_sign_is_named():
    class Silent:
        def ask(self):
            return [Outcome("http://one.test", trouble="no route"), Outcome("http://two.test", ("two",))]

    with capture_logs() as said:
        scheduler.ask_witnesses(Silent())

    assert [(line["witness"], line["trouble"]) for line in said] == [("http://one.test", "no route")]


def test_a_job_of_every_hour_first_runs_soon(monkeypatch):
    monkeypatch.setattr(scheduler, "FIRST", 0.05)
    ran = Event()

    jobs = scheduler.scheduler({"seal_access": (ran.set, 3_600.0)})
    try:
        assert ran.wait(10)
    finally:
        jobs.shutdown(wait=True)


@pytest.mark.parametrize("off", [-86_400.0, 400 * 86_400.0], ids=["a day back", "400 days ahead"])
def test_c1_jobs_go_on_when_the_wall_clock_is_set(off):
    """What a clock set back makes of a job: it is due in a day."""
    ran, moved = Event(), [0.0]
    jobs = scheduler.scheduler({"publish": (ran.set, 3_600.0)}, lambda: time.time() + moved[0])
    try:
        jobs.modify_job("publish", next_run_time=datetime.now(UTC) + timedelta(days=1))
        assert not ran.is_set()
        moved[0] = off
        assert ran.wait(10)
        assert jobs.get_job("publish").next_run_time < datetime.now(UTC) + timedelta(hours=2)
    finally:
        jobs.shutdown(wait=True)


def test_c1_what_a_clock_ahead_missed_is_not_counted_through():
    """A job of twice a second that is 400 days late runs once, and at once."""
    ran = Event()
    jobs = scheduler.scheduler({"catch_up": (ran.set, 0.5)})
    try:
        jobs.modify_job("catch_up", next_run_time=datetime.now(UTC) - timedelta(days=400))
        ran.clear()
        assert ran.wait(10)
    finally:
        jobs.shutdown(wait=True)


@pytest.fixture
def said():
    handlers, stream = logging.root.handlers, StringIO()
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()
    logging.root.handlers = handlers


def test_the_same_failure_is_said_once_and_its_end_too(said):
    failing = [True, True, True, False, False]

    def job() -> None:
        if failing.pop(0):
            raise OSError("no disk")

    run = scheduler.guarded("catch_up", job)
    for _ in range(5):
        run()

    events = [json.loads(line)["event"] for line in said.getvalue().splitlines()]
    assert events == ["job failed; it is tried again", "job works again"]


def test_e10_a_refused_job_logs_its_sentence_and_a_failed_one_does_not(said):
    refusals = [
        OperatorError("couldn't publish: the head is damaged"),
        ValueError("13912345678"),
        NoDatabase("暂不可用"),
    ]

    def job() -> None:
        raise refusals.pop(0)

    run = scheduler.guarded("publish", job)
    for _ in range(3):
        run()

    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [line.get("said") for line in lines] == ["couldn't publish: the head is damaged", None, "暂不可用"]
    assert "13912345678" not in said.getvalue()
