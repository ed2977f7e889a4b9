"""What the writer does when the machine is not as it should be: clocks that jump, a server that goes away, two at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from threading import Thread, current_thread
from uuid import uuid4

import psycopg2
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from application.core.command import Command
from application.log.append_batch import Append, SideRow
from application.log.event_table import EventTable
from application.log.group_commit import LONELY
from application.platform.clock import Clock
from application.platform.database import Database
from application.vault.vault import INSERT_FILE
from application.verifier.rules.rights_register import TOPICS
from domain.errors import Conflict, Unavailable
from domain.values import Actor
from tests.application.log.plain import PlainCodec


class JumpyClock(Clock):
    """A machine's clock that somebody sets wrongly."""

    def __init__(self):
        self.off = timedelta()

    def now(self):
        return datetime.now(UTC) + self.off


@pytest.fixture
def clock():
    return JumpyClock()


@pytest.fixture
def table(database, clock):
    table = EventTable(database, PlainCodec(), clock)
    yield table
    table.close()


def append(stream=None, version=1, command=None, digest=b"d"):
    event = StoredEvent(stream or uuid4(), version, "t", b"{}")
    return Append([event], command or uuid4(), "somebody", digest)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_stops_the_writing_and_loses_nothing(table, clock, hours):
    table.submit(append()).wait()
    clock.off = timedelta(hours=hours)

    with pytest.raises(Unavailable, match=r"服务器时钟异常|日志最新一条记于"):
        table.submit(append()).wait()

    clock.off = timedelta()
    assert table.submit(append()).wait().first == 2


def test_a_loser_in_the_same_group_costs_no_position(table):
    stream = uuid4()
    waiting = [table.submit(append(stream)) for _ in range(5)] + [table.submit(append()) for _ in range(5)]

    outcomes = [outcome_of(each) for each in waiting]

    assert outcomes.count("lost") == 4
    assert sorted(each for each in outcomes if each != "lost") == [1, 2, 3, 4, 5, 6]


def outcome_of(append):
    try:
        return append.wait().first
    except IntegrityError:
        return "lost"


def test_an_entry_of_two_lines_is_refused_and_moves_no_other(table):
    broken = Append([StoredEvent(uuid4(), 1, "t", b"{\n}")], uuid4(), "somebody", b"d")
    waiting = [table.submit(each) for each in (append(), broken, append())]

    assert [outcome_of(each) for each in waiting] == [1, "lost", 2]


def test_the_same_command_sent_at_once_by_many_is_recorded_once(table):
    command, told = uuid4(), []
    threads = [Thread(target=lambda: told.append(table.submit(append(command=command)).wait().first)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == [1] * 8
    assert table.max_notification_id() == 1


class WatchedCodec(PlainCodec):
    """Remembers which threads sealed; `interrupted` raises once, as Ctrl-C does wherever a thread happens to be."""

    def __init__(self):
        self.threads, self.interrupted, self.forgot = [], False, 0

    def seal(self, event, seat, author):
        self.threads.append(current_thread())
        if self.interrupted:
            self.interrupted = False
            raise KeyboardInterrupt
        return super().seal(event, seat, author)

    def forget(self):
        self.forgot += 1


@pytest.fixture
def watched(database):
    table = EventTable(database, WatchedCodec())
    yield table
    table.close()


def test_whoever_is_alone_records_in_their_own_thread(watched):
    assert [watched.record(append()).first for _ in range(LONELY + 3)] == list(range(1, LONELY + 4))
    assert [thread is current_thread() for thread in watched.codec.threads] == [False] * LONELY + [True] * 3
    assert watched.submit(append()).wait().first == LONELY + 4
    assert watched.codec.threads[-1] is not current_thread()


def test_many_at_once_are_recorded_in_groups_by_the_writer(watched):
    """A lone recorder at work keeps nobody from queueing, and nobody goes ahead of a queue."""
    told = []
    threads = [
        Thread(target=lambda: told.extend(watched.record(append()).first for _ in range(20)), name=f"many {number}")
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == list(range(1, 161))
    assert "log writer" in {thread.name for thread in watched.codec.threads}


def test_who_loses_against_others_is_told_in_their_own_thread_too(watched):
    stream = uuid4()
    for _ in range(LONELY):
        watched.record(append())
    assert watched.record(append(stream)).first == LONELY + 1
    with pytest.raises(IntegrityError):
        watched.record(append(stream))
    command = uuid4()
    assert [watched.record(append(command=command)).first for _ in range(2)] == [LONELY + 2] * 2


def test_an_interrupted_recorder_leaves_nothing_behind(watched):
    for _ in range(LONELY):
        watched.record(append())
    watched.codec.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        watched.record(append())

    assert watched.codec.forgot == 1
    assert watched.record(append()).first == LONELY + 1
    assert watched.submit(append()).wait().first == LONELY + 2


def test_the_same_id_for_something_else_is_refused(table):
    command = uuid4()
    table.submit(append(command=command)).wait()
    with pytest.raises(Conflict, match="另一次提交"):
        table.submit(append(command=command, digest=b"other")).wait()


def test_a_writer_whose_connection_was_cut_goes_on(table, dsn):
    table.submit(append()).wait()
    cut_all(dsn)

    assert table.submit(append()).wait().first == 2


def test_a_reader_whose_connection_was_cut_is_told_and_goes_on(database, dsn):
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(Unavailable, match="请稍后"):
        read_while_cut(database, dsn)

    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_server_that_is_not_there_is_a_sentence():
    nowhere = Database("host=/nowhere dbname=x", size=1)
    with pytest.raises(Unavailable, match="数据库暂时连不上"), nowhere.cursor():
        pass
    nowhere.close()


def read_while_cut(database, dsn):
    with database.cursor() as cursor:
        cut_all(dsn)
        cursor.execute("SELECT 1")


def cut_all(dsn):
    """The administrator ends every other session of this database."""
    connection = psycopg2.connect(dsn)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


def test_a_command_says_what_is_asked():
    one = Command(id=uuid4(), actor=Actor("a", "r", "u"))
    assert one.digest == Command(id=uuid4(), actor=Actor("a", "r", "u")).digest
    assert one.digest != Command(id=one.id, actor=Actor("b", "r", "u")).digest


def test_the_index_of_the_authority_names_its_topics(database):
    """Otherwise bringing the authority up to date reads the whole log."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'log.event_of_authority'::regclass"
        )
        (predicate,) = cursor.fetchone()
    assert set(re.findall(r"'([a-z_.]+)'", predicate)) == set(TOPICS)


class CountingCodec(PlainCodec):
    """Counts the transactions that were begun."""

    begun = 0

    def begin(self, *look):
        self.begun += 1
        return super().begin(*look)


def test_what_is_heavy_goes_in_transactions_of_its_own(database, clock):
    """Photos of many people in one transaction would make everybody wait for all of them."""
    codec = CountingCodec()
    table, photos = EventTable(database, codec, clock), []
    with database.transaction() as cursor:
        cursor.execute("SELECT FROM log.head FOR UPDATE")
        first = append()
        table.submit(first)
        for number in range(6):
            photo = append()
            photo.beside = [SideRow(INSERT_FILE, (str(number), "image/jpeg", bytes(700_000)))]
            photos.append(photo)
            table.submit(photo)

    for one in [first, *photos]:
        one.wait()
    table.close()

    assert codec.begun >= 3
