"""The server behind every door: connections that are many, and none that is held for nothing. HTTP 服务

waitress does the work. Ours are the limits: so many connections, so long without a word, so slow a sender. All by a clock
that nobody sets: the wall clock may jump, and then every connection would end at once, or none at all.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from interface.runtime.request_bodies import Parser

CONNECTIONS = 2_000  # at once; whoever comes then takes the place of the one that has been silent longest
SILENT = 20  # seconds without a byte
HEADER = 20  # seconds from a request's first byte to the end of its header
PATIENCE, PACE = 60, 1_024  # after so many seconds a body has come with so many bytes a second
LOOK = 5  # seconds between two looks at all of them
FILES, OTHERS = 4_096, 200  # descriptors: of all together, and of what is no connection


class Channel(HTTPChannel):
    """One connection, which knows since when it has been silent and since when its request has been coming."""

    parser_class = Parser
    began: float | None = None

    @property
    def last_activity(self) -> float:
        return self._active

    @last_activity.setter
    def last_activity(self, _wall_clock: float) -> None:
        self._active = monotonic()

    def received(self, data: bytes) -> Any:
        if self.request is None:
            self.began = monotonic()
        return super().received(data)

    @property
    def is_idle(self) -> bool:
        """Nothing of it is being answered."""
        return not self.requests

    def is_held_for_nothing(self, now: float) -> bool:
        if not self.is_idle:
            return False
        return now - self.last_activity > SILENT or self._is_too_slow(now)

    def _is_too_slow(self, now: float) -> bool:
        request = self.request
        if request is None or self.began is None:
            return False
        if not request.headers_finished:
            return now - self.began > HEADER
        took = now - self.began
        return took > PATIENCE and request.body_bytes_received < PACE * took


class Server(TcpWSGIServer):
    channel_class = Channel
    next_look = 0.0

    def readable(self) -> bool:
        if (now := monotonic()) >= self.next_look:
            self.next_look = now + LOOK
            self.maintenance(now)
        if len(self._map) >= self.adj.connection_limit:
            self._make_room()
        return bool(super().readable())

    def maintenance(self, _wall_clock: float) -> None:
        now = monotonic()
        for channel in list(self.active_channels.values()):
            if channel.is_held_for_nothing(now):
                channel.will_close = True

    def _make_room(self) -> None:
        """Ends the twentieth part of all that has been silent longest, so that nobody holds the door by knocking only."""
        idle = [channel for channel in self.active_channels.values() if channel.is_idle]
        for channel in sorted(idle, key=lambda one: one.last_activity)[: max(1, len(self._map) // 20)]:
            channel.will_close = True  # in this turn of the loop, where its descriptor can't be another's yet


def serve(app: Callable[..., Any], listener: Any, threads: int, connections: int = CONNECTIONS) -> Server:
    """A server on this socket, to be run and closed by whoever asked for it."""
    connections = min(connections, _allowed_files() - OTHERS)
    adjustments = Adjustments(
        sockets=[listener],
        threads=threads,
        ident="xiaohao",
        outbuf_overflow=sys.maxsize,
        connection_limit=connections,
        asyncore_use_poll=True,  # select() knows 1,024 descriptors
        clear_untrusted_proxy_headers=False,  # interface/runtime/proxies.py does, for it knows more than one proxy
    )
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(threads)
    where = (listener.family, listener.type, listener.proto, listener.getsockname())
    return Server(
        app, {}, True, listener, dispatcher=dispatcher, adj=adjustments, bind_socket=False, sockinfo=where
    )  # fmt: skip


def _allowed_files() -> int:
    """So many descriptors this process may have, after asking for as many as the connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return FILES
    if soft < FILES:
        soft = max(soft, FILES if hard == resource.RLIM_INFINITY else min(FILES, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft
