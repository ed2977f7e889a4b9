"""Published logs for tests of witnesses: small plain entries in the publisher's own folder."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import Edge, leaf_hash, prove_consistency
from application.verifier.formats.note import Note
from application.verifier.formats.tiles import Tiles, directory
from tests.logs import ORIGIN


class Plain:
    """A log whose entries are of no matter: a source for a publisher."""

    def __init__(self, size=0, salt=""):
        self.held, self.edge, self.salt = [], Edge(), salt
        self.grow(size)

    def grow(self, size):
        while len(self.held) < size:
            self.append(b'{"n":%d}%s' % (len(self.held), self.salt.encode()))
        return self

    def append(self, entry):
        self.held.append(entry)
        self.edge = self.edge.grown(leaf_hash(entry))

    def head(self):
        return self.edge

    def entries(self, first, stop):
        return self.held[first:stop]

    def keys(self):
        return {}


class Site:
    """A home whose log is published at any size; `fork()` is another home with the same keys."""

    def __init__(self, path: Path, *, keys: LogKeys | None = None, log: Plain | None = None) -> None:
        self.home, self.log, self.now = Home(path), log or Plain(), 1_800_000_000
        self.home.create()
        self.keys = keys or LogKeys.create(self.home.keys, ORIGIN)
        self.publisher = Publisher(self.home, self.keys, self.log, clock=lambda: self.now)

    def publish(self, size: int) -> Note:
        self.log.grow(size)
        self.now += 60
        self.publisher.publish()
        return self.note(size)

    def note(self, size: int) -> Note:
        return Note.parse((self.home.trail / f"checkpoints/{size}").read_bytes())

    def fork(self, path: Path, salt: str = "x") -> Site:
        other = Site(path, keys=self.keys, log=Plain(salt=salt))
        other.now = self.now
        return other

    def proof(self, old: int, size: int) -> list[bytes]:
        return prove_consistency(old, size, Tiles(directory(self.home.trail), size).subtree)

    def request(self, old: int, size: int, note: Note | None = None) -> bytes:
        proof = self.proof(old, size) if old <= size else []
        return request(old, proof, note or self.note(size))


def request(old: int | str, proof: list[bytes], note: Note) -> bytes:
    hashes = "".join(f"{b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{hashes}\n".encode() + note.to_bytes()


def head(note: Note) -> Checkpoint:
    return Checkpoint.parse(note.text)
