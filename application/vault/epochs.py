"""Epoch keys: files outside the database and its backups; without them what the vault holds of tips is noise (§10.3)."""

from __future__ import annotations

from pathlib import Path

from application.vault.crypto import Box, new_key_file


class Epochs:
    """HOME/vault/epochs/<number>.key; the newest one wraps, every one that is left unwraps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._boxes: dict[int, Box] = {}

    @property
    def newest(self) -> int:
        numbers = [int(path.stem) for path in self.folder.glob("*.key")]
        if not numbers:
            new_key_file(self.folder / "1.key")
        return max(numbers, default=1)

    def box(self, number: int) -> Box:
        """Raises FileNotFoundError when the epoch was destroyed."""
        if number not in self._boxes:
            self._boxes[number] = Box((self.folder / f"{number}.key").read_bytes())
        return self._boxes[number]
