"""Everything that may not be in the log: tips' words, people, evidence; and who read what. 保密库"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from pathlib import Path

from application.log.append_batch import SideRow
from application.platform.database import Database
from application.vault.crypto import Secrets
from application.vault.epochs import Epochs
from application.vault.letterbox import Letterbox
from application.vault.people import People
from application.vault.second_factors import SecondFactors
from application.vault.tips import TipVault
from domain.errors import NotFound
from domain.values import Actor

INSERT_READING = "INSERT INTO vault.access (actor, unit, what, why) VALUES %s"
INSERT_FILE = "INSERT INTO vault.file (sha256, media_type, bytes) VALUES %s ON CONFLICT DO NOTHING"


def newest_epoch(database: Database) -> int:
    """The highest number of an epoch that the vault knows; 0 before the first."""
    with database.cursor() as cursor:
        cursor.execute("SELECT greatest(oldest, (SELECT max(epoch) FROM vault.tip_blob)) FROM vault.epoch")
        return cursor.fetchone()[0]


def reading(actor: Actor, *, what: str, why: str) -> SideRow:
    """A row of the record of readings that is written with an event, in its transaction."""
    return SideRow(INSERT_READING, (actor.id, actor.unit, what, why))


class Vault:
    """`folder` is HOME/vault: the epoch keys and the commission's public key."""

    def __init__(self, database: Database, secrets: Secrets, folder: Path) -> None:
        self.database = database
        self.letterbox = Letterbox(folder / "commission.pub")
        epochs = Epochs(folder / "epochs", partial(newest_epoch, database))
        self.tips = TipVault(database, secrets, epochs, self.letterbox)
        self.people = People(database, secrets)
        self.second_factors = SecondFactors(database, secrets)

    def record_access(self, actor: Actor, *, what: str, why: str) -> None:
        """Every reading is recorded before it happens; the table only grows."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO vault.access (actor, unit, what, why) VALUES (%s, %s, %s, %s)",
                (actor.id, actor.unit, what, why),
            )

    @staticmethod
    def keep_file(content: bytes, media_type: str) -> tuple[dict[str, str | int], SideRow]:
        """What the log says of officials' evidence, and the row that holds it. EXIF must be off already."""
        digest = sha256(content).hexdigest()
        member: dict[str, str | int] = {"sha256": digest, "size": len(content), "media_type": media_type}
        return member, SideRow(INSERT_FILE, (digest, media_type, content))

    def file(self, digest: str) -> tuple[str, bytes]:
        """(media type, bytes) of a piece of evidence."""
        with self.database.cursor() as cursor:
            cursor.execute("SELECT media_type, bytes FROM vault.file WHERE sha256 = %s", (digest,))
            row = cursor.fetchone()
        if row is None:
            raise NotFound("没有这个附件")
        return row[0], bytes(row[1])
