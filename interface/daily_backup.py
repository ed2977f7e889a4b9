"""Backups of a running instance: on demand, and by themselves every day after two o'clock. 定时备份"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import structlog

from application.backup.paper_key import PaperKey
from application.backup.rotation import KeptBackups
from application.backup.write import BackedUp, Backup
from application.platform.home import writing
from interface.bootstrap import Services, owned

log = structlog.get_logger()


def written(made: Services, path: Path, now: datetime) -> BackedUp:
    """A backup of this instance in a new file. Raises OperatorError."""
    vkeys = [str(vkey) for vkey in made.publisher.keys.vkeys]
    with owned(made.logins) as database:
        secrets, epochs = made.vault.people.secrets, made.vault.tips.epochs
        return Backup(made.home, database, secrets, epochs, made.keys.service, vkeys).write(path, now)


class DailyBackup:
    """The job of `serve` and `worker`; without a paper key there is nothing that a backup could be sealed to."""

    def __init__(self, made: Services) -> None:
        self.made, self.key = made, PaperKey(made.home.keys / "backup.pub")

    def run_if_due(self, now: datetime | None = None) -> BackedUp | None:
        """None where it is not due. Older backups go only once the new one stands. Raises OperatorError."""
        moment = now or datetime.now(UTC)
        if not self.key.exists:
            return None
        kept = KeptBackups(self.made.home.backups, self.made.origin)
        if not kept.is_due(moment):
            return None
        with writing(kept.folder):
            kept.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        done = written(self.made, kept.path_for(moment), moment)
        removed = kept.prune()
        log.info("backed up", size=done.size, bytes=done.bytes, removed=len(removed))
        return done


def newest_of(made: Services) -> datetime | None:
    """When the newest backup in the instance's folder was made. Raises OperatorError."""
    return KeptBackups(made.home.backups, made.origin).newest(datetime.now(UTC))
