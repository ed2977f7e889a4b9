"""见证邀请: asks the witnesses of HOME/policy to cosign what was published, each in its own time (C2SP tlog-witness, client).

Publishing neither waits for a witness nor fails because of one. Nothing is believed but a line that the policy's own key
verifies.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from http.client import HTTPException, HTTPResponse
from threading import Thread
from typing import Any, NamedTuple
from urllib.request import (
    AbstractHTTPHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.publisher import RENEWED, Publisher
from application.verifier.formats.checkpoint import Checkpoint, NotACheckpoint
from application.verifier.formats.merkle import prove_consistency
from application.verifier.formats.note import Line, NotANote, Note, Vkey, WrongSignature
from application.verifier.formats.policy import NotAPolicy, Policy
from application.verifier.formats.tiles import Malformed, Missing, Tiles, directory

PATIENCE = 5.0  # seconds that a round waits for its witnesses; what whoever takes longer says still counts
TIMEOUT = 10.0  # seconds of silence on one connection
LARGEST_ANSWER = 1 << 16
TRIES = 3  # another publisher may move the witness between two of them
SIZE = re.compile(rb"(0|[1-9]\d{0,18})\n?", re.ASCII)

Post = Callable[[str, bytes], tuple[int, bytes]]
"""Sends a body to an address; (status, body of the answer). Raises OSError."""


class Outcome(NamedTuple):
    """Of asking one address: the names that signed, or why none did."""

    url: str
    names: tuple[str, ...] = ()
    trouble: str = ""


class _AsItIs(HTTPErrorProcessor):
    """Every answer is one: a witness is where the policy says, so nothing is followed."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


class _Answer(HTTPResponse):
    """Nobody was asked to say 100 Continue; a witness that says it without end would be read without end."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if status == 100:
            raise HTTPException("100 Continue, which nobody asked for")
        return version, status, reason


class _Wary(AbstractHTTPHandler):
    """Connections whose answers are read as above."""

    def do_open(self, http_class: Any, req: Request, **http_conn_args: Any) -> HTTPResponse:
        def connection(*where: Any, **how: Any) -> Any:
            made = http_class(*where, **how)
            made.response_class = _Answer
            return made

        return super().do_open(connection, req, **http_conn_args)  # type: ignore[arg-type]


class _Http(_Wary, HTTPHandler):
    pass


class _Https(_Wary, HTTPSHandler):
    pass


_opener = build_opener(ProxyHandler({}), _AsItIs(), _Http(), _Https())


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Over http or https, straight to the address of the policy, following nothing."""
    if not url.startswith(("http://", "https://")):
        raise OSError("the address is not http:// or https://")
    request = Request(url, body, {"Content-Type": "text/plain; charset=utf-8"}, method="POST")  # noqa: S310 (checked above)
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            return answer.status, answer.read(LARGEST_ANSWER)
    except (HTTPException, ValueError) as error:
        raise OSError(f"it does not speak HTTP as it should: {error}") from None


def policy_of(home: Home) -> Policy | None:
    """The witnesses that this service asks; None without a policy file. Raises OperatorError if it can't be read."""
    try:
        return Policy.parse(home.policy.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, NotAPolicy) as error:
        raise OperatorError(f"couldn't read {home.policy}: {error}; correct the file") from None


class Witnesses:
    def __init__(
        self, home: Home, publisher: Publisher, *, post: Post = post, clock: Callable[[], float] = time.time
    ) -> None:
        self.home, self.publisher, self.clock = home, publisher, clock
        self._post = post
        self._sizes: dict[str, int] = {}
        self._asking: dict[str, _Asking] = {}

    def ask(self, *, patience: float = PATIENCE) -> list[Outcome]:
        """Ask everybody who has not signed the newest checkpoint within the hour. Raises OperatorError for the policy file only."""
        note = self._newest()
        if note is None:
            return []
        due = [(url, vkeys) for url, vkeys in self._addresses().items() if self._is_due(note, vkeys)]
        until = time.monotonic() + patience
        for url, vkeys in due:
            if url not in self._asking or not self._asking[url].is_alive():
                self._asking[url] = _Asking(self, url, vkeys, note)
                self._asking[url].start()
        return [self._asking[url].heard(until) for url, _ in due]

    def take(self, signed: bytes) -> list[str]:
        """Cosignatures that came by hand (`witness cosign`): the names that count. Raises OperatorError."""
        policy = policy_of(self.home)
        try:
            note = Note.parse(signed)
            Checkpoint.parse(note.text)
            found = note.verified([each.vkey for each in policy.witnesses] if policy else [])
        except (NotANote, NotACheckpoint, WrongSignature) as error:
            raise OperatorError(f"couldn't add the cosignature: {error}") from None
        if not found:
            raise OperatorError(
                f"couldn't add the cosignature: no line in it is of a witness that {self.home.policy} names"
            )
        self.publisher.gain(note.text, [line for _, line in found])
        return sorted({vkey.name for vkey, _ in found})

    def exchange(self, url: str, vkeys: Sequence[Vkey], note: Note) -> Outcome:
        """Get one witness's lines under the checkpoint, and keep them."""
        try:
            lines = self._cosigned(url, vkeys, note)
            self.publisher.gain(note.text, lines)
        except (OSError, OperatorError, NotANote, WrongSignature, Missing, Malformed) as error:
            return Outcome(url, trouble=_printable(str(getattr(error, "reason", None) or error)))
        return Outcome(url, tuple(sorted({line.name for line in lines})))

    def _cosigned(self, url: str, vkeys: Sequence[Vkey], note: Note) -> list[Line]:
        size, old = Checkpoint.parse(note.text).size, self._sizes.get(url, 0)
        for _ in range(TRIES):
            status, body = self._post(f"{url.rstrip('/')}/add-checkpoint", self._request(old, size, note))
            if status == 200:
                found = Note.parse(f"{note.text}\n".encode() + body).verified(vkeys)
                if not found:
                    raise OperatorError("it answered without a signature of the key that the policy names")
                self._sizes[url] = size
                return [line for _, line in found]
            if status != 409 or not (last := SIZE.fullmatch(body)):
                raise OperatorError(f"it answered {status}: {body[:200].decode(errors='replace')}")
            asked, old = old, int(last[1])
            if old == asked:
                raise OperatorError(
                    f"it has cosigned another tree of {old} entries of this log; keep what it has as evidence"
                )
            if old > size:
                raise OperatorError(
                    f"it has cosigned {old} entries of this log already, more than the {size} published here"
                )
        raise OperatorError("it moved on while it was asked; it is asked again")

    def _request(self, old: int, size: int, note: Note) -> bytes:
        proof = prove_consistency(old, size, Tiles(directory(self.home.trail), size).subtree)
        ours = [line for line in note.lines if any(vkey.matches(line) for vkey in self.publisher.keys.vkeys)]
        hashes = "".join(f"{b64encode(each).decode()}\n" for each in proof)
        return f"old {old}\n{hashes}\n".encode() + Note(note.text, tuple(ours)).to_bytes()

    def _newest(self) -> Note | None:
        path = self.home.trail / "checkpoint"
        return Note.parse(path.read_bytes()) if path.is_file() else None

    def _addresses(self) -> dict[str, list[Vkey]]:
        """A witness with two keys stands twice in the policy, under one address."""
        found: dict[str, list[Vkey]] = {}
        policy = policy_of(self.home)
        for each in policy.witnesses if policy else ():
            if each.url:
                found.setdefault(each.url, []).append(each.vkey)
        return found

    def _is_due(self, note: Note, vkeys: Sequence[Vkey]) -> bool:
        times = [max((line.time for line in note.lines if vkey.matches(line)), default=0) for vkey in vkeys]
        return self.clock() - min(times) > RENEWED


def _printable(text: str) -> str:
    """On one line, whatever a witness put into it: it is printed beside our own lines."""
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))


class _Asking(Thread):
    """One witness at work; a slow one keeps nobody, not even the end of the process."""

    def __init__(self, witnesses: Witnesses, url: str, vkeys: Sequence[Vkey], note: Note) -> None:
        super().__init__(daemon=True, name=f"witness {url}")
        self._asked = (url, vkeys, note)
        self._witnesses = witnesses
        self._outcome = Outcome(url, trouble="it has not answered yet")

    def run(self) -> None:
        self._outcome = self._witnesses.exchange(*self._asked)

    def heard(self, until: float) -> Outcome:
        self.join(max(0.0, until - time.monotonic()))
        return self._outcome
