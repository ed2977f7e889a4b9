"""证据包: a zip that proves itself offline: entries, proofs, checkpoint, keys, names, evidence, a page for people.

Nothing goes into it that a verifier could not write again from the entries, or hold against them (application/verifier/verify_pack.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import IO, Any, NamedTuple
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import application.verifier.pack.cover as cover
import application.verifier.pack.leaflet as leaflet
from application.platform.failures import OperatorError
from application.verifier.folder_survey import MANIFEST
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.entry import NotAnEntry, parse
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import Note
from application.verifier.formats.tiles import CHECKPOINTS, ENTRIES, WIDTH, Malformed, Missing, Tiles, join, path_of
from application.verifier.pack.dossier import Dossier, Item, dossier, take_names
from application.verifier.pack.manifest import (
    CHECKPOINT,
    KEYS,
    NAMES,
    PAGE,
    README,
    SUFFIXES,
    SUMS,
    TRAIL,
    VKEY,
    listed,
    sums,
)
from application.verifier.rules.log_facts import Opened
from application.verifier.signed_heads import VerificationFailed
from domain.errors import Conflict, NotFound
from interface.i18n.locales import N_
from interface.oversight.published import Published
from interface.oversight.readonly_services import Overseen
from interface.oversight.supporting_entries import supporting

MOST_FILES = 0xFFFF - 8  # a plain zip counts its files with 16 bits


class Pack:
    """A zip that remembers the hash of everything put into it."""

    def __init__(self, file: IO[bytes], origin: str) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self.origin, self.hashes = origin, dict[str, str]()

    def put(self, name: str, content: bytes) -> None:
        self.hashes[name] = sha256(content).hexdigest()
        self._zip.writestr(_info(name), content)

    def finish(self, **members: Any) -> None:
        """The lists of hashes: one for programs, one for `sha256sum -c`."""
        manifest = {"format": cover.FORMAT, "log": self.origin, **members, "files": self.hashes}
        self._zip.writestr(_info(MANIFEST), listed(manifest))
        self._zip.writestr(_info(SUMS), sums(dict(sorted(self.hashes.items()))))
        self._zip.close()


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name)  # the same content makes the same zip: its own time is that of the checkpoint
    info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
    return info


class Bundled(NamedTuple):
    """The positions that a pack proves, and what may be printed of it."""

    positions: list[int]
    cover: cover.Cover


def of_matter(file: IO[bytes], overseen: Overseen, told: list[dict[str, Any]]) -> Bundled:
    """The pack of these events (interface/oversight/event_text.py).

    Raises NotFound while nothing of it is published, Conflict where the log's own entries don't fit together.
    """
    published = Published(overseen.home)
    main = [one["position"] for one in told if published.entry(one["position"]) is not None]
    note = published.note
    if not main or note is None:
        raise NotFound(N_("此事项尚未发布，暂无可核验的内容；请在一分钟后再取"))
    pack = Pack(file, overseen.origin)
    try:
        with overseen.database.transaction(read_only=True) as cursor:
            support = supporting(cursor, main, published.entry)
        items = [_put_entry(pack, published, position) for position in sorted([*main, *support])]
        made = _fitting(items, main, overseen)
    except (VerificationFailed, NotAnEntry):
        raise Conflict(N_("日志中与此事项有关的条目彼此不符，不能制作证据包；请先查看核验结论")) from None
    files = {member["sha256"]: _evidence(pack, overseen, member) for one in told for member in one["evidence"]}
    held = {digest: name for digest, name in files.items() if name}
    shown = cover.of_entries(Checkpoint.parse(note.text), made, held)
    _put_told(pack, overseen, published, note, made, shown)
    pack.finish(positions=main, support=support, size=published.size)
    return Bundled(main, shown)


def _put_entry(pack: Pack, published: Published, position: int) -> Item:
    raw = published.entry(position) or b""
    pack.put(f"entries/{position}.entry", raw)
    pack.put(f"proofs/{position}.tlog-proof", published.proof(position))
    entry = parse(raw)
    return Item(position - 1, leaf_hash(raw).hex(), entry, entry.payload)


def _fitting(items: Iterable[Item], main: Sequence[int], overseen: Overseen) -> Dossier:
    """What a verifier will make of them, names included. Raises VerificationFailed."""
    made = dossier(items, [position - 1 for position in main])
    take_names(made, overseen.vault.people.name_openings(map(UUID, made.commits)))
    return made


def _put_told(
    pack: Pack, overseen: Overseen, published: Published, note: Note, made: Dossier, shown: cover.Cover
) -> None:
    """The checkpoint that all of it is proved by, the keys and names, and what is written from the entries."""
    trail, size = published.home.trail, published.size
    pack.put(CHECKPOINT, note.to_bytes())
    pack.put(VKEY, (trail / VKEY).read_bytes())
    if (kept := trail / CHECKPOINTS / str(size)).is_file():
        pack.put(f"{CHECKPOINTS}{size}", kept.read_bytes())
    pack.put(KEYS, listed(made.directory))
    pack.put(NAMES, listed(overseen.vault.people.name_openings(map(UUID, made.commits))))
    pack.put(PAGE, cover.html(shown))
    pack.put(README, leaflet.of_entries(pack.origin, made.told[0].index + 1))


def _evidence(pack: Pack, overseen: Overseen, member: dict[str, Any]) -> str | None:
    """The name of the file in the pack; None if the vault no longer has what the event names."""
    name = f"files/{member['sha256']}{SUFFIXES.get(member['media_type'], '')}"
    if name in pack.hashes:
        return name
    try:
        _media_type, content = overseen.vault.file(member["sha256"])
    except NotFound:
        return None
    pack.put(name, content)
    return name


def of_log(file: IO[bytes], overseen: Overseen) -> int:
    """The published log as of its newest checkpoint, to be verified by `xiaohao verify`; returns its size."""
    published, pack = Published(overseen.home), Pack(file, overseen.origin)
    if published.note is None:
        raise OperatorError(f"couldn't bundle: nothing is published in {overseen.home.trail}")
    sizes = _sizes(published)
    if len(sizes) + published.size // 64 > MOST_FILES:
        raise OperatorError(
            f"couldn't bundle: {len(sizes)} checkpoints are more files than a plain zip holds; copy the folder "
            f"{overseen.home.trail} itself, `xiaohao verify` reads it as it is"
        )
    pack.put(TRAIL + CHECKPOINT, published.note.to_bytes())
    for name in (VKEY, KEYS, *(f"{CHECKPOINTS}{size}" for size in sizes)):
        pack.put(TRAIL + name, (published.home.trail / name).read_bytes())
    try:
        for name, content in _tiles(published.tiles):
            pack.put(TRAIL + name, content)
    except (Missing, Malformed) as wrong:
        raise OperatorError(f"couldn't bundle: {wrong} is missing or malformed; see `xiaohao fsck`") from None
    opened = Opened.read(published.entry(1) or b"")
    shown = cover.of_log(Checkpoint.parse(published.note.text), opened.mode if opened else "")
    pack.put(PAGE, cover.html(shown))
    pack.put(README, leaflet.of_log(pack.origin, published.size))
    pack.finish(size=published.size)
    return published.size


def _sizes(published: Published) -> list[int]:
    """Of the checkpoints that were kept, up to the newest: what a publisher signs meanwhile is not of this pack."""
    kept = (published.home.trail / CHECKPOINTS).glob("*")
    return sorted(int(path.name) for path in kept if path.name.isdecimal() and int(path.name) <= published.size)


def _tiles(tiles: Tiles) -> Iterator[tuple[str, bytes]]:
    """Bundles and tiles of just this size: no copy of another tree's."""
    for number in range(-(-tiles.size // WIDTH)):
        yield path_of(ENTRIES, number, tiles.width(0, number)), join(tiles.entries(number))
    level, rows = 0, tiles.size
    while rows:
        for number in range(-(-rows // WIDTH)):
            yield path_of(level, number, tiles.width(level, number)), b"".join(tiles.hashes(level, number))
        level, rows = level + 1, rows // WIDTH
