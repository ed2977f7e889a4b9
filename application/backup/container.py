"""The file of a backup: a header in the clear, then parts in one sealed stream. 备份文件格式

    xiaohao-backup/v1 LF
    uint32 length, header: RFC 8785 JSON {origin, mode, made_at, size, migrations, paper_key, sealed_key}
    chunks: uint32 (length; the highest bit marks the last one), AES-256-GCM of at most 1 MiB

`sealed_key` is the key of the stream, sealed to the paper key (HPKE) with the other members of the header as `info`. The
nonce of a chunk is its number (11 bytes) and whether it is the last (1 byte), its associated data the SHA-256 of all that
stands before (STREAM, Hoang–Reyhanitabar–Rogaway–Vizár 2015): nothing can be altered, moved, added or cut off unseen.

Inside are parts, each a name (uint16 length) and blocks (uint32 length), an empty one last.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import IO, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.backup.paper_key import mark_of, mark_of_private, open_with, seal_to
from application.platform.failures import OperatorError
from application.vault.crypto import KEY, Unreadable
from application.verifier.formats.entry import NotAnEntry, canonical, loads

MAGIC = b"xiaohao-backup/v1\n"
CHUNK, TAG = 1 << 20, 16
LAST = 1 << 31
BLOCK = 1 << 18
LARGEST_HEADER, LONGEST_NAME = 1 << 16, 200
CUT_OFF = "it was cut off; take another copy of it"
ALTERED = "it was altered or damaged; take another copy of it"


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True)
class Header:
    """What is known of a backup without its key. `size`: entries of the log; `paper_key`: the mark of the key that opens it."""

    origin: str
    mode: str
    made_at: str
    size: int
    migrations: list[str]
    paper_key: str


@dataclass
class Summary:
    """Of one part: what the manifest says of it."""

    bytes: int
    sha256: str


class Writer:
    """Seals parts to a paper key, into a file that is open for writing; memory stays at a chunk."""

    def __init__(self, file: IO[bytes], header: Header, public: bytes) -> None:
        key, said = os.urandom(KEY), asdict(header)
        sealed = seal_to(public, key, canonical(said))
        head = canonical(said | {"sealed_key": b64encode(sealed).decode()})
        start = MAGIC + len(head).to_bytes(4) + head
        file.write(start)
        self._file, self._cipher, self._beside = file, AESGCM(key), sha256(start).digest()
        self._waiting, self._number = bytearray(), 0
        self.parts: dict[str, Summary] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[Sink]:
        """What is written inside the block is this part."""
        raw = name.encode()
        self._write(len(raw).to_bytes(2) + raw)
        part = _Part(self)
        yield part
        self.parts[name] = part.ended()

    def add(self, name: str, content: bytes) -> None:
        with self.part(name) as part:
            part.write(content)

    def close(self) -> None:
        """The last chunk: a file without it is one that was cut off."""
        self._seal(last=True)

    def _write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal()

    def _seal(self, *, last: bool = False) -> None:
        plain = bytes(self._waiting[:CHUNK])
        del self._waiting[:CHUNK]
        sealed = self._cipher.encrypt(_nonce(self._number, last), plain, self._beside)
        self._file.write((len(sealed) | (LAST if last else 0)).to_bytes(4) + sealed)
        self._number += 1


class _Part:
    def __init__(self, writer: Writer) -> None:
        self._writer, self._waiting = writer, bytearray()
        self._size, self._digest = 0, sha256()

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) >= BLOCK:
            self._flush()
        return len(data)

    def _flush(self) -> None:
        block = bytes(self._waiting[:BLOCK])
        del self._waiting[:BLOCK]
        self._size += len(block)
        self._digest.update(block)
        self._writer._write(len(block).to_bytes(4) + block)

    def ended(self) -> Summary:
        if self._waiting:
            self._flush()
        self._writer._write(bytes(4))
        return Summary(self._size, self._digest.hexdigest())


def read_header(file: IO[bytes]) -> tuple[Header, bytes, bytes]:
    """(header, the sealed key, all bytes up to the stream). Raises OperatorError."""
    start = file.read(len(MAGIC))
    if start != MAGIC:
        raise OperatorError(_sentence(file, CUT_OFF if MAGIC.startswith(start) else "it is no backup of this program"))
    length = file.read(4)
    if int.from_bytes(length) > LARGEST_HEADER:
        raise OperatorError(_sentence(file, ALTERED))
    raw = file.read(int.from_bytes(length))
    if len(length) < 4 or len(raw) < int.from_bytes(length):
        raise OperatorError(_sentence(file, CUT_OFF))
    try:
        said = loads(raw)
        sealed = b64decode(said.pop("sealed_key"), validate=True)
        header = Header(**said)
        _check_types(header)
    except (NotAnEntry, ValueError, TypeError, KeyError):
        raise OperatorError(_sentence(file, ALTERED)) from None
    return header, sealed, start + length + raw


def _check_types(header: Header) -> None:
    texts = (header.origin, header.mode, header.made_at, header.paper_key, *header.migrations)
    if any(type(text) is not str for text in texts) or type(header.size) is not int or header.size < 0:
        raise ValueError("a member is of another type")


class Reader:
    """A backup that its paper key opens. Raises OperatorError, at the latest where the stream stops being what was written."""

    def __init__(self, file: IO[bytes], private: bytes) -> None:
        self._file = file
        self.header, sealed, start = read_header(file)
        if mark_of_private(private) != self.header.paper_key:
            why = f"it was sealed to the paper key {self.header.paper_key}, and this one is {mark_of_private(private)}"
            raise OperatorError(_sentence(file, f"{why}; find the right paper"))
        try:
            key = open_with(private, sealed, canonical(asdict(self.header)))
        except Unreadable:
            raise OperatorError(_sentence(file, ALTERED)) from None
        self._cipher, self._beside = AESGCM(key), sha256(start).digest()
        self._number, self._ended, self._waiting, self._at = 0, False, b"", 0

    def parts(self) -> Iterator[tuple[str, PartReader]]:
        """Each part by its name, in order; whatever of it was not read is passed over."""
        while name := self._name():
            part = PartReader(self)
            yield name, part
            part.finish()

    def _name(self) -> str:
        if not self._more():
            return ""
        length = int.from_bytes(self.take(2))
        try:
            return self.take(min(length, LONGEST_NAME)).decode()
        except UnicodeDecodeError:
            raise OperatorError(_sentence(self._file, ALTERED)) from None

    def _more(self) -> bool:
        while self._at == len(self._waiting) and not self._ended:
            self._next()
        return self._at < len(self._waiting)

    def take(self, size: int) -> bytes:
        """Exactly so many bytes of the stream."""
        found = bytearray()
        while len(found) < size:
            if not self._more():
                raise OperatorError(_sentence(self._file, CUT_OFF))
            piece = self._waiting[self._at : self._at + size - len(found)]
            self._at += len(piece)
            found += piece
        return bytes(found)

    def _next(self) -> None:
        word = int.from_bytes(raw) if len(raw := self._file.read(4)) == 4 else 0
        size, last = word & ~LAST, bool(word & LAST)
        if size > CHUNK + TAG:
            raise OperatorError(_sentence(self._file, ALTERED))
        sealed = self._file.read(size)
        if len(raw) < 4 or len(sealed) < size:
            raise OperatorError(_sentence(self._file, CUT_OFF))
        try:
            self._waiting = self._cipher.decrypt(_nonce(self._number, last), sealed, self._beside)
        except (InvalidTag, ValueError):
            raise OperatorError(_sentence(self._file, ALTERED)) from None
        self._at, self._number, self._ended = 0, self._number + 1, last
        if last and self._file.read(1):
            raise OperatorError(_sentence(self._file, ALTERED))


class PartReader:
    """One part as a file to be read; `summary` once it was read to its end."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._left, self._ended = reader, b"", False
        self._size, self._digest = 0, sha256()

    def read(self, size: int) -> bytes:
        """At most so many bytes, fewer where a block ends; none at the end."""
        if not self._left and not self._ended:
            self._block()
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def readline(self) -> bytes:
        """psycopg2 asks that a file has it, and never calls it."""
        raise NotImplementedError

    def _block(self) -> None:
        self._left = self._reader.take(min(int.from_bytes(self._reader.take(4)), BLOCK))
        self._ended = not self._left
        self._size += len(self._left)
        self._digest.update(self._left)

    def whole(self, limit: int) -> bytes:
        """All of it, which is no more than this many bytes. Raises OperatorError."""
        found = bytearray()
        while piece := self.read(BLOCK):
            found += piece
            if len(found) > limit:
                raise OperatorError("couldn't read the backup: one of its small parts is too large")
        return bytes(found)

    def finish(self) -> None:
        """Passes over what is left."""
        while not self._ended:
            self._block()
        self._left = b""

    @property
    def summary(self) -> Summary:
        return Summary(self._size, self._digest.hexdigest())


def header_of(path: Any) -> Header:
    """Raises OperatorError."""
    try:
        with open(path, "rb") as file:
            return read_header(file)[0]
    except OSError as error:
        raise OperatorError(f"couldn't read {path}: {error.strerror or error}; name another file") from None


def is_for(header: Header, public: bytes) -> bool:
    """Whether this paper key opens it."""
    return header.paper_key == mark_of(public)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _sentence(file: IO[bytes], why: str) -> str:
    return f"couldn't read the backup {getattr(file, 'name', '')}: {why}"
