"""A batch of imported tips or problems taken back by events that undo it, as far as nobody works on them yet. 撤回导入"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Ledger
from application.core.permissions import must_reach
from application.imports.imports import WithdrawImport
from application.problems.commands import VoidProblems
from application.tips.commands import WithdrawTips
from application.verifier.formats.entry import loads
from domain.base import Aggregate
from domain.errors import Conflict, RuleBroken
from domain.imports.import_ import Import
from domain.problems.actions import STATES as PROBLEM_STATES
from domain.problems.problem import Problem
from domain.text import official
from domain.tips.actions import STATES as TIP_STATES
from domain.tips.tip import Tip
from domain.values import CITY, Actor

GROUP = 200  # matters of one act: all of them or none; few enough that others hardly wait for the head of the log
PAGE = 2_000
TRIES = 5


class Kind(NamedTuple):
    """What a kind of import brings in, and by which event it goes again; by 中文 of its states, and of itself."""

    matter: type[Aggregate]
    entered: str
    undone: str
    states: Mapping[str, str]
    words: str
    undo: Callable[[Actor, tuple[UUID, ...], str], Command]


def _tips(actor: Actor, ids: tuple[UUID, ...], reason: str) -> Command:
    return WithdrawTips(id=uuid4(), actor=actor, tips=ids, reason=reason)


def _problems(actor: Actor, ids: tuple[UUID, ...], reason: str) -> Command:
    return VoidProblems(id=uuid4(), actor=actor, problems=ids, reason=reason)


KINDS = {
    "tips": Kind(Tip, "tip.registered", "tip.withdrawn", TIP_STATES, "线索", _tips),
    "ledger": Kind(Problem, "problem.opened", "problem.voided", PROBLEM_STATES, "问题", _problems),
}


class Registered(NamedTuple):
    """A matter of the batch: the row that it came from, and what was recorded of it last."""

    matter: UUID
    row: int
    topic: str


class Withdrawal:
    """Looks when it is made; `run` takes back what `open` lists. Raises NotFound, RuleBroken."""

    def __init__(self, ledger: Ledger, actor: Actor, batch: UUID, *, reason: str) -> None:
        self.ledger, self.actor, self.reason = ledger, actor, official("撤回理由", reason)
        self.batch = ledger.fetch(Import, batch)
        must_reach(actor, self.batch.unit or CITY)
        self.kind = KINDS[self.batch.kind]
        self.rows = self._rows()

    @property
    def open(self) -> list[Registered]:
        return [row for row in self.rows if row.topic == self.kind.entered]

    @property
    def withdrawn(self) -> int:
        return sum(row.topic == self.kind.undone for row in self.rows)

    @property
    def kept(self) -> list[tuple[int, str]]:
        """(row, sentence) of those that somebody works on."""
        kept = [row for row in self.rows if row.topic not in (self.kind.entered, self.kind.undone)]
        return [(one.row, self._kept(one.matter)) for one in kept]

    @property
    def sealed(self) -> int | None:
        """Rows that went to the commission (检举线索) and stay there: nothing here knows which; None if it was cut off."""
        return None if self.batch.registered is None else self.batch.registered - len(self.rows)

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Group after group, then the batch. One that was cut off is completed by running it again; twice is harmless."""
        waiting = self.open
        for start in range(0, len(waiting), GROUP):
            group = waiting[start : start + GROUP]
            self._withdraw([row.matter for row in group])
            progress(len(group))
        self.rows = self._with_topics([(row.matter, row.row) for row in self.rows])
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

    def _withdraw(self, ids: Sequence[UUID]) -> None:
        """Whoever takes up one of them meanwhile keeps it."""
        for tries_left in reversed(range(TRIES)):
            topics = self.ledger.table.last_topics(ids)
            untouched = tuple(one for one in ids if topics[one] == self.kind.entered)
            if not untouched:
                return
            try:
                self.ledger.handle(self.kind.undo(self.actor, untouched, self.reason))
                return
            except (Conflict, RuleBroken):
                if not tries_left:
                    raise

    def _rows(self) -> list[Registered]:
        """As the log tells: every matter that names the batch, between the batch's own first and last event."""
        found = []
        for payload in self._payloads():
            if payload["stream"] == str(self.batch.id):
                break
            if (source := payload["data"].get("import")) and source["batch"] == str(self.batch.id):
                found.append((UUID(payload["stream"]), source["row"]))
        return self._with_topics(found)

    def _payloads(self) -> Iterator[dict]:
        after, topics = self.ledger.table.first_position(self.batch.id), (self.kind.entered, "import.finished")
        while page := self.ledger.table.select_notifications(after, PAGE, topics=topics, inclusive_of_start=False):
            yield from (loads(one.state) for one in page)
            after = page[-1].id

    def _with_topics(self, found: Sequence[tuple[UUID, int]]) -> list[Registered]:
        topics = self.ledger.table.last_topics([matter for matter, _ in found])
        return [Registered(matter, row, topics[matter]) for matter, row in found]

    def _kept(self, matter: UUID) -> str:
        state = getattr(self.ledger.fetch(self.kind.matter, matter), "state", "")
        return f"此{self.kind.words}现为“{self.kind.states[state]}”，已在办理，不撤回"
