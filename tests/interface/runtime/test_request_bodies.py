"""Bodies and answers on their way: in memory, however large; what is too much is thrown away and answered in words."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from tempfile import TemporaryFile
from threading import Event, Thread

import pytest
from flask import Flask, request
from waitress import wasyncore

from interface.runtime import http_server, request_bodies
from tests.interface.files import holding

CANARY = b"CANARY-OF-A-BODY"
TIMES = 200_000  # 3.2 MB
BODY = CANARY * TIMES


def echo(environ, start_response):
    """How much was announced, how much came, and how often the canary."""
    body = environ["wsgi.input"].read()
    answer = f"{environ['CONTENT_LENGTH']} {len(body)} {body.count(CANARY)}".encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


def speak(_environ, start_response):
    start_response("200 OK", [("Content-Length", str(len(BODY)))])
    return [BODY]


@contextmanager
def running(app) -> Iterator[int]:
    """The port of a server on this application."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server, ended = http_server.serve(app, listener, 2), Event()
        thread = Thread(target=turn, args=(server, ended))
        thread.start()
        yield server.effective_port
        ended.set()
        thread.join()


def turn(server, ended: Event) -> None:
    while not ended.is_set():
        wasyncore.loop(timeout=0.05, map=server._map, count=1, use_poll=True)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)


@pytest.fixture
def port():
    with running(echo) as port:
        yield port


def begin(port: int, size: int | None) -> HTTPConnection:
    """A POST of so many bytes, or in chunks."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("POST", "/")
    connection.putheader(*(("Transfer-Encoding", "chunked") if size is None else ("Content-Length", str(size))))
    connection.endheaders()
    return connection


def answer(connection: HTTPConnection) -> tuple[int, str]:
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def until(look) -> None:
    for _ in range(600):
        if look():
            return
        time.sleep(0.05)
    raise AssertionError(look)


def held() -> int:
    return sum(body.held for body in list(request_bodies.Body.living))


def test_the_search_finds_what_a_file_without_a_name_holds():
    with TemporaryFile() as file:
        file.write(CANARY)
        file.flush()
        assert len(holding(os.getpid(), CANARY)) == 1


def test_a_large_body_comes_whole_and_is_in_no_file_meanwhile(port):
    connection = begin(port, len(BODY))
    connection.send(BODY[:-1])
    until(lambda: held() == len(BODY) - 1)
    assert holding(os.getpid(), CANARY) == []
    connection.send(BODY[-1:])

    assert answer(connection) == (200, f"{len(BODY)} {len(BODY)} {TIMES}")
    until(lambda: held() == 0)


def test_a_body_in_chunks_comes_whole_too(port):
    connection = begin(port, None)
    for part in (BODY, b"-", BODY):
        connection.send(chunk(part))
    connection.send(chunk(b""))

    assert answer(connection) == (200, f"{2 * len(BODY) + 1} {2 * len(BODY) + 1} {2 * TIMES}")


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_of_a_body_that_is_too_large_only_its_length_is_kept(port, announced):
    size = request_bodies.LARGEST + 1
    connection = begin(port, size if announced else None)
    connection.send(bytes(size) if announced else chunk(bytes(size)) + chunk(b""))

    assert answer(connection) == (200, f"{size} 0 0")


def test_where_there_is_no_room_it_is_said_and_small_ones_go_on(port, monkeypatch):
    monkeypatch.setattr(request_bodies, "ROOM", 2 * len(BODY))
    first, second = begin(port, len(BODY)), begin(port, len(BODY))
    for each in (first, second):
        each.send(BODY[:-1])
    until(lambda: held() == 2 * len(BODY) - 2)

    third = begin(port, len(BODY))
    third.send(BODY)
    status, said = answer(third)
    small = begin(port, 16)
    small.send(CANARY)

    assert (status, "请过几分钟再提交" in said) == (503, True)
    assert answer(small) == (200, "16 16 1")
    for each in (first, second):
        each.send(BODY[-1:])
        assert answer(each) == (200, f"{len(BODY)} {len(BODY)} {TIMES}")


def test_whoever_goes_away_in_the_middle_leaves_nothing(port):
    connection = begin(port, len(BODY))
    connection.send(BODY[:-1])
    until(lambda: held() == len(BODY) - 1)
    connection.close()

    until(lambda: held() == 0)


def test_a_large_answer_that_nobody_takes_yet_is_in_no_file():
    with running(speak) as port:
        connection = begin(port, 0)
        until(lambda: connection.sock.recv(1, socket.MSG_PEEK))
        assert holding(os.getpid(), CANARY) == []
        assert len(connection.getresponse().read()) == len(BODY)
        connection.close()


def test_files_of_a_form_are_parsed_into_memory():
    app = Flask(__name__)
    app.request_class = request_bodies.InMemory
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n\r\n'
    form = {"data": head + BODY + b"\r\n--b--\r\n", "content_type": "multipart/form-data; boundary=b"}
    with app.test_request_context(method="POST", **form):
        assert request.files["photo"].stream.read() == BODY
        assert holding(os.getpid(), CANARY) == []


def raw(port: int, request: bytes) -> bytes:
    """The first line of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline().strip()


POST = b"POST / HTTP/1.1\r\nHost: a.example\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        POST + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
        POST + CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n",
        POST + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        POST.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n0\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.example/@b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_e16_what_a_proxy_could_read_otherwise_is_refused(port, request_):
    assert raw(port, request_).partition(b" ")[2] == b"400 Bad Request"


@pytest.mark.parametrize("host", [b"a.example", b"a.example:8000", b"[::1]:8000", b"127.0.0.1"])
def test_e16_one_host_and_one_length_are_answered(port, host):
    asked = b"POST / HTTP/1.1\r\nHost: " + host + b"\r\n" + CHUNKED + b"\r\n0\r\n\r\n"

    assert raw(port, asked) == b"HTTP/1.1 200 OK"
