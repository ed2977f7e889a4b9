"""The witness's door: C2SP tlog-witness over HTTP, and nothing else. 见证服务"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from application.platform.failures import OperatorError
from application.publication.witness import LARGEST_REQUEST, TEXT, Answer, Witness

CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint", re.ASCII)


class Door:
    """A WSGI application. No address of a caller is looked at or kept."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            answer = self._answer(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), environ["wsgi.input"])
        except (OperatorError, OSError) as error:
            environ["wsgi.errors"].write(f"{error}\n")  # for whoever keeps the witness, not for whoever asks it
            answer = Answer(500, b"this witness can't sign at the moment; tell whoever keeps it\n")
        status = HTTPStatus(answer.status)
        headers = [("Content-Type", answer.media_type), ("Content-Length", str(len(answer.body)))]
        start_response(f"{status.value} {status.phrase}", [*headers, ("X-Content-Type-Options", "nosniff")])
        return [answer.body]

    def _answer(self, method: str, path: str, body: Any) -> Answer:
        if path == "/add-checkpoint":
            return self._add(body) if method == "POST" else Answer(405, b"POST only\n")
        match = CHECKPOINT.fullmatch(path)
        newest = self._witness.newest(match[1]) if match and method == "GET" else None
        return Answer(200, newest, TEXT) if newest else Answer(404, b"nothing here\n")

    def _add(self, body: Any) -> Answer:
        return self._witness.add_checkpoint(body.read(LARGEST_REQUEST + 1))
