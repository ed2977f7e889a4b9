"""What whoever asks a verifier brings: keys, hashes and files, read strictly. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from application.verifier.formats.note import NotANote, Vkey

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LARGEST = 1 << 26  # bytes of a file that the asker gives
HASH = re.compile(r"[0-9a-fA-F]{64}")


class Unusable(ValueError):
    """A question that can't be asked: an option or a file of the asker's is not what it must be."""


def vkeys_of(given: Sequence[str]) -> list[Vkey]:
    """Each is a key, or @FILE with one on each line. Raises Unusable, OSError."""
    return [vkey for text in given for vkey in (_vkeys_in(Path(text[1:])) if text.startswith("@") else [_vkey(text)])]


def _vkey(text: str) -> Vkey:
    try:
        return Vkey.parse(text)
    except NotANote as error:
        hint = f"; for the keys in a file write @{text}" if Path(text).is_file() else ""
        raise Unusable(f"{error}{hint}") from None


def _vkeys_in(path: Path) -> list[Vkey]:
    lines = [line.strip() for line in content(path).decode(errors="replace").splitlines() if line.strip()]
    try:
        found = [Vkey.parse(line) for line in lines]
    except NotANote as error:
        raise Unusable(f"{path} must hold one key on each line: {error}") from None
    if not found:
        raise Unusable(f"{path} is empty: it must hold one key on each line")
    return found


def genesis_of(text: str | None) -> str | None:
    if text is not None and HASH.fullmatch(text.strip()) is None:
        raise Unusable("--genesis is a hash of 64 hex digits")
    return text.strip() if text is not None else None


def seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if (match := re.fullmatch(r"([0-9]{1,9})([smhd])", text)) is None:
        raise Unusable("--max-age is a number with s, m, h or d, like 24h")
    return int(match[1]) * UNITS[match[2]]


def content(path: Path) -> bytes:
    with path.open("rb") as file:
        read = file.read(LARGEST + 1)
    if len(read) > LARGEST:
        raise Unusable(f"{path} is too large: whatever is asked for here has at most {LARGEST} bytes")
    return read
