"""How a foreign list is to be read: which column is what, in a TOML file that an official can write. Pure. 导入映射"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from domain.days import is_meant
from domain.tips.tip import CHANNELS

FIELDS = ("number", "received_at", "channel", "sender", "contact", "text", "accuses_official", "against")
NEEDED = ("text", "received_at")
MEMBERS = {"source", "channel", "sheet", "columns", "dates"}
REAL_DAYS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")  # how a cell that Excel itself knows as a day is read
SAMPLE = datetime(2001, 12, 3, 14, 5, 6)  # noqa: DTZ001 (only its shape counts)


class BadMapping(ValueError):
    """`couldn't use the mapping: …`"""


@dataclass(frozen=True)
class Mapping:
    """`columns`: field → heads, joined by a line feed; `dates`: strptime formats, all tried; `channel`: where a row has none."""

    source: str
    channel: str | None
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
        columns = _columns(found)
        channel = channel or found.get("channel")
        if channel not in CHANNELS and not (channel is None and "channel" in columns):
            raise BadMapping(f"channel must be one of {', '.join(CHANNELS)}, not {channel!r}")
        if not isinstance(found.get("source"), str) or not found["source"].strip():
            raise BadMapping("source must name where the numbers come from")
        if not isinstance(found.get("sheet", ""), str):
            raise BadMapping("sheet must be the name of a sheet")
        return cls(found["source"], channel, columns, _dates(found), found.get("sheet"), sha256(raw).hexdigest())

    @property
    def heads(self) -> list[str]:
        """Every column that it names."""
        return [head for heads in self.columns.values() for head in heads]

    def days(self, told: str) -> dict[date, str]:
        """Every day that this text may mean, with the format that says so."""
        found: dict[date, str] = {}
        for shape in dict.fromkeys((*self.dates, *REAL_DAYS)):
            try:
                day = datetime.strptime(told, shape).date()  # noqa: DTZ007 (only the day is kept)
            except ValueError:
                continue
            if is_meant(day):
                found.setdefault(day, shape)
        return found


def _dates(found: dict[str, Any]) -> tuple[str, ...]:
    dates = found.get("dates")
    if not isinstance(dates, list) or not dates or not all(isinstance(each, str) for each in dates):
        raise BadMapping("dates must list at least one format, like %Y-%m-%d")
    for shape in dates:
        try:
            told = datetime.strptime(SAMPLE.strftime(shape), shape)  # noqa: DTZ007
        except ValueError as error:
            raise BadMapping(f"dates has a format that can't be used: {shape} ({error})") from None
        if told.date() != SAMPLE.date():
            raise BadMapping(f"dates has a format that doesn't say year, month and day: {shape}")
    return tuple(dates)


def _columns(found: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    columns = found.get("columns")
    if not isinstance(columns, dict):
        raise BadMapping("[columns] is missing")
    if unknown := columns.keys() - set(FIELDS):
        raise BadMapping(f"[columns] knows {', '.join(FIELDS)}, not {', '.join(sorted(unknown))}")
    if missing := set(NEEDED) - columns.keys():
        raise BadMapping(f"[columns] must say where to find {', '.join(sorted(missing))}")
    heads = {field: tuple(name) if isinstance(name, list) else (name,) for field, name in columns.items()}
    if not all(names and all(isinstance(name, str) and name for name in names) for names in heads.values()):
        raise BadMapping("every column is named by the text at its head")
    return heads
