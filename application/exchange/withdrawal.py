"""A batch of imported tips taken back by events that undo it, as far as nobody works on them yet. 撤回导入"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from application.core.ledger import Ledger
from application.core.permissions import must_reach
from application.imports.imports import WithdrawImport
from application.tips.commands import WithdrawTips
from application.verifier.formats.entry import loads
from domain.errors import Conflict, RuleBroken
from domain.imports.import_ import Import
from domain.text import official
from domain.tips.actions import STATES
from domain.tips.tip import Tip
from domain.values import CITY, Actor

GROUP = 200  # tips of one act: all of them or none; few enough that others hardly wait for the head of the log
PAGE = 2_000
TRIES = 5


class Registered(NamedTuple):
    """A tip of the batch: the row that it came from, and what was recorded of it last."""

    tip: UUID
    row: int
    topic: str


class Withdrawal:
    """Looks when it is made; `run` takes back what `open` lists. Raises NotFound, RuleBroken."""

    def __init__(self, ledger: Ledger, actor: Actor, batch: UUID, *, reason: str) -> None:
        self.ledger, self.actor, self.reason = ledger, actor, official("撤回理由", reason)
        self.batch = ledger.fetch(Import, batch)
        must_reach(actor, self.batch.unit or CITY)
        if self.batch.kind != "tips":
            raise RuleBroken("这批是台账补录，不能整批撤回；请逐件更正问题登记")
        self.rows = self._rows()

    @property
    def open(self) -> list[Registered]:
        return [row for row in self.rows if row.topic == "tip.registered"]

    @property
    def withdrawn(self) -> int:
        return sum(row.topic == "tip.withdrawn" for row in self.rows)

    @property
    def kept(self) -> list[tuple[int, str]]:
        """(row, sentence) of the tips that somebody works on."""
        kept = [row for row in self.rows if row.topic not in ("tip.registered", "tip.withdrawn")]
        return [(one.row, self._kept(one.tip)) for one in kept]

    @property
    def sealed(self) -> int | None:
        """Rows that went to the commission (检举线索) and stay there: nothing here knows which; None if it was cut off."""
        return None if self.batch.registered is None else self.batch.registered - len(self.rows)

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Group after group, then the batch. One that was cut off is completed by running it again; twice is harmless."""
        waiting = self.open
        for start in range(0, len(waiting), GROUP):
            group = waiting[start : start + GROUP]
            self._withdraw([row.tip for row in group])
            progress(len(group))
        self.rows = self._with_topics([(row.tip, row.row) for row in self.rows])
        if not self.batch.withdrawn:
            done = WithdrawImport(
                id=uuid4(),
                actor=self.actor,
                batch=self.batch.id,
                reason=self.reason,
                withdrawn=self.withdrawn,
                kept=len(self.rows) - self.withdrawn,
            )
            self.ledger.handle(done)

    def _withdraw(self, tips: Sequence[UUID]) -> None:
        """Whoever takes up one of them meanwhile keeps it."""
        for tries_left in reversed(range(TRIES)):
            topics = self.ledger.table.last_topics(tips)
            untouched = tuple(tip for tip in tips if topics[tip] == "tip.registered")
            if not untouched:
                return
            act = WithdrawTips(id=uuid4(), actor=self.actor, tips=untouched, reason=self.reason)
            try:
                self.ledger.handle(act)
                return
            except (Conflict, RuleBroken):
                if not tries_left:
                    raise

    def _rows(self) -> list[Registered]:
        """As the log tells: every tip that names the batch, between the batch's own first and last event."""
        found = []
        for payload in self._payloads():
            if payload["stream"] == str(self.batch.id):
                break
            if (source := payload["data"].get("import")) and source["batch"] == str(self.batch.id):
                found.append((UUID(payload["stream"]), source["row"]))
        return self._with_topics(found)

    def _payloads(self) -> Iterator[dict]:
        after, topics = self.ledger.table.first_position(self.batch.id), ("tip.registered", "import.finished")
        while page := self.ledger.table.select_notifications(after, PAGE, topics=topics, inclusive_of_start=False):
            yield from (loads(one.state) for one in page)
            after = page[-1].id

    def _with_topics(self, found: Sequence[tuple[UUID, int]]) -> list[Registered]:
        topics = self.ledger.table.last_topics([tip for tip, _ in found])
        return [Registered(tip, row, topics[tip]) for tip, row in found]

    def _kept(self, tip: UUID) -> str:
        return f"此线索现为“{STATES[self.ledger.fetch(Tip, tip).state]}”，已在办理，不撤回"
