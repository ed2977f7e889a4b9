"""The limited child: whatever a decoder does to itself, the service gets an answer or a refusal, and the next one is served."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from application.platform.limited.child import LimitedChild, LimitExceeded, Limits
from application.platform.limited.job import JobRefused

LIMITS = Limits(memory=200 << 20, cpu=1, wall=5.0, answer=2 << 20)


@pytest.fixture
def child(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent), *sys.path])
    made = LimitedChild("jobs:odd", LIMITS)
    yield made
    made.close()


def test_bytes_go_in_and_bytes_come_back(child):
    content = os.urandom(1 << 20)

    assert child.run(b"echo " + content) == content
    assert child.run(b"length " + b"." * (40 << 20)) == str(40 << 20).encode()


def test_a_refusal_is_the_jobs_own_word(child):
    with pytest.raises(JobRefused, match="no picture"):
        child.run(b"refuse no picture")


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ("swell", "memory"),
        ("abort", "died"),
        ("fault", "died"),
        ("spin", "died"),
        ("large", "died"),
        ("unknown", "died"),
    ],
)
def test_whatever_it_does_to_itself_the_next_input_is_served(child, odd, why):
    with pytest.raises(LimitExceeded, match=why):
        child.run(odd.encode() + b" .")

    assert child.run(b"echo still here") == b"still here"


@pytest.mark.parametrize("odd", ["sleep", "half"])
def test_what_does_not_end_is_ended(child, odd):
    child.limits = Limits(memory=LIMITS.memory, cpu=1, wall=0.3, answer=LIMITS.answer)
    with pytest.raises(LimitExceeded, match="time"):
        child.run(odd.encode() + b" .")

    child.limits = LIMITS
    assert child.run(b"echo next") == b"next"


def test_it_leaves_nothing_behind(child, tmp_path, monkeypatch):
    """No file, no memory of the input before, and none of our variables, of which one is the database's password."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with pytest.raises(LimitExceeded):
        child.run(b"write " + str(tmp_path / "left").encode())

    assert not (tmp_path / "left").exists() or not (tmp_path / "left").read_bytes()
    assert [child.run(b"remember one"), child.run(b"remember two")] == [b"one", b"two"]
    assert b"DATABASE_URL" not in child.run(b"environment .")


def test_a_child_that_was_killed_is_replaced(child):
    child.run(b"echo .")
    os.kill(child._zygote.pid, 9)
    child._zygote.wait()

    assert child.run(b"echo again") == b"again"


def test_many_threads_get_their_own_answers(child):
    answers, start = dict[int, bytes](), Barrier(8)

    def ask(number: int) -> None:
        start.wait()
        answers[number] = child.run(f"echo {number}".encode(), ahead=number % 2 == 0)

    threads = [Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {number: str(number).encode() for number in range(8)}


def test_closing_waits_for_nothing_that_is_worked_on(child):
    child.run(b"echo started")
    ended: list[str] = []

    def ask() -> None:
        try:
            child.run(b"sleep .")
        except LimitExceeded as exceeded:
            ended.append(exceeded.args[0])

    child.limits = Limits(memory=LIMITS.memory, cpu=1, wall=600.0, answer=LIMITS.answer)
    asking = Thread(target=ask)
    asking.start()
    while not child._lane._busy:
        pass
    child.close()
    asking.join(30)

    assert ended == ["died"]


def test_closing_ends_what_begins_while_it_is_closed(child):
    """A thread that has the lane and no child yet would start one after the kill, and closing would wait for it."""
    child.run(b"echo started")
    ended, first, began, go = list[str](), child._zygote, Event(), Event()
    running = child._running

    def late():
        began.set()
        go.wait(30)
        return running()

    def ask() -> None:
        try:
            child.run(b"sleep .")
        except LimitExceeded as exceeded:
            ended.append(exceeded.args[0])

    child._running = late
    child.limits = Limits(memory=LIMITS.memory, cpu=1, wall=600.0, answer=LIMITS.answer)
    threads = [Thread(target=ask, daemon=True), Thread(target=child.close, daemon=True)]
    threads[0].start()
    began.wait(30)
    threads[1].start()
    first.wait(30)
    go.set()
    for thread in threads:
        thread.join(30)

    assert ended == ["died"]


def test_a_job_that_can_not_be_imported_is_a_defect():
    with pytest.raises(RuntimeError, match="did not start"):
        LimitedChild("no.such:job", LIMITS).run(b"")
