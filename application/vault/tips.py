"""What somebody told us: texts and reporters, each under a key of its own, outside the log. 线索保密库 (docs/format.md §10)"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from unicodedata import normalize
from uuid import UUID

from application.log.append_batch import SideRow
from application.platform.database import Database
from application.vault import similarity
from application.vault.crypto import KEY, NONCE, Box, Secrets, place
from application.vault.epochs import Epochs, Wrapped
from application.vault.letterbox import Letterbox
from application.verifier.formats.commitments import SALT, commit
from application.verifier.formats.entry import canonical
from domain.errors import NotFound

PADDING = 4_096
INSERT_BLOB = "INSERT INTO vault.tip_blob (tip, blob, epoch, wrapped_key, sealed) VALUES %s"
INSERT_LETTER = "INSERT INTO vault.letter (lead, sealed) VALUES %s"
INSERT_SOURCE = "INSERT INTO vault.source_key (hmac, tip, command) VALUES %s"
DELETE_BLOBS = "DELETE FROM vault.tip_blob USING (VALUES %s) gone (tip) WHERE tip_blob.tip = gone.tip::uuid"
INSERT_MINHASH = "INSERT INTO vault.tip_minhash (tip, bands) VALUES %s"
DELETE_MINHASH = "DELETE FROM vault.tip_minhash USING (VALUES %s) gone (tip) WHERE tip_minhash.tip = gone.tip::uuid"
AT_ONCE = 500
PORTION = 1 << 22  # bytes of sealed blobs that are held at once
RELEASE_SOURCE = "DELETE FROM vault.source_key USING (VALUES %s) gone (tip) WHERE source_key.tip = gone.tip::uuid"


@dataclass(frozen=True)
class TipFile:
    media_type: str
    content: bytes

    @property
    def listed(self) -> dict[str, str | int]:
        """As the commitment to the files lists it."""
        return {
            "media_type": self.media_type,
            "sha256": sha256(self.content).hexdigest(),
            "size": len(self.content),
        }


@dataclass(frozen=True)
class TipWords:
    """What was said; `salts` allow to show one field to whoever holds the log."""

    text: str
    files: tuple[TipFile, ...]
    salts: dict[str, str]


@dataclass(frozen=True)
class Reporter:
    reporter: str
    contact: str
    salts: dict[str, str]


class TipVault:
    def __init__(self, database: Database, secrets: Secrets, epochs: Epochs, letterbox: Letterbox) -> None:
        self.database, self.secrets, self.epochs, self.letterbox = database, secrets, epochs, letterbox
        self._key = secrets.digest("minhash", b"")

    def seal(
        self, tip: UUID, *, text: str, reporter: str = "", contact: str = "", files: Sequence[TipFile] = ()
    ) -> tuple[dict[str, str], tuple[SideRow, ...]]:
        """The four commitments for the log, and the rows to be written beside the event: two encrypted, one of its likeness."""
        listed = canonical([file.listed for file in files])
        values: dict[str, bytes | str] = {"text": text, "reporter": reporter, "contact": contact, "files": listed}
        random = os.urandom(SALT * len(values))
        salts = {name: random[n * SALT : (n + 1) * SALT] for n, name in enumerate(values)}
        commits = {name: commit(name, salts[name], value) for name, value in values.items()}
        words = {
            "text": text,
            "files": [{"media_type": f.media_type, "content": b64encode(f.content).decode()} for f in files],
            "salts": {name: salts[name].hex() for name in ("text", "files")},
        }
        who = {
            "reporter": reporter,
            "contact": contact,
            "salts": {name: salts[name].hex() for name in ("reporter", "contact")},
        }
        likeness = SideRow(INSERT_MINHASH, (tip, similarity.bands(text, self._key)))
        return commits, (self._blob(tip, "text", words), self._blob(tip, "reporter", who), likeness)

    def seal_more(
        self, tip: UUID, number: int, *, text: str, files: Sequence[TipFile] = ()
    ) -> tuple[dict[str, str], SideRow]:
        """What the reporter adds later, the `number`th time: its two commitments and the encrypted row."""
        values: dict[str, bytes | str] = {"text": text, "files": canonical([file.listed for file in files])}
        salts = {name: os.urandom(SALT) for name in values}
        words = {
            "text": text,
            "files": [{"media_type": f.media_type, "content": b64encode(f.content).decode()} for f in files],
            "salts": {name: salt.hex() for name, salt in salts.items()},
        }
        commits = {name: commit(name, salts[name], value) for name, value in values.items()}
        return commits, self._blob(tip, f"more-{number}", words)

    def more(self, tip: UUID) -> list[TipWords]:
        """What the reporter added, in the order in which it came; asked for like `words`."""
        with self.database.cursor() as cursor:
            query = "SELECT blob FROM vault.tip_blob WHERE tip = %s AND blob LIKE 'more-%%' ORDER BY length(blob), blob"
            cursor.execute(query, (tip,))
            blobs = [blob for (blob,) in cursor.fetchall()]
        return [self._words(tip, blob) for blob in blobs]

    def seal_lead(self, lead: UUID, *, text: str, reporter: str = "", contact: str = "") -> tuple[SideRow, ...]:
        """A tip that accuses an official: nothing of it is in the log, and nobody here can open it again."""
        content = {"text": text, "reporter": reporter, "contact": contact}
        sealed = self.letterbox.seal(_padded(content), place(lead, "lead"))
        return (SideRow(INSERT_LETTER, (lead, sealed)),)

    def words(self, tip: UUID) -> TipWords:
        """Raises NotFound when it was destroyed or never was. Whoever asks must have been recorded in `access`."""
        return self._words(tip, "text")

    def contents(self, tips: Sequence[UUID]) -> Iterator[tuple[UUID, str, dict[str, Any] | None]]:
        """(tip, blob, its content) of all that is left of these; None where it can't be opened. Photos are large, so no more
        than a few megabytes are asked for at once. Whoever asks must have been recorded, or show nothing to anybody.
        """
        with self.database.cursor() as cursor:
            query = "SELECT tip, blob, octet_length(sealed) FROM vault.tip_blob WHERE tip = ANY(%s) ORDER BY tip, blob"
            cursor.execute(query, (list(tips),))
            sizes = cursor.fetchall()
        for names in _portions(sizes):
            with self.database.cursor() as cursor:
                query = "SELECT tip, blob, epoch, wrapped_key, sealed FROM vault.tip_blob WHERE (tip, blob) IN %s"
                cursor.execute(query, (names,))
                rows = cursor.fetchall()
            for tip, blob, *row in rows:
                try:
                    content = self._content(tip, blob, *row)
                except (NotFound, FileNotFoundError):  # it has just been destroyed, or its epoch's key is lost
                    continue
                yield tip, blob, content

    def _content(self, tip: UUID, blob: str, *row: Any) -> dict[str, Any] | None:
        """Raises NotFound, FileNotFoundError."""
        try:
            try:
                return self._unsealed(tip, blob, *row)
            except FileNotFoundError:  # the epoch may have ended meanwhile: the row has a new one
                return self._open(tip, blob)
        except ValueError:
            return None

    def _words(self, tip: UUID, blob: str) -> TipWords:
        return self.as_words(self._opened(tip, blob))

    @staticmethod
    def as_words(found: dict[str, Any]) -> TipWords:
        """What a text or an addition says. Raises KeyError, TypeError, ValueError for other content."""
        files = tuple(TipFile(file["media_type"], b64decode(file["content"])) for file in found["files"])
        return TipWords(found["text"], files, found["salts"])

    def reporter(self, tip: UUID) -> Reporter:
        return Reporter(**self._opened(tip, "reporter"))

    def texts(self, tips: Sequence[UUID]) -> Iterator[tuple[UUID, str]]:
        """What these say, in any order, without those that were destroyed. Whoever asks must have been recorded."""
        for start in range(0, len(tips), AT_ONCE):
            with self.database.cursor() as cursor:
                query = (
                    "SELECT tip, epoch, wrapped_key, sealed FROM vault.tip_blob WHERE blob = 'text' AND tip = ANY(%s)"
                )
                cursor.execute(query, (list(tips[start : start + AT_ONCE]),))
                rows = cursor.fetchall()
            for tip, *row in rows:
                try:
                    yield tip, self._unsealed(tip, "text", *row)["text"]
                except FileNotFoundError:  # its epoch has just ended
                    yield tip, self.words(tip).text

    def near(self, tip: UUID) -> list[tuple[UUID, float]]:
        """Tips that share a band with this one, and how many bins are equal, the likeliest first."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT bands FROM vault.tip_minhash WHERE tip = %s", (tip,))
            own = cursor.fetchone()
        return [pair for pair in self._near(own[0]) if pair[0] != tip] if own else []

    def near_text(self, text: str) -> list[tuple[UUID, float]]:
        """The same for words that are no tip yet."""
        return self._near(similarity.bands(text, self._key))

    def _near(self, bands: list[int]) -> list[tuple[UUID, float]]:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT tip, bands FROM vault.tip_minhash WHERE bands && %s::bigint[]", (bands,))
            found = [(other, similarity.alike(bands, others)) for other, others in cursor.fetchall()]
        return sorted(found, key=lambda pair: -pair[1])

    def letter(self, lead: UUID) -> bytes:
        """The sealed letter, as the commission takes it away. Raises NotFound."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT sealed FROM vault.letter WHERE lead = %s", (lead,))
            row = cursor.fetchone()
        if row is None:
            raise NotFound("没有这条检举线索")
        return bytes(row[0])

    def source_key(self, source: str, number: str, text: str) -> bytes:
        """What makes an imported row the same row: its source's number, else its words without spaces."""
        if number:
            return self.secrets.digest("source", f"{source}\0{number}".encode())
        plain = "".join(normalize("NFKC", text).split())
        return self.secrets.digest("source", f"{source}\0".encode() + sha256(plain.encode()).digest())

    def known_sources(self, keys: Sequence[bytes]) -> dict[bytes, UUID]:
        """The tips that these rows have become already."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT hmac, tip FROM vault.source_key WHERE hmac = ANY(%s)", (list(keys),))
            return {bytes(key): tip for key, tip in cursor.fetchall()}

    @staticmethod
    def remember_source(key: bytes, tip: UUID, command: UUID) -> SideRow:
        return SideRow(INSERT_SOURCE, (key, tip, command))

    @staticmethod
    def release_source(tip: UUID) -> SideRow:
        """The row that this tip came from counts as new again; what else is kept of the tip stays."""
        return SideRow(RELEASE_SOURCE, (tip,))

    @staticmethod
    def delete(tip: UUID) -> tuple[SideRow, ...]:
        """Everything that was said, by whom; the row that it came from stays known. Final once the epoch has ended."""
        return (SideRow(DELETE_BLOBS, (tip,)), SideRow(DELETE_MINHASH, (tip,)))

    def holds(self, tip: UUID) -> bool:
        """Whether anything is left of it."""
        with self.database.cursor() as cursor:
            query = "SELECT FROM vault.tip_blob WHERE tip = %(tip)s UNION ALL SELECT FROM vault.tip_minhash WHERE tip = %(tip)s"
            cursor.execute(query, {"tip": tip})
            return cursor.fetchone() is not None

    def _blob(self, tip: UUID, blob: str, content: dict[str, Any]) -> SideRow:
        """The system is asked for randomness once: each time another thread would take over."""
        where, random = place(tip, blob), os.urandom(KEY + 2 * NONCE)
        key, nonce, other = random[:KEY], random[KEY:-NONCE], random[-NONCE:]
        sealed = Box(key).seal(_padded(content), where, nonce)
        return SideRow(INSERT_BLOB, (tip, blob, Wrapped(self.epochs, key, other, where), sealed))

    def _opened(self, tip: UUID, blob: str) -> dict[str, Any]:
        try:
            return self._open(tip, blob)
        except FileNotFoundError:  # the epoch ended between looking up the row and opening it: the row has a new one
            return self._open(tip, blob)

    def _open(self, tip: UUID, blob: str) -> dict[str, Any]:
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT epoch, wrapped_key, sealed FROM vault.tip_blob WHERE tip = %s AND blob = %s", (tip, blob)
            )
            row = cursor.fetchone()
        if row is None:
            raise NotFound("线索内容不存在或已销毁")
        return self._unsealed(tip, blob, *row)

    def _unsealed(self, tip: UUID, blob: str, epoch: int, wrapped: Any, sealed: Any) -> dict[str, Any]:
        key = self.epochs.box(epoch).open(bytes(wrapped), place(tip, blob))
        return json.loads(Box(key).open(bytes(sealed), place(tip, blob)))


def _portions(sizes: list[tuple[UUID, str, int]]) -> Iterator[tuple[tuple[UUID, str], ...]]:
    """Names of blobs that are read at once: no more than PORTION bytes, but for one that is larger by itself."""
    names, total = list[tuple[UUID, str]](), 0
    for tip, blob, size in sizes:
        if names and total + size > PORTION:
            yield tuple(names)
            names, total = [], 0
        names.append((tip, blob))
        total += size
    if names:
        yield tuple(names)


def _padded(content: dict[str, Any]) -> bytes:
    """Its length tells only how many times 4,096 bytes it has."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    return plain + b" " * (-len(plain) % PADDING)
