"""What one row of a list says, by a mapping; or a sentence why it can't be taken. 逐行核对"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from application.exchange.mapping import BadMapping, Mapping
from application.exchange.sheet import Sheet
from application.tips.handlers import LONGEST
from domain import data
from domain.text import INVISIBLE
from domain.tips.tip import CHANNELS, EARLIEST

YES, NO = {"是", "1", "true", "yes", "y"}, {"", "否", "0", "false", "no", "n"}
NUMBER = 200  # characters
UNITS = {
    name: unit["code"]
    for unit in data.read("units")
    if unit["kind"] in ("town", "department")
    for name in (unit["code"], unit["name"], unit["short_name"])
}
CODES = {**{word.casefold(): code for code, word in CHANNELS.items()}, **{code: code for code in CHANNELS}}


class BadRow(ValueError):
    """A sentence in 中文 for the row's 错误信息."""


@dataclass(frozen=True)
class Told:
    """What a row says; `shape` is the date format that read its day."""

    number: str
    text: str
    reporter: str
    contact: str
    channel: str
    received_on: date
    accuses_official: bool
    against: str
    shape: str


class Reader:
    """Reads rows by a mapping. Raises BadMapping if the sheet lacks a column that it names, or has it twice."""

    def __init__(self, sheet: Sheet, mapping: Mapping) -> None:
        if missing := [head for head in mapping.heads if head not in sheet.heads]:
            raise BadMapping(
                f"the sheet has no column {', '.join(missing)}; it has {', '.join(filter(None, sheet.heads))}"
            )
        if twice := [head for head in mapping.heads if sheet.heads.count(head) > 1]:
            raise BadMapping(f"the sheet has more than one column {', '.join(twice)}; give each a name of its own")
        self.places = {field: [sheet.heads.index(head) for head in heads] for field, heads in mapping.columns.items()}
        self.mapping = mapping

    def read(self, row: tuple[str, ...], today: date) -> Told:
        """Raises BadRow."""
        cells = {
            field: "\n".join(filter(None, (clean(row[place]) for place in places)))
            for field, places in self.places.items()
        }
        if not (text := cells["text"]):
            raise BadRow("没有内容")
        if len(text) > LONGEST:
            raise BadRow(f"内容有 {len(text)} 字，最多 {LONGEST} 字")
        number, sender, contact = (cells.get(field, "") for field in ("number", "sender", "contact"))
        if len(number) > NUMBER:
            raise BadRow(f"编号有 {len(number)} 字，最多 {NUMBER} 字，请核对是否错列")
        accuses = cells.get("accuses_official", "").casefold()
        if accuses not in YES | NO:
            raise BadRow(f"“是否反映公职人员”应为是或否，现为“{accuses[:20]}”")
        if (against := cells.get("against", "")) and against not in UNITS:
            raise BadRow(f"“被反映的单位”应为镇（街道）或部门的名称，没有的留空，现为“{against[:20]}”")
        channel = self._channel(cells.get("channel", ""))
        received_on, shape = self._day(cells["received_at"], today)
        return Told(number, text, sender, contact, channel, received_on, accuses in YES, UNITS.get(against, ""), shape)

    def _channel(self, told: str) -> str:
        channel = CODES.get(told.casefold()) if told else self.mapping.channel
        if channel is None:
            raise BadRow(f"线索来源应为{'、'.join(CHANNELS.values())}之一，现为“{told[:20]}”")
        return channel

    def _day(self, told: str, today: date) -> tuple[date, str]:
        if not told:
            raise BadRow("没有填写收到日期，请写成 2026-03-01 这样")
        days = self.mapping.days(told)
        if not days:
            raise BadRow(f"收到日期“{told[:30]}”无法识别或不存在，请写成 2026-03-01 这样")
        if len(days) > 1:
            raise BadRow(f"收到日期“{told}”可读作 {' 或 '.join(map(str, days))}，请写成 2026-03-01 这样")
        [(day, shape)] = days.items()
        if day > today:
            raise BadRow(f"收到日期 {day.isoformat()} 晚于今天")
        if day < EARLIEST:
            raise BadRow(f"收到日期 {day.isoformat()} 早于 {EARLIEST.year} 年，请核对")
        return day, shape


def clean(cell: str) -> str:
    """Without control characters; tabs and blanks run together, lines without blanks around them."""
    plain = INVISIBLE.sub(" ", cell.replace("\r", "\n"))
    return re.sub(r"\n+", "\n", re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", re.sub(r"[^\S\n]+", " ", plain))).strip()
