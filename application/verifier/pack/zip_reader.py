"""A zip that has one meaning: every program that unpacks it finds the same files with the same bytes. Pure. 压缩包

The format says everything twice (in front of each member and in the list at the end) and lets gaps, comments and extra fields
carry a second archive. Programs differ in which half they believe. So only the plainest archive is taken: members one after
another from the first byte on, both headers equal, the list right behind them, nothing else (PKWARE APPNOTE 4.3).
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from stat import S_IFMT, S_IFREG
from typing import BinaryIO, NamedTuple
from zipfile import is_zipfile

STORED, DEFLATED = 0, 8
LOCAL = struct.Struct("<4s5H3L2H")  # PK 03 04: version, flags, method, time, day, crc, packed, size, name, extra
CENTRAL = struct.Struct("<4s6H3L5H2L")  # PK 01 02: the same, and comment, disk, attributes, where it begins
END = struct.Struct("<4s4H2LH")  # PK 05 06: disks, how many, how long and where the list is, comment
LARGEST = 1 << 26  # bytes of one file
MOST_TIMES, FREE = 100, 1 << 20  # a zip unpacks to no more than so many times its size, and so many bytes besides
HARMLESS = 0x0806  # flags: how hard it was packed, and that the name is UTF-8; ours are ASCII
NEWEST = 20  # the version that is needed to unpack folders and deflated files; beyond are zip64 and encryption
FOLDER = 0x10  # of DOS
TORN, MORE = "压缩包已损坏或不完整", "压缩包前后或各部分之间有多余的内容"


class NotOneZip(ValueError):
    """The archive is damaged, or two programs could read it in two ways; the argument says where."""


class Member(NamedTuple):
    """What both headers say, and where its bytes begin."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    first: int


def is_zip(path: Path) -> bool:
    """Or was one, before it was cut off or damaged; also one behind something else."""
    with path.open("rb") as file:
        return file.read(2) == b"PK" or is_zipfile(path)


class Archive:
    """Reads from an open file, whose members are looked through at once. Raises NotOneZip."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        size = file.seek(0, 2)
        count, length, start = self._end(size)
        listed = self._bytes(start, length)
        self._members, at, here = dict[str, Member](), 0, 0
        for _ in range(count):
            if here + CENTRAL.size > length:
                raise NotOneZip(TORN)
            member, here, at = self._member(listed, here, at)
            if member.name in self._members:
                raise NotOneZip(f"包中有重复的文件名：{member.name[:80]}")
            self._members[member.name] = member
        if here != length or at != start:
            raise NotOneZip(MORE)
        if (total := sum(each.size for each in self._members.values())) > MOST_TIMES * size + FREE:
            raise NotOneZip(f"压缩包展开后有 {total} 字节，过大")

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str) -> bytes:
        """Raises NotOneZip unless the member unpacks to just what its headers say."""
        member = self._members[name]
        packed = self._bytes(member.first, member.packed)
        content = packed if member.method == STORED else _inflated(packed, member)
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise NotOneZip(f"压缩包已损坏：{name}")
        return content

    def _bytes(self, first: int, length: int) -> bytes:
        self._file.seek(first)
        found = self._file.read(length)
        if len(found) != length:
            raise NotOneZip(TORN)
        return found

    def _end(self, size: int) -> tuple[int, int, int]:
        """(how many members, how long the list is, where it begins), from the last bytes of the file."""
        if size < END.size:
            raise NotOneZip(TORN)
        sign, disk, list_disk, here, count, length, start, comment = END.unpack(self._bytes(size - END.size, END.size))
        if sign != b"PK\x05\x06" or comment:
            raise NotOneZip(TORN if sign != b"PK\x05\x06" else MORE)
        if disk or list_disk or here != count or start + length + END.size != size:
            raise NotOneZip(MORE)
        return count, length, start

    def _member(self, listed: bytes, here: int, at: int) -> tuple[Member, int, int]:
        """The member, and where the next one stands in the list and in the file."""
        sign, _made, *told, extra, comment, disk, _, outer, begins = CENTRAL.unpack_from(listed, here)
        *same, name_length = told
        name = listed[here + CENTRAL.size :][:name_length]
        if sign != b"PK\x01\x02" or extra or comment or disk or begins != at or len(name) != name_length:
            raise NotOneZip("压缩包的文件列表中有注释、附加字段或空隙")
        front = self._bytes(at, LOCAL.size + name_length)
        local_sign, *local = LOCAL.unpack_from(front)
        if local_sign != b"PK\x03\x04" or local != [*same, name_length, 0] or front[LOCAL.size :] != name:
            raise NotOneZip(f"压缩包中文件头与列表不一致：{_name(name)[:80]}")
        version, flags, method, _time, _day, crc, packed, size = same
        member = Member(_name(name), method, crc, packed, size, at + LOCAL.size + name_length)
        _check(member, version, flags, outer)
        return member, here + CENTRAL.size + name_length, member.first + packed


def _name(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError:
        raise NotOneZip(f"包中有不规范的文件名：{raw[:80].decode(errors='replace')}") from None


def _check(member: Member, version: int, flags: int, outer: int) -> None:
    name = member.name[:80]
    if version > NEWEST or flags & ~HARMLESS or member.method not in (STORED, DEFLATED):
        raise NotOneZip(f"压缩包中有加密的或以其他方式压缩的文件：{name}")
    if S_IFMT(outer >> 16) not in (0, S_IFREG) or outer & FOLDER or name.endswith("/"):
        raise NotOneZip(f"包中有链接或特殊文件：{name}")
    if member.size > LARGEST or (member.method == STORED and member.packed != member.size):
        raise NotOneZip(f"包中有过大的文件，或其长度与所写不符：{name}")


def _inflated(packed: bytes, member: Member) -> bytes:
    """No more than the size that was told, and nothing left over."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpacking.decompress(packed, member.size + 1)
    except zlib.error as error:
        raise NotOneZip(f"压缩包已损坏：{error}") from None
    if not unpacking.eof or unpacking.unused_data or unpacking.unconsumed_tail:
        raise NotOneZip(f"包中有过大的文件，或其长度与所写不符：{member.name}")
    return content
