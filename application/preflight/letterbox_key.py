"""The commission's key for letters: which one it was when this home first saw it, and which one it is now. 接收公钥核对

The log does not know the key yet, so this holds whoever exchanges one file, and nobody who can write both of them: the
fingerprint on the commission's own paper decides.
"""

from __future__ import annotations

from typing import NamedTuple

from application.platform.home import Home
from application.vault.letterbox import Letterbox


class CommissionKey(NamedTuple):
    """SHA-256 of the public key, hex: `found` in the vault now, empty where nothing can be sealed to it, and `recorded`
    in instance.json, empty in a home from before it was.
    """

    found: str
    recorded: str
    is_there: bool

    @property
    def is_exchanged(self) -> bool:
        return bool(self.found and self.recorded and self.found != self.recorded)

    @property
    def is_right(self) -> bool:
        """As far as this home can tell."""
        return bool(self.found) and not self.is_exchanged


def letterbox_of(home: Home) -> Letterbox:
    return Letterbox(home.epochs.parent / "commission.pub")


def commission_key(home: Home) -> CommissionKey:
    """Raises OperatorError where instance.json can't be read."""
    letterbox = letterbox_of(home)
    return CommissionKey(letterbox.fingerprint, home.read().get("commission", ""), letterbox.path.exists())


def record_fingerprint(home: Home) -> None:
    """In a home that has none recorded, the one of the key that lies there: of it this is the first word. Raises OperatorError."""
    key = commission_key(home)
    if key.found and not key.recorded:
        home.describe(**home.read() | {"commission": key.found})
