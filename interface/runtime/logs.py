"""What the service says of itself: one JSON object per line on standard error. 运行日志

No values reach it: of an error only its kind and the places it came through (its message and the local variables may quote
a password, a name or a tip), of a library's message only its template. Who did what stands in the signed log, not here.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from traceback import format_tb
from types import TracebackType
from typing import Any, TextIO

import structlog

OURS = ("application.", "projections.", "interface.")  # what we say ourselves holds no values
BREAKS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x7f\x85\u2028\u2029"}  # JSON leaves them as they are


def configure(stream: TextIO = sys.stderr) -> None:
    """From now on everything of this process is said so; safe to call again."""
    processors: Any = [structlog.processors.add_log_level, _stamp, _line]
    structlog.configure(processors=processors, logger_factory=structlog.PrintLoggerFactory(stream))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines())
    handler.addFilter(Seldom())
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)


def failure(error: BaseException) -> dict[str, str]:
    """Kind and trace of an error, without its message and without any variable."""
    return {"error": type(error).__name__, "trace": _places(error.__traceback__)}


def _places(trace: TracebackType | None) -> str:
    return "".join(format_tb(trace))


def _stamp(_logger: Any, _name: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **said}


def _line(_logger: Any, _name: str, said: dict[str, Any]) -> str:
    """One line for every reader: what Unicode counts as a line break is escaped as well as what JSON does."""
    return json.dumps(said, ensure_ascii=False, default=lambda value: type(value).__name__).translate(BREAKS)


class Seldom(logging.Filter):
    """A library that says the same again and again is heard once a minute; the next time it says how often it was not."""

    EVERY = 60.0  # seconds

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock, self._lock = clock, Lock()
        self._heard: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(OURS):
            return True
        key, now = (record.name, str(record.msg)), self._clock()
        with self._lock:
            if len(self._heard) > 1_000:
                self._heard.clear()
            at, unheard = self._heard.get(key, (-self.EVERY, 0))
            if now - at < self.EVERY:
                self._heard[key] = (at, unheard + 1)
                return False
            self._heard[key] = (now, 0)
        record.unheard = unheard
        return True


class _Lines(logging.Formatter):
    """The same for libraries: the template of a message without what they would fill in."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "event": record.getMessage() if record.name.startswith(OURS) else str(record.msg),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if unheard := getattr(record, "unheard", 0):
            said["unheard"] = unheard
        if record.exc_info and (error := record.exc_info[1]):
            said |= failure(error)
        return _line(None, "", said)
