"""Logs for tests of the trail: sealed entries with real keys, in memory; any of them may be forged."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.verifier.formats.entry import NotAnEntry, Signer, keyid, parse, seal
from application.verifier.formats.merkle import Edge, leaf_hash
from application.verifier.formats.note import Vkey
from application.verifier.rules.authority import Authority, key_directory
from domain import rules
from domain.log.log import FORMAT

ORIGIN = "log.test/trail"
TOWN = "320581003"
COMMITS = dict.fromkeys(("text", "reporter", "contact", "files"), "0" * 64)


@dataclass
class Person:
    """An official with a key."""

    role: str = "city_desk"
    unit: str = "320581"
    id: str = field(default_factory=lambda: str(uuid4()))
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def members(self) -> dict[str, str]:
        public = self.private.public_key().public_bytes_raw()
        return {"keyid": keyid("ed25519", public), "alg": "ed25519", "pub": b64encode(public).decode()}

    @property
    def signer(self) -> Signer:
        return Signer(self.members["keyid"], self.private.sign)


class Log:
    """After genesis, which names these keys of the log: an administrator, the service and a city desk; `tip()` appends an
    ordinary event.
    """

    def __init__(self, mode: str = "training", vkeys: Iterable[Vkey] = ()) -> None:
        self.entries: list[bytes] = []
        self.versions: dict[str, int] = {}
        self.admin, self.service, self.desk = Person("administrator"), Person(), Person()
        opened = {
            "format": FORMAT,
            "origin": ORIGIN,
            "mode": mode,
            "log_keys": [str(vkey) for vkey in vkeys],
            "service": self.service.members,
            "administrator": {"official": self.admin.id} | self.admin.members,
        }
        self.append("log.opened", opened, self.admin)
        self.append("rules.adopted", rules.adopted() | {"version": 1}, self.admin)
        self.enrol(self.desk)

    def enrol(self, person: Person) -> None:
        self.append("official.enrolled", {"person": str(uuid4())}, self.admin, person.id)
        self.append("role.granted", {"role": person.role, "unit": person.unit}, self.admin, person.id)
        self.append("key.enrolled", person.members, self.admin, person.id)

    def payload(self, topic: str, data: dict[str, Any], by: Person, stream: str | None = None) -> dict[str, Any]:
        stream = stream or str(uuid4())
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        seq = len(self.entries)
        return {
            "v": 1,
            "log": ORIGIN,
            "id": str(uuid4()),
            "type": topic,
            "stream": stream,
            "version": version,
            "seq": seq,
            "recorded_at": f"2026-03-02T04:{seq // 60 % 60:02}:{seq % 60:02}.000000Z"
            if seq < 3600
            else "2026-03-02T06:00:00.000000Z",
            "actor": by.id,
            "role": by.role,
            "unit": by.unit,
            "command": str(uuid4()),
            "data": data,
        }

    def append(self, topic: str, data: dict[str, Any], by: Person, stream: str | None = None, **forged: Any) -> bytes:
        entry = seal(self.payload(topic, data, by, stream) | forged, by.signer)
        self.entries.append(entry)
        return entry

    def tip(self, by: Person | None = None, **forged: Any) -> bytes:
        data = {"channel": "12345", "received_on": "2026-03-02", "commits": COMMITS}
        return self.append("tip.registered", data, by or self.desk, **forged)

    def grow(self, size: int) -> Log:
        while len(self.entries) < size:
            self.tip()
        return self

    # what a publisher asks

    def head(self) -> Edge:
        edge = Edge()
        for entry in self.entries:
            edge = edge.grown(leaf_hash(entry))
        return edge

    def read(self, first: int, stop: int) -> Iterable[bytes]:
        return self.entries[first:stop]

    def keys(self) -> dict[str, Any]:
        """Of the part that is in order; what was forged onto it says nothing here."""
        authority = Authority()
        for entry in self.entries:
            with suppress(NotAnEntry):
                authority.learn(parse(entry).payload)
        return key_directory(authority)


class Source:
    """A log as the publisher sees it."""

    def __init__(self, log: Log) -> None:
        self.head, self.entries, self.keys = log.head, log.read, log.keys
