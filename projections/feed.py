"""The log as projections read it: in order, each entry decoded once for all read models. 取数

`body_of` takes the payload's bytes out of an entry of our own; it is handed in, since the envelope is not ours to know.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from domain.recorded import Recorded, recorded

PAGE = 2_000
_HEADER = 19  # PostgreSQL's binary COPY: signature, flags, extension
_FIRST = struct.Struct(">hiqi")  # fields, length, position, length of the entry
_LENGTH = struct.Struct(">i")
RANGE = "SELECT position, entry, leaf_hash FROM log.event WHERE position > {} AND position <= {} ORDER BY position"


class Feed:
    def __init__(self, body_of: Callable[[bytes], bytes]) -> None:
        self.body_of = body_of

    def read(self, cursor: Any, after: int, upto: int) -> list[Recorded]:
        """The events at after < position <= upto, as far as they are recorded."""
        data = io.BytesIO()
        cursor.copy_expert(f"COPY ({RANGE.format(int(after), int(upto))}) TO STDOUT (FORMAT binary)", data)
        return list(self._parsed(data.getvalue()))

    def stream(self, connection: Any, after: int, upto: int) -> Iterator[Recorded]:
        """The same without holding more than two pages; the next page comes while this one is folded."""
        with connection.cursor() as cursor, ThreadPoolExecutor(1) as ahead:

            def page(start: int) -> bytes:
                data, end = io.BytesIO(), min(start + PAGE, upto)
                cursor.copy_expert(f"COPY ({RANGE.format(start, end)}) TO STDOUT (FORMAT binary)", data, size=1 << 18)
                return data.getvalue()

            coming = ahead.submit(page, after)
            for start in range(after, upto, PAGE):
                data = coming.result()
                if start + PAGE < upto:
                    coming = ahead.submit(page, start + PAGE)
                yield from self._parsed(data)

    def _parsed(self, data: bytes) -> Iterator[Recorded]:
        body_of, loads, offset = self.body_of, orjson.loads, _HEADER
        while True:
            if data[offset : offset + 2] == b"\xff\xff":
                return
            _, _, position, length = _FIRST.unpack_from(data, offset)
            offset += _FIRST.size
            body = body_of(data[offset : offset + length])
            offset += length
            (length,) = _LENGTH.unpack_from(data, offset)
            offset += 4
            leaf = data[offset : offset + length].hex()
            offset += length
            if b"\\u0000" in body:  # PostgreSQL's text cannot hold it
                body = body.replace(b"\\u0000", b"\\ufffd")
            yield recorded(position, loads(body), leaf)


def head(cursor: Any) -> int:
    """The last position of the log."""
    cursor.execute("SELECT coalesce(max(position), 0) FROM log.event")
    return cursor.fetchone()[0]
