"""The log as files (C2SP tlog-tiles): paths, tiles of 256 hashes, bundles of entries, and reading them. Pure.

Whatever is fetched may have been forged: lengths are checked here, hashes by whoever reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from application.verifier.formats.entry import LARGEST_ENTRY
from application.verifier.formats.merkle import HASH, Edge, full_subtrees, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = "entries"
CHECKPOINTS = "checkpoints/"
LISTING = "*"  # no path of a log: asked for, the names of all files are given
LARGEST_FILE = WIDTH * (LARGEST_ENTRY + 2)

Fetch = Callable[[str], bytes | None]
"""Gives the bytes at a path, or None if there is nothing."""


class Missing(LookupError):
    """A tile or bundle is not there; its path is the argument."""


class Malformed(ValueError):
    """A tile or bundle has a wrong length; its path is the argument."""


class NotAFile(ValueError):
    """A link, a pipe or a device lies among the files; its name is the argument."""


def path_of(level: int | str, number: int, width: int = WIDTH) -> str:
    """`tile/<level>/<number>[.p/<width>]`; level is 0..7 for hashes or ENTRIES, width 1..256."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of the rightmost tile of each level of a tree that is not full, if it is not empty."""
    level = 0
    while size:
        if size % WIDTH:
            yield level, size // WIDTH, size % WIDTH
        level, size = level + 1, size // WIDTH


def paths(size: int) -> Iterator[str]:
    """Where the bundles and tiles of a tree of this size lie."""
    yield from _row(ENTRIES, size)
    level = 0
    while size:
        yield from _row(level, size)
        level, size = level + 1, size // WIDTH


def _row(level: int | str, size: int) -> Iterator[str]:
    for number in range(size // WIDTH):
        yield path_of(level, number)
    if size % WIDTH:
        yield path_of(level, size // WIDTH, size % WIDTH)


def join(entries: Iterable[bytes]) -> bytes:
    """The bundle of these entries: each with its length as big-endian uint16."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def split(bundle: bytes, width: int, path: str) -> list[bytes]:
    """The entries in a bundle. Raises Malformed unless it holds exactly `width` of them and nothing else."""
    entries, at = [], 0
    try:
        for _ in range(width):
            end = at + 2 + (bundle[at] << 8 | bundle[at + 1])
            entries.append(bundle[at + 2 : end])
            at = end
    except IndexError:
        raise Malformed(path) from None
    if at != len(bundle):
        raise Malformed(path)
    return entries


def perfect_root(hashes: list[bytes]) -> bytes:
    """The root over neighbouring hashes; their number is a power of two."""
    while len(hashes) > 1:
        hashes = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def directory(folder: Path) -> Fetch:
    """Reads a log that lies in a folder; what is kept under CHECKPOINTS is listed, one name a line; LISTING is `listed`.

    What is no file counts as nothing; a file that can't be read is an OSError. Asking for LISTING raises NotAFile.
    """

    def fetch(path: str) -> bytes | None:
        if path == LISTING:
            return listing(files_below(folder))
        if path == CHECKPOINTS:
            return b"".join(os.fsencode(each.name) + b"\n" for each in sorted((folder / path).glob("*")))
        try:
            with open(folder / path, "rb", opener=_opened_at_once) as file:
                told = os.fstat(file.fileno())
                return file.read(min(told.st_size, LARGEST_FILE) + 1) if S_ISREG(told.st_mode) else None
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    return fetch


def files_below(folder: Path) -> Iterator[str]:
    """The names of all files, as paths from the folder on, and with a slash behind them those of folders in which nothing lies:
    a name says something too. Raises NotAFile for whatever is neither file nor folder, OSError.
    """
    waiting = [""]
    while waiting:
        place = waiting.pop()
        with os.scandir(folder / place) as found:
            held = list(found)
            if place and not held:
                yield place
            for each in held:
                name = f"{place}{each.name}"
                if each.is_dir(follow_symlinks=False):
                    waiting.append(f"{name}/")
                elif each.is_file(follow_symlinks=False):
                    yield name
                else:
                    raise NotAFile(name)


def listing(names: Iterable[str]) -> bytes:
    """As LISTING is answered: each name ends with a zero byte, which none can hold."""
    return b"".join(os.fsencode(name) + b"\0" for name in names)


def listed(fetch: Fetch) -> list[str] | None:
    """The names of all files that the log is read from; None where they can't be listed. Raises NotAFile, OSError."""
    raw = fetch(LISTING)
    return None if raw is None else [os.fsdecode(name) for name in raw.split(b"\0")[:-1]]


def _opened_at_once(path: str, flags: int) -> int:
    """A pipe in the place of a file keeps nobody waiting."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


class Tiles:
    """Reads the tiles and bundles of a tree of `size`; where a partial one is gone, from the full one."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch, self.size = fetch, size
        self._cached = lru_cache(maxsize=32)(self.hashes)

    def width(self, level: int, number: int) -> int:
        """How many hashes (or entries, level 0) the tile of that number has in this tree; 0 if it is not there."""
        return max(0, min(WIDTH, (self.size >> (HEIGHT * level)) - number * WIDTH))

    def hashes(self, level: int, number: int) -> list[bytes]:
        """Raises Missing or Malformed."""
        width = self.width(level, number)
        path, data = self._read(level, number, width)
        if len(data) != HASH * (width if path == path_of(level, number, width) else WIDTH):
            raise Malformed(path)
        return [data[at : at + HASH] for at in range(0, width * HASH, HASH)]

    def entries(self, number: int) -> list[bytes]:
        """Raises Missing or Malformed."""
        width = self.width(0, number)
        path, data = self._read(ENTRIES, number, width)
        return split(data, width if path == path_of(ENTRIES, number, width) else WIDTH, path)[:width]

    def entry(self, index: int) -> bytes:
        return self.entries(index // WIDTH)[index % WIDTH]

    def subtree(self, level: int, index: int) -> bytes:
        """The root of a full subtree, from the lowest tile row that has it: what `merkle.prove_*` read."""
        row, inside = divmod(level, HEIGHT)
        first = index << inside
        hashes = self._cached(row, first // WIDTH)
        at = first % WIDTH
        if at + (1 << inside) > len(hashes):
            raise Missing(path_of(row, first // WIDTH))
        return perfect_root(hashes[at : at + (1 << inside)])

    def _read(self, level: int | str, number: int, width: int) -> tuple[str, bytes]:
        for path in dict.fromkeys([path_of(level, number, width), path_of(level, number)]):
            if (data := self._fetch(path)) is not None:
                return path, data
        raise Missing(path_of(level, number, width))


class Growing:
    """A tree that grows leaf by leaf and hands out each tile as it fills; never holds more than its right edge's tiles."""

    def __init__(self, rows: Iterable[list[bytes]] = ()) -> None:
        self._rows = [list(row) for row in rows]
        self._known: list[dict[tuple[int, int], bytes]] = [{} for _ in self._rows]  # roots of subtrees within each row
        self.size = sum(len(row) << (HEIGHT * level) for level, row in enumerate(self._rows))

    @classmethod
    def resumed(cls, tiles: Tiles, size: int) -> Growing:
        """As it was at `size` ≤ the size that `tiles` reads; costs one tile per level."""
        known = {level: tiles.hashes(level, number)[:width] for level, number, width in widths(size)}
        return cls([known.get(level, []) for level in range(max(known, default=-1) + 1)])

    def add(self, leaf: bytes) -> list[tuple[int, int, list[bytes]]]:
        """Take in a leaf hash; returns the tiles that are full now: (level, number, hashes)."""
        return self.add_row([leaf])

    def add_row(self, leaves: list[bytes]) -> list[tuple[int, int, list[bytes]]]:
        """Take in neighbouring leaf hashes, no more than the lowest tile has room for."""
        self.size += len(leaves)
        full: list[tuple[int, int, list[bytes]]] = []
        level, nodes = 0, leaves
        while True:
            if level == len(self._rows):
                self._rows.append([])
                self._known.append({})
            row = self._rows[level]
            row += nodes
            if len(row) < WIDTH:
                return full
            full.append((level, (self.size >> (HEIGHT * (level + 1))) - 1, row))
            self._rows[level], self._known[level] = [], {}
            nodes, level = [perfect_root(row)], level + 1

    def partials(self) -> list[tuple[int, int, list[bytes]]]:
        """The tiles that are not full yet: (level, number, hashes)."""
        return [(level, number, self._rows[level]) for level, number, _ in widths(self.size)]

    @property
    def edge(self) -> Edge:
        rows = reversed(range(len(self._rows)))
        roots = [self._root(row, *place) for row in rows for place in full_subtrees(0, len(self._rows[row]))]
        return Edge(self.size, tuple(roots))

    def _root(self, row: int, level: int, index: int) -> bytes:
        """Of a full subtree within a row; each is hashed once, however often somebody asks for the edge."""
        if not level:
            return self._rows[row][index]
        known = self._known[row]
        if (root := known.get((level, index))) is None:
            left, right = self._root(row, level - 1, 2 * index), self._root(row, level - 1, 2 * index + 1)
            root = known[level, index] = node_hash(left, right)
        return root
