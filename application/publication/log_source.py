"""The log with its key directory, as publishing, fsck and restoring read it. 日志来源"""

from __future__ import annotations

from typing import Any

from application.core.ledger import Ledger
from application.log.log_rows import LogRows
from application.verifier.rules.authority import key_directory


class LogReader(LogRows):
    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger.table.database)
        self.ledger = ledger

    def keys(self) -> dict[str, dict[str, Any]]:
        """The key directory (keys.json)."""
        return key_directory(self.ledger.authority())
