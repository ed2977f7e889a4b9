"""Rows of a list become tips: once each, through the ordinary command, with a sentence for every row. 导入线索"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from application.core.ledger import Ledger, Pending
from application.exchange import template
from application.exchange.batch import Batch, Outcome
from application.exchange.mapping import Mapping
from application.exchange.sheet import Sheet
from application.exchange.tip_rows import BadRow, Reader, Told
from application.tips.commands import RegisterTip
from application.tips.handlers import submit_tip
from application.tips.search import differing, plain
from domain.errors import Conflict, Refusal, Unavailable
from domain.values import Actor

UNDER_WAY = 512  # rows submitted and not yet answered
CHUNK = 1_000
REPEATED = "此前已登记，未重复登记"
DIFFERS = "编号已登记过，但内容与原先登记的不一致：未登记，原线索未改动；请核对编号，另有一事的请改用自己的编号再导入"


@dataclass(frozen=True)
class Found:
    """What a look at the rows found in those that can be read: by date format, by channel, from which day to which."""

    shapes: Counter[str]
    channels: Counter[str]
    first: date | None
    last: date | None
    accusing: int


class Import(Batch):
    """A list of tips: `look` says what `run` would do."""

    def __init__(self, ledger: Ledger, actor: Actor, sheet: Sheet, mapping: Mapping) -> None:
        super().__init__(ledger, actor, sheet)
        self.mapping = mapping = template.fitting(mapping, sheet)
        self.found = Found(Counter(), Counter(), None, None, 0)
        self._reader = Reader(sheet, mapping)

    def look(self) -> list[tuple[int, Told]]:
        """What a run would register; the rest have their outcomes already. Registers nothing."""
        told: list[tuple[int, Told, bytes]] = []
        for place, row in enumerate(self.sheet.rows):
            try:
                each = self._reader.read(row, self.ledger.today)
            except BadRow as bad:
                self.outcomes[place].sentence = str(bad)
                continue
            told.append((place, each, self._key(each)))
        self.found = _found([each for _, each, _ in told])
        return self._new(told)

    def _source(self, told: Told) -> str:
        """A sheet that names the channel of each row holds that channel's own numbers, as the form of registration does."""
        return told.channel if "channel" in self.mapping.columns else self.mapping.source

    def _key(self, told: Told) -> bytes:
        return self.ledger.vault.tips.source_key(self._source(told), told.number, told.text)

    def _new(self, told: list[tuple[int, Told, bytes]]) -> list[tuple[int, Told]]:
        """Of rows that say the same number, in the sheet or in the log, the first is the one that counts."""
        known: dict[bytes, UUID] = {}
        for start in range(0, len(told), CHUNK):
            known |= self.ledger.vault.tips.known_sources([key for *_, key in told[start : start + CHUNK]])
        first: dict[bytes, Told] = {}
        new, repeated = [], []
        for place, each, key in told:
            if key in known:
                repeated.append((place, known[key], each.text))
            elif key not in first:
                new.append((place, each))
            else:
                self._repeat(place, plain(first[key].text) != plain(each.text))
            first.setdefault(key, each)
        others = differing(self.ledger, self.actor, [(tip, text) for _, tip, text in repeated])
        for (place, *_), differs in zip(repeated, others, strict=True):
            self._repeat(place, differs)
        return new

    def _repeat(self, place: int, differs: bool) -> None:
        """A number that was registered with other words is no mere repetition: two matters, or one that went on."""
        self.outcomes[place] = Outcome(DIFFERS if differs else REPEATED, repeated=True, differs=differs)

    def run(self, progress: Callable[[], None] = lambda: None) -> None:
        """Register what is new. A run that was interrupted may be run again: nothing is registered twice."""
        new = self.look()
        for _ in range(len(self.sheet.rows) - len(new)):
            progress()
        if not new:
            return
        self.start(kind="tips", source=self.mapping.source, mapping_sha256=self.mapping.sha256)
        waiting: deque[tuple[int, Pending]] = deque()
        for place, told in new:
            if self.cut is not None:
                break
            waiting.append((place, submit_tip(self._command(place, told), self.ledger)))
            if len(waiting) >= UNDER_WAY:
                self._settle(*waiting.popleft())
                progress()
        for place, pending in waiting:
            self._settle(place, pending)
            progress()
        self.finish()

    def _command(self, place: int, told: Told) -> RegisterTip:
        return RegisterTip(
            id=uuid4(),
            actor=self.actor,
            channel=told.channel,
            received_on=told.received_on,
            text=told.text,
            reporter=told.reporter,
            contact=told.contact,
            accuses_official=told.accuses_official,
            against=told.against,
            source=self._source(told),
            number=told.number,
            batch=self.batch,
            row=self.sheet.numbers[place],
        )

    def _settle(self, place: int, pending: Pending) -> None:
        try:
            self.outcomes[place].position = pending.wait().first
        except Conflict:  # somebody imported it in the meantime
            self.outcomes[place] = Outcome(REPEATED, repeated=True)
        except Unavailable as refused:
            self.cut = refused
        except Refusal as refused:
            self.outcomes[place].sentence = str(refused)


def _found(told: list[Told]) -> Found:
    days = [each.received_on for each in told]
    return Found(
        Counter(each.shape for each in told),
        Counter(each.channel for each in told),
        min(days, default=None),
        max(days, default=None),
        sum(each.accuses_official for each in told),
    )
