"""Witnesses that mean harm, over real connections: nothing they send is kept, each is told about on one line, nobody waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from application.publication.cosigning import Witnesses
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from tests.application.publication.published import Site

KEY = NoteKey("hostile.test/w1", COSIGNATURE, bytes(32))
CLOSE = b"Connection: close\r\n"


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path / "service")
    site.publish(5)
    return site


@contextmanager
def answering(parts: Iterator[bytes]) -> Iterator[str]:
    """A server that answers everybody with these bytes, until they or the client end: its address."""

    class Handler(BaseRequestHandler):
        def handle(self):
            self.request.recv(1 << 20)
            with suppress(OSError):
                for part in parts:
                    self.request.sendall(part)

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield "http://{}:{}".format(*server.server_address)
        server.shutdown()


def asked(site, address, **more):
    site.home.policy.write_text(f"witness w {KEY.vkey} {address}\nquorum none\n")
    return Witnesses(site.home, site.publisher, clock=lambda: site.now).ask(**more)[0]


def answer(status: int, body: bytes, *more: bytes) -> list[bytes]:
    length = b"Content-Length: %d\r\n" % len(body)
    return [b"HTTP/1.1 %d X\r\n" % status, CLOSE, length, *more, b"\r\n", body]


def forever(first: bytes, part: bytes) -> Iterator[bytes]:
    yield first
    while True:
        yield part


@pytest.mark.parametrize(
    ("parts", "trouble"),
    [
        (answer(200, b"hello\n"), "not a signed note"),
        (answer(200, bytes(range(256)) * 9), "not a signed note"),
        (answer(200, str(KEY.sign("another\n5\nAAAA\n", 1)).encode()), "is wrong"),
        (forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 4096), "not a signed note"),
        (forever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), "more than 100 headers"),
        (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "100 Continue, which nobody asked for"),
        (answer(302, b"", b"Location: http://127.0.0.1:1/\r\n"), "it answered 302"),
        (answer(307, b"", b"Location: http://[::1\r\n"), "it answered 307"),
        (answer(401, b"who are you?\n", b'WWW-Authenticate: Basic realm="x"\r\n'), "it answered 401: who are you?"),
        (answer(500, b"\x1b[2J\npublished 9 entries\r\n"), "it answered 500: \ufffd[2J published 9 entries"),
        ([b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n"], "it does not speak HTTP as it should"),
        (answer(409, b" " * 40 + b"5\n"), "it answered 409: 5"),
        (answer(409, b"9" * 60_000), "it answered 409: 9"),
        (answer(409, b"-5\n"), "it answered 409: -5"),
        (answer(409, b"9223372036854775807\n"), "it has cosigned 9223372036854775807 entries of this log already"),
        ([b"SSH-2.0-OpenSSH_9\r\n"], "it does not speak HTTP as it should"),
        ([], "it does not speak HTTP as it should"),
    ],
)
def test_nothing_that_a_hostile_witness_answers_is_kept(site, parts, trouble):
    before = {path: path.read_bytes() for path in site.home.path.rglob("*") if path.is_file()}

    with answering(parts) as address:
        outcome = asked(site, address)
        assert site.publisher.publish().size == 5

    assert trouble in outcome.trouble
    assert (outcome.names, outcome.trouble.isprintable()) == ((), True)
    assert {path: path.read_bytes() for path in before} == before


def test_many_lines_of_its_own_key_are_kept_once(site):
    """A witness may say its own name as often as it likes."""
    note = site.note(5)
    lines = b"".join(str(KEY.sign(note.text, site.now - each)).encode() for each in range(9))

    with answering(answer(200, lines)) as address:
        assert asked(site, address).names == ("hostile.test/w1",)

    kept = Note.parse((site.home.trail / "checkpoint").read_bytes())
    assert len([line for line in kept.lines if line.name == KEY.name]) == 1
