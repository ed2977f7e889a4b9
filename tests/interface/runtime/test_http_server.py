"""Connections: many may stand open, and none of them keeps an honest one out."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from waitress import wasyncore

from interface.runtime import http_server
from interface.runtime.http_server import HEADER, PACE, PATIENCE, SILENT, Channel

GET = b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"


def hello(_environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@contextmanager
def running(connections: int):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        server, ended = http_server.serve(hello, listener, 2, connections), Event()
        thread = Thread(target=turn, args=(server, ended))
        thread.start()
        yield server
        ended.set()
        thread.join()


def turn(server, ended: Event) -> None:
    while not ended.is_set():
        wasyncore.loop(timeout=0.05, map=server._map, count=1, use_poll=True)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)


def answer(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as honest:
        honest.sendall(GET)
        return honest.makefile("rb").readline()


def test_e6_a_thousand_silent_connections_and_everybody_is_served():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with running(http_server.CONNECTIONS) as server, ExitStack() as stack:
        for _ in range(1_100):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.effective_port), timeout=60))

        assert answer(server.effective_port) == b"HTTP/1.1 200 OK\r\n"
        assert len(server.active_channels) >= 1_100


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a.exa"], ids=["silent", "half a header"])
def test_e6_more_than_the_limit_and_everybody_is_served_still(sent):
    with running(50) as server, ExitStack() as stack:
        server.maintenance = lambda _now: None  # nobody's time is over: only room that is made lets anybody in
        for _ in range(120):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", server.effective_port), timeout=60))
            one.sendall(sent)

        assert [answer(server.effective_port) for _ in range(3)] == [b"HTTP/1.1 200 OK\r\n"] * 3
        assert len(server._map) <= 50


def channel(*, silent: float = 0, took: float = 0, header: bool = True, came: int = 0, busy: bool = False) -> Channel:
    """One as it stands at the moment 1,000."""
    one = object.__new__(Channel)
    one.requests, one.began, one._active = [object()] if busy else [], 1_000 - took, 1_000 - silent
    one.request = SimpleNamespace(headers_finished=header, body_bytes_received=came)
    return one


@pytest.mark.parametrize(
    ("one", "ends"),
    [
        (channel(silent=SILENT + 1), True),
        (channel(silent=SILENT - 1), False),
        (channel(silent=SILENT + 1, busy=True), False),
        (channel(took=HEADER + 1, header=False), True),
        (channel(took=PATIENCE + 1, came=PACE), True),
        (channel(took=PATIENCE + 1, came=PACE * (PATIENCE + 2)), False),
        (channel(took=PATIENCE - 1, came=1), False),
    ],
    ids=["silent", "not yet", "being answered", "slow header", "slow body", "steady body", "a body has time"],
)
def test_e6_who_holds_a_connection_for_nothing(one, ends):
    assert one.is_held_for_nothing(1_000) is ends
