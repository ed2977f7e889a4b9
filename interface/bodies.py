"""What people send and what they are shown, on its way: in memory, never in a file before it is sealed. 请求正文

Left to themselves, waitress and werkzeug put large bodies and answers into temporary files, as they came.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any
from weakref import WeakSet

from flask import Request
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.utilities import Error

LARGEST = 30 << 20  # bytes of one body; of a larger one nothing is kept
SMALL = 512 << 10  # as much has room always
ROOM = 10 * LARGEST  # for everybody's larger ones together


class InMemory(Request):
    """A request whose files are parsed into memory: their sum is no larger than its body."""

    def _get_file_stream(self, *_lengths: Any, **_about: Any) -> IO[bytes]:
        return BytesIO()


class Body:
    """What has come of one body; what can't be kept is counted and thrown away, so that it can be answered in words."""

    living: WeakSet[Body] = WeakSet()

    def __init__(self, announced: int) -> None:
        self._file, self._length = BytesIO(), 0
        self.too_large, self.crowded_out = announced > LARGEST, False
        self.living.add(self)

    def __len__(self) -> int:
        return self._length

    @property
    def held(self) -> int:
        return 0 if self._file.closed else self._file.tell()

    def append(self, data: bytes) -> None:
        self._length += len(data)
        if self._length > LARGEST:
            self.too_large = True
        elif self._length > SMALL and sum(body.held for body in list(self.living)) + len(data) > ROOM:
            self.crowded_out = True
        if self.too_large or self.crowded_out:
            self._file = BytesIO()
        else:
            self._file.write(data)

    def getfile(self) -> IO[bytes]:
        return BytesIO(self._file.getvalue())

    def close(self) -> None:
        self._file.close()


class Crowded(Error):
    """There is no room for a body at the moment."""

    code, reason = 503, "Service Unavailable"


class Parser(HTTPRequestParser):
    """Reads every body to its end, and keeps it in memory or not at all."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.content_length)

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.completed and self.body_rcv is not None and self.body_rcv.buf.crowded_out:
            self.error = Crowded(
                "现在上传的人很多，请过几分钟再提交。 Many people are uploading; try again in some minutes."
            )
        return consumed


class Channel(HTTPChannel):
    parser_class = Parser


def serve(app: Callable[..., Any], listener: Any, threads: int) -> Any:
    """A server on this socket, to be run and closed by whoever asked for it."""
    server = create_server(app, sockets=[listener], threads=threads, ident="xiaohao", outbuf_overflow=sys.maxsize)
    server.channel_class = Channel
    return server
