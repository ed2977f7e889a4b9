"""What an evidence pack may be packed in: a zip, or the folder it was unpacked to. Pure. 证据包的容器

It comes from a stranger: nothing is unpacked to the disk, no name may lead out of it, and nothing grows without bounds.
"""

from __future__ import annotations

import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from application.trail.examine import Fault
from application.trail.heads import Found

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,12}")
LONGEST_NAME = 240
LARGEST = 1 << 26  # bytes of one file
MOST_TIMES, FREE = 100, 1 << 20  # a zip unpacks to no more than so many times its size, and so many bytes besides
ENCRYPTED = 0x1
SHOWN = 80  # characters of a name


class Box(NamedTuple):
    names: frozenset[str]
    read: Callable[[str], bytes]
    """Gives the bytes under one of the names. Raises Found."""


def wrong(sentence: str) -> Found:
    return Found(Fault("PACK", sentence))


def is_zip(path: Path) -> bool:
    """Or was one, before it was cut off or damaged."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"


@contextmanager
def unpacked(path: Path) -> Iterator[Box]:
    """Raises Found for what is no pack at all, or one to be afraid of; OSError."""
    if path.is_dir():
        yield Box(_in_folder(path), lambda name: _file(path, name))
        return
    try:
        archive = ZipFile(path)
    except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise wrong(f"压缩包已损坏：{error}") from None
    with archive:
        infos = _in_zip(archive, path.stat().st_size)
        yield Box(frozenset(infos), lambda name: _member(archive, infos[name]))


def _in_folder(folder: Path) -> frozenset[str]:
    found = []
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = Path(place, name)
            kind = path.lstat().st_mode
            if S_ISLNK(kind) or (name in files and not S_ISREG(kind)):
                raise wrong(f"包中有链接或特殊文件：{name[:SHOWN]}")
        found += [Path(place, name).relative_to(folder).as_posix() for name in files]
    return frozenset(_named(found))


def _in_zip(archive: ZipFile, size: int) -> dict[str, ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    names = _named([info.orig_filename for info in infos])
    total = sum(info.file_size for info in infos)
    if total > MOST_TIMES * size + FREE:
        raise wrong(f"压缩包展开后有 {total} 字节，过大")
    for info in infos:
        if S_ISLNK(info.external_attr >> 16):
            raise wrong(f"包中有链接或特殊文件：{info.filename[:SHOWN]}")
        if info.flag_bits & ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise wrong(f"压缩包中有加密的或以其他方式压缩的文件：{info.filename[:SHOWN]}")
        if info.file_size > LARGEST:
            raise wrong(f"包中有过大的文件：{info.filename[:SHOWN]}")
    return dict(zip(names, infos, strict=True))


def _named(names: list[str]) -> list[str]:
    """All of them, if each is a plain name, and still another one where capital letters are none."""
    for name in names:
        if len(name) > LONGEST_NAME or NAME.fullmatch(name) is None:
            raise wrong(f"包中有不规范的文件名：{name[:SHOWN]}")
    name, times = next(iter(Counter(map(str.casefold, names)).most_common(1)), ("", 0))
    if times > 1:
        raise wrong(f"包中有重复的文件名：{name}")
    return names


def _file(folder: Path, name: str) -> bytes:
    with (folder / name).open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise wrong(f"包中有过大的文件：{name}")
    return content


def _member(archive: ZipFile, info: ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(info.file_size)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise wrong(f"压缩包已损坏：{error}") from None
