"""One file on its way in: what became of each row, and the events around the rows. 导入批次"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from application.core.ledger import Ledger
from application.exchange.sheet import Sheet
from application.imports.imports import FinishImport, StartImport
from domain.errors import Unavailable
from domain.values import Actor


@dataclass
class Outcome:
    """What became of a row: position in the log, or `repeated` (and whether it `differs` from then), or a sentence why not."""

    sentence: str = ""
    position: int | None = None
    repeated: bool = False
    differs: bool = False

    @property
    def refused(self) -> bool:
        return bool(self.sentence) and not self.repeated


class Batch:
    """`outcomes` has one for each row, in the sheet's order."""

    def __init__(self, ledger: Ledger, actor: Actor, sheet: Sheet) -> None:
        self.ledger, self.actor, self.sheet = ledger, actor, sheet
        self.batch = uuid4()
        self.outcomes = [Outcome() for _ in sheet.rows]
        self.cut: Unavailable | None = None  # why the run ended before its last row

    def start(self, *, kind: str, source: str, mapping_sha256: str) -> None:
        start = StartImport(
            id=uuid4(),
            actor=self.actor,
            batch=self.batch,
            kind=kind,
            source=source,
            file_sha256=self.sheet.sha256,
            mapping_sha256=mapping_sha256,
            rows=len(self.sheet.rows),
        )
        self.ledger.handle(start)

    def finish(self) -> None:
        """Where the run was cut short the batch stays open, and rows without an outcome get the reason."""
        if self.cut is not None:
            for place, outcome in enumerate(self.outcomes):
                if outcome == Outcome():
                    self.outcomes[place] = Outcome(str(self.cut))
            return
        self.ledger.handle(FinishImport(id=uuid4(), actor=self.actor, batch=self.batch, **self.counts))

    @property
    def counts(self) -> dict[str, Any]:
        """Rows registered, repeated and refused."""
        return {
            "registered": sum(outcome.position is not None for outcome in self.outcomes),
            "repeated": sum(outcome.repeated for outcome in self.outcomes),
            "refused": sum(outcome.refused for outcome in self.outcomes),
        }

    @property
    def sentences(self) -> dict[int, str]:
        """By number of the row, what is said of it."""
        return {number: outcome.sentence for number, outcome in self._numbered if outcome.sentence}

    @property
    def refused(self) -> list[int]:
        """Numbers of the rows that can't be taken."""
        return [number for number, outcome in self._numbered if outcome.refused]

    @property
    def differing(self) -> list[int]:
        """Numbers of the rows that were there already, with other words."""
        return [number for number, outcome in self._numbered if outcome.differs]

    @property
    def _numbered(self) -> list[tuple[int, Outcome]]:
        return list(zip(self.sheet.numbers, self.outcomes, strict=True))
