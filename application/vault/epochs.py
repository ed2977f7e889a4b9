"""Epoch keys: files outside the database and its backups; without them what the vault holds of tips is noise (§10.3)."""

from __future__ import annotations

from pathlib import Path

from application.vault.crypto import Box, new_key_file


class Epochs:
    """HOME/vault/epochs/<number>.key; the newest one wraps, every one that is left unwraps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._boxes: dict[int, Box] = {}
        self._newest, self._looked_at = 0, 0

    @property
    def newest(self) -> int:
        """The first one is made when it is first needed. Another process may have rolled: the folder's time tells."""
        changed = self.folder.stat().st_mtime_ns if self.folder.exists() else 0
        if not self._newest or changed != self._looked_at:
            numbers = [int(path.stem) for path in self.folder.glob("*.key")]
            if not numbers:
                new_key_file(self.folder / "1.key")
            self._newest, self._looked_at = max(numbers, default=1), changed
        return self._newest

    def box(self, number: int) -> Box:
        """Raises FileNotFoundError when the epoch was destroyed."""
        if number not in self._boxes:
            self._boxes[number] = Box((self.folder / f"{number}.key").read_bytes())
        return self._boxes[number]
