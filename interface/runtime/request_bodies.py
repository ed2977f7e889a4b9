"""What people send and what they are shown, on its way: in memory, never in a file before it is sealed. 请求正文

Left to themselves, waitress and werkzeug put large bodies and answers into temporary files, as they came.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import IO, Any
from weakref import WeakSet

from flask import Request
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import Error

from interface.runtime.proxies import HOST

LARGEST = 30 << 20  # bytes of one body; of a larger one nothing is kept
SMALL = 512 << 10  # as much has room always
ROOM = 10 * LARGEST  # for everybody's larger ones together
ENCODING = re.compile(rb"(?im)^transfer-encoding[ \t]*:(.*)$")


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
    """Reads every body to its end, and keeps it in memory or not at all.

    What two readers could understand in two ways is refused (RFC 9112 §3.2, §6.1): a proxy may be the other one.
    """

    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Raises ParsingError."""
        super().parse_header(header_plus)
        self._refuse_two_lengths(ENCODING.findall(header_plus))
        self._refuse_two_hosts()
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.content_length)

    def _refuse_two_lengths(self, encodings: list[bytes]) -> None:
        if not encodings:
            return
        chunked = [one.strip().lower() for one in encodings] == [b"chunked"]
        if not chunked or self.version != "1.1" or "CONTENT_LENGTH" in self.headers:
            raise ParsingError("a body is announced in one way: Content-Length, or chunked in HTTP/1.1")

    def _refuse_two_hosts(self) -> None:
        """Those of one name stand joined by commas here."""
        host = self.headers.get("HOST")
        if host is None:
            if self.version == "1.1":
                raise ParsingError("a request of HTTP/1.1 names one Host")
        elif not HOST.fullmatch(host):
            raise ParsingError("a request names one Host, and nothing but a host")

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.completed and self.error is None and self.body_rcv is not None and self.body_rcv.buf.crowded_out:
            self.error = Crowded(
                "现在上传的人很多，请过几分钟再提交。 Many people are uploading; try again in some minutes."
            )
        return consumed
