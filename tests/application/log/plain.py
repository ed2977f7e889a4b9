"""The simplest codec: the library's own state as text. It lets the store be tested without our envelope."""

from __future__ import annotations

from typing import Any


class PlainCodec:
    def begin(self, look: Any, streams: Any, history: Any) -> None: ...

    def mark(self, events: Any) -> None: ...

    def agree(self, mark: Any) -> None: ...

    def back(self, mark: Any) -> None: ...

    def forget(self) -> None: ...

    def seal(self, event: Any, seat: Any, author: Any) -> bytes:
        return b"%08d" % seat.seq + event.state

    def open(self, entry: bytes) -> bytes:
        return entry[8:]
