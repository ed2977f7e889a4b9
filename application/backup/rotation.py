"""The folder of backups that make themselves: when the next one is due, and which have had their time. 备份轮换"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from application.backup.container import header_of
from application.platform.clock import SHANGHAI
from application.platform.failures import OperatorError

KEPT = 7
AT = time(2)  # in Shanghai
LEEWAY = timedelta(minutes=5)  # that the clock may have been ahead
NAME = re.compile(r"xiaohao-(\d{8}T\d{6}Z)\.backup", re.ASCII)
STAMP = "%Y%m%dT%H%M%SZ"


class KeptBackups:
    """Of one log. Other files in the folder, and backups of other logs, are neither counted nor removed."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.folder, self.origin = folder, origin

    def path_for(self, now: datetime) -> Path:
        return self.folder / f"xiaohao-{now.astimezone(UTC).strftime(STAMP)}.backup"

    def all(self) -> list[tuple[datetime, Path]]:
        """(made at, file), the oldest first. Raises OperatorError where the folder can't be read."""
        try:
            files = sorted(self.folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OperatorError(f"couldn't look for backups in {self.folder}: {error.strerror or error}") from None
        found = []
        for path in files:
            with suppress(OperatorError, ValueError):
                if NAME.fullmatch(path.name) and (header := header_of(path)).origin == self.origin:
                    found.append((datetime.fromisoformat(header.made_at), path))
        return sorted(found)

    def newest(self, now: datetime) -> datetime | None:
        """Made when; one from a time that has not come counts for nothing, or a wrong clock would end all backups."""
        return max((made for made, _ in self.all() if made <= now + LEEWAY), default=None)

    def is_due(self, now: datetime) -> bool:
        """Every day after two o'clock in Shanghai, or where the newest is older than a day."""
        newest = self.newest(now)
        return newest is None or newest < last_two_o_clock(now)

    def prune(self) -> list[Path]:
        """All but the newest seven go; which they were."""
        ended = [path for _, path in self.all()[:-KEPT]]
        for path in ended:
            path.unlink(missing_ok=True)
        return ended


def last_two_o_clock(now: datetime) -> datetime:
    here = now.astimezone(SHANGHAI)
    today = datetime.combine(here.date(), AT, SHANGHAI)
    return today if here >= today else today - timedelta(days=1)
