"""How a foreign list is to be read: which column is what, in a TOML file that an official can write. Pure. 导入映射"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from hashlib import sha256

from domain.tips.tip import CHANNELS

FIELDS = {"number", "text", "sender", "contact", "received_at", "accuses_official"}
NEEDED = {"text", "received_at"}
MEMBERS = {"source", "channel", "sheet", "columns", "dates"}


class BadMapping(ValueError):
    """`couldn't use the mapping: …`"""


@dataclass(frozen=True)
class Mapping:
    """`columns`: field → heads, joined by a line feed; `dates`: strptime formats, tried in order."""

    source: str
    channel: str
    columns: dict[str, tuple[str, ...]]
    dates: tuple[str, ...]
    sheet: str | None
    sha256: str

    @classmethod
    def parse(cls, raw: bytes, *, channel: str | None = None) -> Mapping:
        """Raises BadMapping; `channel` wins over the file's."""
        try:
            found = tomllib.loads(raw.decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadMapping(f"it is not TOML: {error}") from None
        if unknown := found.keys() - MEMBERS:
            raise BadMapping(f"it has members that mean nothing here: {', '.join(sorted(unknown))}")
        channel = channel or found.get("channel")
        if channel not in CHANNELS:
            raise BadMapping(f"channel must be one of {', '.join(CHANNELS)}, not {channel!r}")
        if not isinstance(found.get("source"), str) or not found["source"].strip():
            raise BadMapping("source must name where the numbers come from")
        dates = found.get("dates")
        if not isinstance(dates, list) or not dates or not all(isinstance(each, str) for each in dates):
            raise BadMapping("dates must list at least one format, like %Y-%m-%d")
        return cls(found["source"], channel, _columns(found), tuple(dates), found.get("sheet"), sha256(raw).hexdigest())


def _columns(found: dict) -> dict[str, tuple[str, ...]]:
    columns = found.get("columns")
    if not isinstance(columns, dict):
        raise BadMapping("[columns] is missing")
    if unknown := columns.keys() - FIELDS:
        raise BadMapping(f"[columns] knows {', '.join(sorted(FIELDS))}, not {', '.join(sorted(unknown))}")
    if missing := NEEDED - columns.keys():
        raise BadMapping(f"[columns] must say where to find {', '.join(sorted(missing))}")
    heads = {field: tuple([name] if isinstance(name, str) else name) for field, name in columns.items()}
    if not all(isinstance(name, str) and name for names in heads.values() for name in names):
        raise BadMapping("every column is named by the text at its head")
    return heads
