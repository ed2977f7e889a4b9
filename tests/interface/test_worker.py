"""Jobs beside the pages: each soon after the start, and on although it failed once."""

from __future__ import annotations

from threading import Event

from structlog.testing import capture_logs

from application.trail.cosigning import Outcome
from interface import worker


def test_a_job_that_failed_is_tried_again(capsys):
    tries, again = [], Event()

    def job() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no disk")
        again.set()

    jobs = worker.scheduler({"publish": (job, 0.05)})
    try:
        assert again.wait(10)
    finally:
        jobs.shutdown(wait=True)


def test_a_witness_that_does_not_sign_is_named():
    class Silent:
        def ask(self):
            return [Outcome("http://one.test", trouble="no route"), Outcome("http://two.test", ("two",))]

    with capture_logs() as said:
        worker.ask_witnesses(Silent())

    assert [(line["witness"], line["trouble"]) for line in said] == [("http://one.test", "no route")]


def test_a_job_of_every_hour_first_runs_soon(monkeypatch):
    monkeypatch.setattr(worker, "FIRST", 0.05)
    ran = Event()

    jobs = worker.scheduler({"seal_access": (ran.set, 3_600.0)})
    try:
        assert ran.wait(10)
    finally:
        jobs.shutdown(wait=True)
