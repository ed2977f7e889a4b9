"""Read models as pure folds over keyed rows, versioned by log position. 读模型

A fold knows no SQL, no clock, no connection. Whoever runs it (catch_up on live tables, rebuild in memory) keeps `since` and
`until` for it: a row stands for the positions since <= P < until, and a row changed by one event has one version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from domain.recorded import Recorded

TYPES = {str: "text", int: "bigint", bool: "boolean", date: "date"}
Row = TypeVar("Row", bound=tuple)


@dataclass(frozen=True)
class Table:
    """The rows of one NamedTuple class: text, bigint, boolean and date columns, found by a text key.

    `append_only` tables take facts: their rows never end, and the fold cannot read them. `indexes` are column lists; those of
    other tables cover the present only.
    """

    name: str
    row: type[tuple]
    indexes: tuple[str, ...] = ()
    append_only: bool = False

    @cached_property
    def columns(self) -> dict[str, str]:
        return {name: _sql_type(hint) for name, hint in get_type_hints(self.row).items()}


def _sql_type(hint: Any) -> str:
    kinds = [kind for kind in (get_args(hint) or (hint,)) if kind is not type(None)]
    if len(kinds) != 1 or kinds[0] not in TYPES:
        raise TypeError(f"a column is text, bigint, boolean or date, not {hint}")
    return TYPES[kinds[0]]


Fold = Callable[["Rows", Recorded], None]


@dataclass(frozen=True)
class ReadModel:
    """One question's tables and the fold that fills them. A changed fold or table needs a new `version`.

    `folds` has a function for each topic; "*" is for every event.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    folds: Mapping[str, Fold]

    def project(self, rows: Rows, recorded: Recorded) -> None:
        fold = self.folds.get(recorded.topic) or self.folds.get("*")
        if fold is not None:
            fold(rows, recorded)


class Version(NamedTuple):
    """A row and the position that made it."""

    row: tuple
    since: int


class Rows:
    """What a fold sees: the rows as they stand after the event before, plus its own changes."""

    def __init__(self, kinds: Iterable[type[tuple]]) -> None:
        self.now: dict[type[tuple], dict[str, Version | None]] = {kind: {} for kind in kinds}
        self._changed: dict[tuple[type[tuple], str], tuple | None] = {}
        self._appended: list[tuple] = []

    def get(self, kind: type[Row], key: str) -> Row | None:
        if self._changed and (kind, key) in self._changed:
            return self._changed[kind, key]  # type: ignore[return-value]
        held = self.now[kind].get(key)
        if held is None:
            held = self._missing(kind, key)
        return held.row if held is not None else None  # type: ignore[return-value]

    def need(self, kind: type[Row], key: str) -> Row:
        """Like get. Raises LookupError if there is no such row: the log says something of a thing that never began."""
        row = self.get(kind, key)
        if row is None:
            raise LookupError(f"no {kind.__name__} {key}")
        return row

    def put(self, key: str, row: tuple) -> None:
        """Make `row` the row of its class at this key. An empty text is kept as None: no table can tell them apart."""
        self._changed[type(row), key] = _without_empty(row) if "" in row else row

    def change(self, kind: type[tuple], key: str, /, **columns: Any) -> None:
        self.put(key, self.need(kind, key)._replace(**columns))  # type: ignore[attr-defined]

    def drop(self, kind: type[tuple], key: str) -> None:
        self._changed[kind, key] = None

    def append(self, fact: tuple) -> None:
        """Add a row to an append-only table."""
        self._appended.append(_without_empty(fact) if "" in fact else fact)

    def settle(self, position: int) -> None:
        """All changes of the event at `position` become rows; nothing of them was seen by anybody before."""
        for (kind, key), row in self._changed.items():
            self._replace(kind, key, row, position)
        self._changed.clear()
        if self._appended:
            self._number(position)

    def _number(self, position: int) -> None:
        """Facts are numbered within their table, so that a model's rows don't depend on which others are folded with it."""
        counts: dict[type[tuple], int] = {}
        for fact in self._appended:
            number = counts[type(fact)] = counts.get(type(fact), -1) + 1
            self._keep(fact, f"{position}.{number}" if number else str(position), position)
        self._appended.clear()

    def forget_event(self) -> None:
        """The fold failed half-way: its changes never were."""
        self._changed.clear()
        self._appended.clear()

    def _missing(self, kind: type[tuple], key: str) -> Version | None:
        return None

    def _replace(self, kind: type[tuple], key: str, row: tuple | None, position: int) -> None:
        raise NotImplementedError

    def _keep(self, fact: tuple, key: str, position: int) -> None:
        raise NotImplementedError


def _without_empty(row: tuple) -> tuple:
    return type(row)(*(None if value == "" else value for value in row))


Sink = Callable[[type[tuple], tuple], None]


class MemoryRows(Rows):
    """Rows in memory. Versions and facts go to `sink(kind, (key, since, until, *columns))` as soon as they are final."""

    def __init__(self, kinds: Iterable[type[tuple]], sink: Sink) -> None:
        super().__init__(kinds)
        self.sink = sink

    def _replace(self, kind: type[tuple], key: str, row: tuple | None, position: int) -> None:
        now = self.now[kind]
        old = now.get(key)
        if old is not None:
            self.sink(kind, (key, old.since, position, *old.row))
        if row is not None:
            now[key] = Version(row, position)
        elif old is not None:
            del now[key]

    def _keep(self, fact: tuple, key: str, position: int) -> None:
        self.sink(type(fact), (key, position, None, *fact))

    def finish(self) -> None:
        """Hand over what stands at the end."""
        for kind, now in self.now.items():
            for key, held in now.items():
                if held is not None:
                    self.sink(kind, (key, held.since, None, *held.row))


def day(text: str | None) -> date | None:
    """The date of an ISO day in the log; None stays None. Raises ValueError."""
    return date.fromisoformat(text) if text is not None else None
