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
# A page is one value: as a row for each event the driver would ask for the interpreter again at every row.
QUERY = """COPY (SELECT string_agg(int8send(position) || int4send(octet_length(entry)) || entry || leaf_hash, ''::bytea
        ORDER BY position) FROM log.event WHERE position > {} AND position <= {}) TO STDOUT (FORMAT binary)"""
_BEGIN = 25  # PostgreSQL's binary COPY: signature, flags, extension; then fields of the row, length of the value
_END = 2
_EVENT = struct.Struct(">qi")  # position, length of the entry
_HASH = 32


class Unreadable(RuntimeError):
    """An entry whose bytes are none of ours: somebody altered the row."""


class Feed:
    def __init__(self, body_of: Callable[[bytes], bytes]) -> None:
        self.body_of = body_of

    def read(self, cursor: Any, after: int, upto: int) -> list[Recorded]:
        """The events at after < position <= upto, as far as they are recorded."""
        return list(self._parsed(_page(cursor, after, upto)))

    def stream(self, connection: Any, after: int, upto: int) -> Iterator[Recorded]:
        """The same without holding more than two pages; the next page comes while this one is folded."""
        with connection.cursor() as cursor, ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(_page, cursor, after, min(after + PAGE, upto))
            for start in range(after, upto, PAGE):
                data = coming.result()
                if (end := start + PAGE) < upto:
                    coming = ahead.submit(_page, cursor, end, min(end + PAGE, upto))
                yield from self._parsed(data)

    def _parsed(self, data: bytes) -> Iterator[Recorded]:
        body_of, loads, offset, end = self.body_of, orjson.loads, _BEGIN, len(data) - _END
        while offset < end:
            position, length = _EVENT.unpack_from(data, offset)
            offset += _EVENT.size + length
            entry, leaf = data[offset - length : offset], data[offset : offset + _HASH].hex()
            offset += _HASH
            try:
                body = body_of(entry)
                if b"\\u0000" in body:  # PostgreSQL's text cannot hold it
                    body = body.replace(b"\\u0000", b"\\ufffd")
                event = recorded(position, loads(body), leaf)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise Unreadable(f"the entry at position {position} can't be read: it was altered") from None
            yield event


def _page(cursor: Any, after: int, upto: int) -> bytes:
    data = io.BytesIO()
    cursor.copy_expert(QUERY.format(int(after), int(upto)), data)
    return data.getvalue()


def head(cursor: Any) -> int:
    """The last position of the log."""
    cursor.execute("SELECT coalesce(max(position), 0) FROM log.event")
    return cursor.fetchone()[0]
