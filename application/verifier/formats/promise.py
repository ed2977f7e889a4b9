"""收件承诺: what the service signs when somebody hands in a tip, before the log holds it (docs/format.md §10.5). Pure.

A DSSE v1 envelope over RFC 8785 JSON {v, log, commits, received_on, promised_by}, spelled in one way only, like an entry.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from application.verifier.formats.entry import Signer, canonical, loads
from application.verifier.formats.signature import is_valid

PAYLOAD_TYPE = "application/vnd.xiaohao.receipt-promise.v1+json"
MEMBERS = {"v", "log", "commits", "received_on", "promised_by"}
COMMITS = {"text", "reporter", "contact", "files"}
LARGEST = 4_096


class NotAPromise(ValueError):
    """These bytes are not a promise, not spelled as one is, or not signed by the log's service."""


@dataclass(frozen=True)
class Promise:
    """`promised_by`: the time (RFC 3339, UTC) from which it is broken if the log does not hold the commitments."""

    log: str
    commits: Mapping[str, str]
    received_on: str
    promised_by: str
    keyid: str
    signature: bytes
    body: bytes

    def verify(self, public: bytes) -> None:
        """Raises NotAPromise unless the key signed it."""
        if not is_valid(public, self.signature, pae(self.body)):
            raise NotAPromise("the signature is not the service's")


def pae(body: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(body), body)


def make(*, log: str, commits: Mapping[str, str], received_on: str, promised_by: str, signer: Signer) -> bytes:
    said = {"v": 1, "log": log, "commits": dict(commits), "received_on": received_on, "promised_by": promised_by}
    body = canonical(said)
    return _outer(body, signer.keyid, signer.sign(pae(body)))


def parse(raw: bytes) -> Promise:
    """Take a promise apart; its signature is not verified yet. Raises NotAPromise."""
    if len(raw) > LARGEST:
        raise NotAPromise(f"a promise has at most {LARGEST} bytes, this one {len(raw)}")
    try:
        outer = loads(raw)
        [line] = outer["signatures"]
        body, keyid, signature = b64decode(outer["payload"]), line["keyid"], b64decode(line["sig"])
        spelled = _outer(body, keyid, signature)
        said = loads(body)
        taken = Promise(said["log"], said["commits"], said["received_on"], said["promised_by"], keyid, signature, body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAPromise(f"not a promise: {error}") from None
    if spelled != raw or type(keyid) is not str or canonical(said) != body or not _is_whole(said):
        raise NotAPromise("not a promise, or not spelled as one is")
    return taken


def _is_whole(said: dict[str, Any]) -> bool:
    commits = said["commits"]
    words = (said["log"], said["received_on"], said["promised_by"])
    return (
        said.keys() == MEMBERS
        and said["v"] == 1
        and all(type(word) is str for word in words)
        and type(commits) is dict
        and commits.keys() == COMMITS
        and all(type(value) is str for value in commits.values())
    )


def _outer(body: bytes, keyid: str, signature: bytes) -> bytes:
    line = {"keyid": keyid, "sig": b64encode(signature).decode()}
    outer = {"payload": b64encode(body).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [line]}
    return json.dumps(outer, ensure_ascii=False, separators=(",", ":")).encode()
