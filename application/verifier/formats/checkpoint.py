"""检查点: the size and root of the log in text (C2SP tlog-checkpoint). Signing and signatures are in `note`. Pure.

A log of ours writes no extension lines, and none are accepted: an ML-DSA-44 cosignature would not cover them.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from application.verifier.formats.merkle import HASH

LARGEST_SIZE = 2**63 - 1  # what readers with signed 64-bit numbers can hold


class NotACheckpoint(ValueError):
    """The text is no checkpoint of ours, or not spelled the one way it is written."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Raises NotACheckpoint unless `text` is exactly what `text` of the result gives back."""
        try:
            origin, size, root, rest = text.split("\n")
            parsed = cls(origin, int(size[:20]), b64decode(root))
        except (ValueError, NotBase64):
            raise NotACheckpoint("not a checkpoint") from None
        if rest or not origin or len(parsed.root) != HASH or not 0 <= parsed.size <= LARGEST_SIZE:
            raise NotACheckpoint("not a checkpoint: origin, size or root is out of range")
        if parsed.text != text:
            raise NotACheckpoint("the checkpoint is not spelled canonically")
        return parsed
