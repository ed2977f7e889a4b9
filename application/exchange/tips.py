"""Rows of a list become tips: once each, through the ordinary command, with a sentence for every row. 导入线索"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from application.exchange.mapping import BadMapping, Mapping
from application.exchange.sheet import Sheet
from application.imports import FinishImport, StartImport
from application.ledger import Ledger, Pending
from application.tips import LONGEST, RegisterTip, submit_tip
from domain.errors import Conflict, Refusal
from domain.text import INVISIBLE
from domain.values import Actor

UNDER_WAY = 512  # rows submitted and not yet answered
CHUNK = 1_000
REPEATED = "此前已登记，未重复登记"
YES, NO = {"是", "1", "true", "yes", "y"}, {"", "否", "0", "false", "no", "n"}


class BadRow(ValueError):
    """A sentence in 中文 for the row's 错误信息."""


@dataclass(frozen=True)
class Told:
    """What a row says."""

    number: str
    text: str
    reporter: str
    contact: str
    received_on: date
    accuses_official: bool


@dataclass
class Outcome:
    """What became of a row: position in the log, or `repeated`, or a sentence why not."""

    sentence: str = ""
    position: int | None = None
    repeated: bool = False

    @property
    def refused(self) -> bool:
        return bool(self.sentence) and not self.repeated


class Reader:
    """Reads rows by a mapping. Raises BadMapping if the sheet lacks a column that it names."""

    def __init__(self, sheet: Sheet, mapping: Mapping) -> None:
        places = {head: place for place, head in reversed(list(enumerate(sheet.heads)))}
        named = [head for heads in mapping.columns.values() for head in heads]
        if missing := [head for head in named if head not in places]:
            raise BadMapping(f"the sheet has no column {', '.join(missing)}; it has {', '.join(sheet.heads)}")
        self.places = {field: [places[head] for head in heads] for field, heads in mapping.columns.items()}
        self.dates = mapping.dates

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
        accuses = cells.get("accuses_official", "").casefold()
        if accuses not in YES | NO:
            raise BadRow(f"“是否反映公职人员”应为是或否，现为“{accuses[:20]}”")
        received_on = self._day(cells["received_at"], today)
        number, sender, contact = (cells.get(field, "") for field in ("number", "sender", "contact"))
        return Told(number, text, sender, contact, received_on, accuses in YES)

    def _day(self, told: str, today: date) -> date:
        for shape in self.dates:
            try:
                day = datetime.strptime(told, shape).date()  # noqa: DTZ007 (only the day is kept)
            except ValueError:
                continue
            if day > today:
                raise BadRow(f"收到日期 {day.isoformat()} 晚于今天")
            return day
        raise BadRow(f"收到日期“{told[:30]}”无法识别或不存在，请核对后再导入")


def clean(cell: str) -> str:
    """Without control characters; tabs and blanks run together, lines without blanks around them."""
    plain = INVISIBLE.sub(" ", cell.replace("\r", "\n"))
    return re.sub(r"\n+", "\n", re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", re.sub(r"[^\S\n]+", " ", plain))).strip()


class Import:
    """One file on its way in. After `run`, `outcomes` has one for each row, in the sheet's order."""

    def __init__(self, ledger: Ledger, actor: Actor, sheet: Sheet, mapping: Mapping) -> None:
        self.ledger, self.actor, self.sheet, self.mapping = ledger, actor, sheet, mapping
        self.batch = uuid4()
        self.outcomes = [Outcome() for _ in sheet.rows]
        self._reader = Reader(sheet, mapping)

    def look(self) -> list[tuple[int, Told]]:
        """What a run would register; the rest have their outcomes already. Writes nothing."""
        told: list[tuple[int, Told, bytes]] = []
        for number, row in enumerate(self.sheet.rows):
            try:
                each = self._reader.read(row, self.ledger.today)
            except BadRow as bad:
                self.outcomes[number].sentence = str(bad)
                continue
            told.append((number, each, self._key(each)))
        return self._new(told)

    def _key(self, told: Told) -> bytes:
        return self.ledger.vault.tips.source_key(self.mapping.source, told.number, told.text)

    def _new(self, told: list[tuple[int, Told, bytes]]) -> list[tuple[int, Told]]:
        seen: set[bytes] = set()
        for start in range(0, len(told), CHUNK):
            seen |= self.ledger.vault.tips.known_sources([key for *_, key in told[start : start + CHUNK]]).keys()
        new = []
        for number, each, key in told:
            if key in seen:
                self.outcomes[number] = Outcome(REPEATED, repeated=True)
            else:
                new.append((number, each))
            seen.add(key)
        return new

    def run(self, progress: Callable[[], None] = lambda: None) -> None:
        """Register what is new. A run that was interrupted may be run again: nothing is registered twice."""
        new = self.look()
        for _ in range(len(self.sheet.rows) - len(new)):
            progress()
        if not new:
            return
        self._start()
        waiting: deque[tuple[int, Pending]] = deque()
        for number, told in new:
            waiting.append((number, submit_tip(self._command(number, told), self.ledger)))
            if len(waiting) >= UNDER_WAY:
                self._settle(*waiting.popleft())
                progress()
        for number, pending in waiting:
            self._settle(number, pending)
            progress()
        self._finish()

    def _command(self, number: int, told: Told) -> RegisterTip:
        return RegisterTip(
            id=uuid4(),
            actor=self.actor,
            channel=self.mapping.channel,
            received_on=told.received_on,
            text=told.text,
            reporter=told.reporter,
            contact=told.contact,
            accuses_official=told.accuses_official,
            source=self.mapping.source,
            number=told.number,
            batch=self.batch,
            row=number + 2,  # as the sheet counts: its heads are row 1
        )

    def _settle(self, number: int, pending: Pending) -> None:
        try:
            self.outcomes[number].position = pending.wait().position
        except Conflict:  # somebody imported it in the meantime
            self.outcomes[number] = Outcome(REPEATED, repeated=True)
        except Refusal as refused:
            self.outcomes[number].sentence = str(refused)

    def _start(self) -> None:
        start = StartImport(
            id=uuid4(),
            actor=self.actor,
            batch=self.batch,
            kind="tips",
            source=self.mapping.source,
            file_sha256=self.sheet.sha256,
            mapping_sha256=self.mapping.sha256,
            rows=len(self.sheet.rows),
        )
        self.ledger.handle(start)

    def _finish(self) -> None:
        counts = self.counts
        finish = FinishImport(id=uuid4(), actor=self.actor, batch=self.batch, **counts)
        self.ledger.handle(finish)

    @property
    def counts(self) -> dict[str, int]:
        """Rows registered, repeated and refused."""
        return {
            "registered": sum(outcome.position is not None for outcome in self.outcomes),
            "repeated": sum(outcome.repeated for outcome in self.outcomes),
            "refused": sum(outcome.refused for outcome in self.outcomes),
        }
