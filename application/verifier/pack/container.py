"""What an evidence pack may be packed in: a zip, or the folder it was unpacked to. Pure. 证据包的容器

It comes from a stranger: nothing is unpacked to the disk, no name may lead out of it, and nothing grows without bounds. A zip
is read by application/verifier/pack/zip_reader.py, which takes only what every other program would read in the same way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from application.verifier.folder_survey import kind_of
from application.verifier.formats.tiles import NotAFile, files_below
from application.verifier.pack.zip_reader import Archive, NotOneZip, is_zip
from application.verifier.rules.entry_check import Fault
from application.verifier.signed_heads import VerificationFailed

__all__ = ["Box", "is_zip", "unpacked", "wrong"]

NAME = re.compile(r"[A-Za-z0-9_-]([A-Za-z0-9._-]*[A-Za-z0-9_-])?(/[A-Za-z0-9_-]([A-Za-z0-9._-]*[A-Za-z0-9_-])?){0,12}")
DEVICE = re.compile(
    r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE
)  # no files on Windows, wherever they lie
LONGEST_NAME = 240
LARGEST = 1 << 26  # bytes of one file
SHOWN = 80  # characters of a name


class Box(NamedTuple):
    names: frozenset[str]
    read: Callable[[str], bytes]
    """Gives the bytes under one of the names. Raises VerificationFailed."""


def wrong(sentence: str) -> VerificationFailed:
    return VerificationFailed(Fault("PACK", sentence))


@contextmanager
def unpacked(path: Path) -> Iterator[Box]:
    """Raises VerificationFailed for what is no pack at all, or one to be afraid of; OSError."""
    try:
        if path.is_dir():
            yield Box(_named(files_below(path)), lambda name: _file(path, name))
            return
        with path.open("rb") as file:
            archive = Archive(file)
            yield Box(_named(archive.names), lambda name: _member(archive, name))
    except NotAFile as found:
        raise wrong(f"包中有链接或特殊文件：{str(found)[:SHOWN]}") from None
    except NotOneZip as error:
        raise wrong(f"{error}；如压缩包是另行打包的，请解开后核验文件夹") from None


def _named(names: Iterable[str]) -> frozenset[str]:
    """All of them, if each is a plain name on every system, and still another one where capital letters are none."""
    found = list(names)
    kind_of(found)
    for name in found:
        if len(name) > LONGEST_NAME or NAME.fullmatch(name) is None or any(map(DEVICE.fullmatch, name.split("/"))):
            raise wrong(f"包中有不规范的文件名：{name[:SHOWN]}")
    name, times = next(iter(Counter(map(str.casefold, found)).most_common(1)), ("", 0))
    if times > 1:
        raise wrong(f"包中有重复的文件名：{name}")
    return frozenset(found)


def _file(folder: Path, name: str) -> bytes:
    with (folder / name).open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise wrong(f"包中有过大的文件：{name}")
    return content


def _member(archive: Archive, name: str) -> bytes:
    try:
        return archive.read(name)
    except NotOneZip as error:
        raise wrong(f"{error}；如压缩包是另行打包的，请解开后核验文件夹") from None
