"""A town's own ledger (附件3) comes in: one row, one problem, entered after the fact with its paper. 台账补录"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

from application.core.command import Backfilled
from application.core.ledger import Ledger
from application.exchange.batch import Batch, Outcome
from application.exchange.mapping import BadMapping
from application.exchange.problem_rows import COLUMNS, UNREAD, ProblemReader
from application.exchange.sheet import Sheet
from application.exchange.tip_rows import BadRow
from application.problems.commands import Findings, OpenProblem
from application.problems.handlers import opened, source_key
from domain.base import public_id
from domain.errors import Conflict, Refusal, Unavailable
from domain.values import Actor

REPEATED = "此问题已在台账中，未重复入账"
OURS = "常物整〔"
PAPER = 200  # characters of the reference to the paper
SHAPE = sha256("\n".join(COLUMNS).encode()).hexdigest()


class Entry(NamedTuple):
    """A row that can be taken: its town, its number in the town's own ledger, what it says."""

    place: int
    town: str
    number: str
    findings: Findings

    @property
    def source(self) -> str:
        return f"台账/{self.town}"


class LedgerImport(Batch):
    """`paper` names the ledger that the rows were kept in. Raises BadMapping where a needed column is missing."""

    def __init__(self, ledger: Ledger, actor: Actor, sheet: Sheet, paper: str) -> None:
        super().__init__(ledger, actor, _without_footer(sheet))
        if missing := [head for head in COLUMNS if head not in sheet.heads and head not in UNREAD]:
            raise BadMapping(
                f"the sheet has no column {', '.join(missing)}; `xiaohao import template ledger` makes one"
            )
        self.paper = paper
        self._reader = ProblemReader(ledger, actor, sheet.heads)
        self._keys: set[bytes] = set()

    def look(self) -> list[Entry]:
        """What a run would open; the rest have their outcomes already. Writes nothing."""
        found = []
        for place, row in enumerate(self.sheet.rows):
            try:
                if (entry := self._read(place, self._reader.cells(row))) is not None:
                    found.append(entry)
                else:
                    self.outcomes[place] = Outcome(REPEATED, repeated=True)
            except (BadRow, Refusal) as bad:
                self.outcomes[place].sentence = str(bad)
        return found

    def run(self, progress: Callable[[], None] = lambda: None) -> None:
        """Open what is new. A run that was interrupted may be run again: nothing is opened twice."""
        entries = self.look()
        for _ in range(len(self.sheet.rows) - len(entries)):
            progress()
        if not entries:
            return
        self.start(kind="ledger", source=self.paper, mapping_sha256=SHAPE)
        for entry in entries:
            if self.cut is not None:
                break
            self._open(entry)
            progress()
        self.finish()

    def _read(self, place: int, cells: dict[str, str]) -> Entry | None:
        """None if it is in the ledger already. Raises BadRow, or the Refusal that opening it would meet."""
        number = cells["台账编号"]
        if number.startswith(OURS):
            if self.ledger.exists(public_id(self.ledger.origin, "problem", number)):
                return None
            raise BadRow(f"台账中没有编号“{number[:40]}”；编号由系统给出，新问题请留空或填写原台账编号")
        findings = self._reader.findings(cells, self.ledger.today)
        entry = Entry(place, self._reader.town(cells), number, findings)
        key = source_key(self.ledger, entry.source, number, findings)
        if key in self._keys or self.ledger.vault.tips.known_sources([key]):
            return None
        opened(findings, self.ledger, self.actor, today=findings.found_on, beside=[])
        self._keys.add(key)
        return entry

    def _open(self, entry: Entry) -> None:
        act = OpenProblem(
            id=uuid4(),
            actor=self.actor,
            findings=entry.findings,
            occurred_on=_claimed(entry.findings.found_on, self.ledger.today),
            backfilled=Backfilled(f"{self.paper} {entry.number}".strip()[:PAPER], entry.town),
            source=entry.source,
            number=entry.number,
            batch=self.batch,
            row=self.sheet.numbers[entry.place],
        )
        try:
            self.outcomes[entry.place].position = self.ledger.handle(act).position
        except Conflict:  # somebody imported it in the meantime
            self.outcomes[entry.place] = Outcome(REPEATED, repeated=True)
        except Unavailable as refused:
            self.cut = refused
        except Refusal as refused:
            self.outcomes[entry.place].sentence = str(refused)


def _claimed(found_on: date, today: date) -> date | None:
    """A day is claimed only where it is another than the log's own."""
    return found_on if found_on != today else None


def _without_footer(sheet: Sheet) -> Sheet:
    """The export's last line says what the list was made from; a line with 序号 only is no problem either."""
    own = [place for place, head in enumerate(sheet.heads) if head in COLUMNS]
    kept = [n for n, row in enumerate(sheet.rows) if any(row[place].strip() for place in own)]
    return replace(sheet, rows=[sheet.rows[n] for n in kept], numbers=[sheet.numbers[n] for n in kept])
