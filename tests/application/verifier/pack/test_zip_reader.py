"""A9: a zip has one meaning for every reader: what two programs could unpack in two ways is refused, whatever lies in it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from application.verifier.pack.container import unpacked
from application.verifier.pack.zip_reader import Archive, NotOneZip, is_zip
from application.verifier.signed_heads import VerificationFailed

FILES = {"index.html": b"<html>" * 50, "entries/1.entry": b"{}", "files/a.jpg": bytes(range(256))}


@dataclass(frozen=True)
class Part:
    """One member, each of whose fields may say something else in front of it and in the list."""

    name: bytes
    content: bytes
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    version: int = 20
    outer: int = 0o100644 << 16
    extra: bytes = b""
    listed_extra: bytes = b""
    comment: bytes = b""
    size: int | None = None
    listed_size: int | None = None
    packed: int | None = None
    crc: int | None = None
    listed_name: bytes | None = None
    listed_flags: int | None = None
    listed_method: int | None = None
    offset: int | None = None
    behind: bytes = b""
    disk: int = 0

    @property
    def body(self) -> bytes:
        if self.method != zipfile.ZIP_DEFLATED:
            return self.content
        packing = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packing.compress(self.content) + packing.flush()

    def fields(self, size: int | None) -> tuple[int, int, int]:
        crc = zlib.crc32(self.content) if self.crc is None else self.crc
        told = len(self.content) if size is None else size
        return crc, len(self.body) if self.packed is None else self.packed, told

    def local(self) -> bytes:
        head = (self.version, self.flags, self.method, 0, 33, *self.fields(self.size), len(self.name), len(self.extra))
        return struct.pack("<4s5H3L2H", b"PK\3\4", *head) + self.name + self.extra + self.body + self.behind

    def listed(self, at: int) -> bytes:
        name = self.name if self.listed_name is None else self.listed_name
        flags = self.flags if self.listed_flags is None else self.listed_flags
        method = self.method if self.listed_method is None else self.listed_method
        size = self.size if self.listed_size is None else self.listed_size
        head = (20, self.version, flags, method, 0, 33, *self.fields(size))
        tail = (len(name), len(self.listed_extra), len(self.comment), self.disk, 0, self.outer)
        place = at if self.offset is None else self.offset
        return struct.pack("<4s6H3L5H2L", b"PK\1\2", *head, *tail, place) + name + self.listed_extra + self.comment


PARTS = [Part(name.encode(), content) for name, content in FILES.items()]


def made(parts, *, front=b"", between=b"", behind=b"", comment=b"", count=None, shift=0) -> bytes:
    body, listed = front, b""
    for part in parts:
        listed += part.listed(len(body) - shift)
        body += part.local()
    start = len(body) + len(between) - shift
    told = len(parts) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, told, told, len(listed), start, len(comment)) + comment
    return body + between + listed + end + behind


def opened(raw: bytes) -> dict[str, bytes]:
    archive = Archive(io.BytesIO(raw))
    return {name: archive.read(name) for name in archive.names}


def test_a_plain_zip_is_read_as_everybody_reads_it():
    raw = made(PARTS)
    assert opened(raw) == FILES
    with zipfile.ZipFile(io.BytesIO(raw)) as theirs:
        assert {name: theirs.read(name) for name in theirs.namelist()} == FILES


def test_our_own_zips_are_plain(tmp_path):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(tmp_path / "ours.zip", "w", method) as out:
            for name, content in FILES.items():
                out.writestr(name, content)
        assert opened((tmp_path / "ours.zip").read_bytes()) == FILES


def one(**fields) -> bytes:
    """The first member says something else."""
    return made([replace(PARTS[0], **fields), *PARTS[1:]])


def field(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


UNICODE_PATH = field(0x7075, b"\1" + struct.pack("<L", zlib.crc32(b"index.html")) + b"verdict.pdf")
ZIP64 = field(0x0001, struct.pack("<QQ", 6, 6))
LONGER = b"<html>" * 51

HOSTILE: dict[str, Callable[[], bytes]] = {
    "rubbish in front": lambda: made(PARTS, front=b"#!/bin/sh\n"),
    "rubbish in front, offsets corrected": lambda: made(PARTS, front=b"MZ stub", shift=7),
    "another zip in front": lambda: made(PARTS, front=made(PARTS)),
    "another zip in front, offsets corrected": lambda: made(PARTS, front=made(PARTS), shift=len(made(PARTS))),
    "rubbish behind": lambda: made(PARTS, behind=b"x"),
    "another zip behind": lambda: made(PARTS, behind=made(PARTS[:1])),
    "a comment": lambda: made(PARTS, comment=b"x"),
    "a zip as comment": lambda: made(PARTS, comment=made(PARTS[:1])),
    "rubbish before the list": lambda: made(PARTS, between=b"x"),
    "a member before the list": lambda: made(PARTS, between=PARTS[0].local()),
    "rubbish between members": lambda: one(behind=b"x"),
    "a member between members": lambda: one(behind=replace(PARTS[0], content=b"x").local()),
    "fewer than there are": lambda: made(PARTS, count=2),
    "more than there are": lambda: made(PARTS, count=4),
    "overlapping": lambda: made([PARTS[0], replace(PARTS[0], name=b"index.htmm", listed_name=b"index.htmm", offset=0)]),
    "one place under two names": lambda: made([PARTS[0], replace(PARTS[1], offset=0)]),
    "another name in the list": lambda: one(listed_name=b"index.htmx"),
    "a longer name in the list": lambda: one(listed_name=b"index.html5"),
    "other flags in the list": lambda: one(listed_flags=2),
    "another method in the list": lambda: one(listed_method=0),
    "another size in the list": lambda: one(listed_size=7),
    "a size too small": lambda: one(size=299),
    "a size too large": lambda: one(size=301),
    "a false size of stored bytes": lambda: one(method=0, size=299),
    "less packed than there is": lambda: one(packed=3),
    "a wrong checksum": lambda: one(crc=1),
    "more behind the deflated end": lambda: made([Deflated(b"index.html", PARTS[0].content)]),
    "unicode path in the list": lambda: one(listed_extra=UNICODE_PATH),
    "unicode path in front": lambda: one(extra=UNICODE_PATH),
    "unicode path in both": lambda: one(extra=UNICODE_PATH, listed_extra=UNICODE_PATH),
    "zip64 sizes": lambda: one(extra=ZIP64, listed_extra=ZIP64, size=0xFFFFFFFF, packed=0xFFFFFFFF, version=45),
    "a version of zip64": lambda: one(version=45),
    "a comment of a member": lambda: one(comment=b"x"),
    "another disk": lambda: one(disk=1),
    "encrypted": lambda: one(flags=1),
    "strongly encrypted": lambda: one(flags=0x41),
    "masked headers": lambda: one(flags=0x2000),
    "a data descriptor": lambda: one(flags=8, behind=b"PK\7\10" + bytes(12)),
    "a data descriptor that is not there": lambda: one(flags=8),
    "bzip2": lambda: one(method=zipfile.ZIP_BZIP2),
    "a link": lambda: one(outer=0o120777 << 16),
    "a pipe": lambda: one(outer=0o010644 << 16),
    "a device": lambda: one(outer=0o060644 << 16),
    "a folder of unix": lambda: one(outer=0o040755 << 16),
    "a folder of dos": lambda: one(outer=0x10),
    "twice": lambda: made([*PARTS, PARTS[0]]),
    "a name in another alphabet": lambda: one(name="核.html".encode()),
    "no text": lambda: one(name=b"\xff\xfe"),
    "a folder": lambda: made([*PARTS, Part(b"entries/", b"")]),
    "nothing": lambda: b"",
    "two bytes": lambda: b"PK",
    "an end alone": lambda: made(PARTS)[-22:],
    "a bomb": lambda: made([*PARTS, Part(b"files/b", bytes(60_000_000))]),
    "a large file": lambda: made([*PARTS, Part(b"files/b", b"x", size=(1 << 26) + 1)]),
}  # fmt: skip


class Deflated(Part):
    """Its packed bytes go on behind their own end."""

    @property
    def body(self) -> bytes:
        return super().body + b"more"


def read_all(path):
    with unpacked(path) as box:
        for name in box.names:
            box.read(name)


@pytest.mark.parametrize("what", HOSTILE)
def test_a9_a_zip_with_a_second_meaning_is_refused(tmp_path, what):
    raw = HOSTILE[what]()
    with pytest.raises(NotOneZip):
        opened(raw)
    (tmp_path / "p.zip").write_bytes(raw)
    with pytest.raises(VerificationFailed) as found:
        read_all(tmp_path / "p.zip")
    assert found.value.args[0].code == "PACK"


@pytest.mark.parametrize("at", range(0, len(made(PARTS))))
def test_a9_no_byte_of_a_zip_is_without_meaning(at):
    """Whatever bit is flipped: refused, or nothing changed but a day or a right that nobody asks for."""
    raw = bytearray(made(PARTS))
    raw[at] ^= 1
    try:
        assert opened(bytes(raw)) == FILES
    except NotOneZip:
        return
    assert any(place <= at < place + 8 for place in _unasked(bytes(made(PARTS))))


def _unasked(raw: bytes) -> list[int]:
    """Where the list says who packed it, and with which rights."""
    places, at = [], raw.find(b"PK\1\2")
    while at >= 0:
        places += [at + 4, at + 36]
        at = raw.find(b"PK\1\2", at + 1)
    return places


@pytest.mark.parametrize(
    "name",
    ["CON", "nul.entry", "entries/COM1.entry", "aux", "lpt9.x.y", "files/prn.jpg", "a.", "entries./x", "x ", " x", "a:b", "~x",
     "../x", "/x", "a//b", "a\\b", "C:x", "a/./b", "a/..", ".x", "x/", "", "a" * 241, "a\nb", "a\0b"],
)  # fmt: skip
def test_a9_a_name_that_some_system_reads_otherwise_is_refused(tmp_path, name):
    (tmp_path / "p.zip").write_bytes(made([*PARTS, Part(name.encode(), b"")]))
    with pytest.raises(VerificationFailed) as found, unpacked(tmp_path / "p.zip"):
        pass
    assert found.value.args[0].code == "PACK"


def test_a9_a_zip_behind_something_else_is_still_a_zip_that_is_refused(tmp_path):
    (tmp_path / "p.zip").write_bytes(HOSTILE["rubbish in front"]())
    assert is_zip(tmp_path / "p.zip")
    (tmp_path / "p.txt").write_bytes(b"text")
    assert not is_zip(tmp_path / "p.txt")
